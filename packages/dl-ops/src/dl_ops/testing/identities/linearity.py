"""Ops that are linear, and those that are each other's transpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from dl_ops import ops
from dl_ops.testing.identities.arguments import (
    SEEDS,
    Arguments,
    arrays,
    convolved,
    images,
    matrices,
    numbers,
    products,
    with_axes,
    with_axis,
)
from dl_ops.testing.identities.identity import Identity


def linear(name: str, arguments: SearchStrategy[Arguments], function: Callable[..., Any]) -> Identity:
    """A function is linear in its first argument; two arrays are drawn for it."""

    def sides(x: Any, y: Any, *rest: Any) -> tuple[Any, Any]:
        return function(2 * x - 3 * y, *rest), 2 * function(x, *rest) - 3 * function(y, *rest)

    return Identity(f"{name} is linear", arguments, sides)


def inner(x: Any, y: Any) -> Any:
    """Inner product of two tensors of one shape."""
    assert tuple(x.shape) == tuple(y.shape), f"{x.shape} and {y.shape}"
    return ops.sum(x * y)


@st.composite
def segments(draw: st.DrawFn, count: int = 2) -> Arguments:
    """Rows of one shape, the segment of each, and how many segments there are."""
    found = draw(arrays(count, ranks=(1, 3)))
    segments = draw(st.integers(1, 4))
    return *found, numbers(draw(SEEDS), found[0].shape[:1], 0, segments), segments


@st.composite
def taken(draw: st.DrawFn) -> Arguments:
    """Rows, as many others, and which of the former the latter are."""
    x, rows = draw(arrays(ranks=(1, 3), least=1))[0], draw(st.integers(0, 5))
    seed = draw(SEEDS)
    return x, numbers(seed, (rows, *x.shape[1:]), -2.0, 2.0), numbers(seed + 1, (rows,), 0, len(x))


@st.composite
def patched(draw: st.DrawFn) -> Arguments:
    """Images, channels first, columns of patches of them, and options of `unfold`."""
    kernel = draw(st.tuples(*[st.integers(1, 3)] * 2))
    dilation, padding, stride = draw(st.integers(1, 2)), draw(st.integers(0, 2)), draw(st.integers(1, 2))
    reach = [dilation * (k - 1) + 1 for k in kernel]
    pixels = [draw(st.integers(max(n - 2 * padding, 1), n + 4)) for n in reach]
    counts = [(n + 2 * padding - r) // stride + 1 for n, r in zip(pixels, reach, strict=True)]
    channels, seed = draw(st.integers(1, 2)), draw(SEEDS)
    columns = (1, channels * kernel[0] * kernel[1], counts[0] * counts[1])
    options = {"kernel_size": kernel, "dilation": dilation, "padding": padding, "stride": stride}
    return numbers(seed, (1, channels, *pixels), -2.0, 2.0), numbers(seed + 1, columns, -2.0, 2.0), options


@st.composite
def convolution_and_its_transpose(draw: st.DrawFn) -> Arguments:
    """Images, what a convolution makes of them, and its kernel and options."""
    y, kernel, options = draw(convolved(transposed=True))
    reach = [(n - 1) * d + 1 for n, d in zip(kernel.shape, options["dilation_rate"], strict=False)]
    plan = zip(y.shape[1:-1], options["strides"], reach, strict=True)
    pixels = [(n - 1) * stride + max(n_reach, stride) for n, stride, n_reach in plan]
    return numbers(draw(SEEDS), (1, *pixels, kernel.shape[-2]), -2.0, 2.0), y, kernel, options


PHOTOS: Final = images(2, spatial=(2, 2), sizes=(2, 6))
SIZES: Final = st.tuples(*[st.integers(1, 8)] * 2)
METHODS: Final = st.sampled_from(["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"])


def _resized() -> SearchStrategy[Arguments]:
    drawn = st.tuples(images(2, spatial=(2, 2)), SIZES, METHODS, st.booleans())
    # what is smaller and nearest can't be antialiased
    return drawn.map(lambda found: (*found[0], found[1], found[2], found[3] and found[2] != "nearest"))


LINEARITY: Final = [
    linear("sum", with_axes(2), ops.sum),
    linear("mean", with_axes(2, least=1), ops.mean),
    linear("cumsum", with_axis(2), ops.cumsum),
    linear("diff", with_axis(2), lambda x, axis: ops.diff(x, 1, axis)),
    linear("second diff", with_axis(2, least=3), lambda x, axis: ops.diff(x, 2, axis)),
    linear("trapezoid", with_axis(2, least=1), lambda x, axis: ops.trapezoid(x, axis=axis)),
    linear("trace", arrays(2, ranks=(2, 3)), ops.trace),
    linear("diagonal", arrays(2, ranks=(2, 3)), lambda x: ops.diagonal(x, 1, -1, -2)),
    linear("tril", arrays(2, ranks=(2, 3)), lambda x: ops.tril(x, -1)),
    linear("pad", arrays(2), lambda x: ops.pad(x, [(1, 2)] * x.ndim)),
    linear("reflecting pad", arrays(2, least=3, ranks=(1, 3)), lambda x: ops.pad(x, [(2, 1)] * x.ndim, "reflect")),
    linear("matmul", products(2), ops.matmul),
    linear("einsum", products(2), lambda x, y: ops.einsum("...ij,...jk->...ik", x, y)),
    linear("tensordot", products(2), lambda x, y: ops.tensordot(x, y, [[-1], [-2]])),
    linear("kron", arrays(3, ranks=(2, 2)), ops.kron),
    linear("solve", matrices(2, 2).map(lambda found: (found[1], found[2], found[0])), lambda b, a: ops.solve(a, b)),
    linear("rfft", arrays(2, ranks=(1, 3), least=1), lambda x: ops.stack(ops.rfft(x))),
    linear("fft", arrays(2, ranks=(1, 3), least=1), lambda x: ops.stack(ops.fft((x, -x)))),
    linear("fft2", arrays(2, ranks=(2, 3), least=1), lambda x: ops.stack(ops.fft2((x, 2 * x)))),
    linear("correlate", arrays(3, ranks=(1, 1), least=1), lambda x, y: ops.correlate(x, y, "full")),
    linear("segment_sum", segments(), ops.segment_sum),
    linear("take", with_axis(2, least=1), lambda x, axis: ops.take(x, [[0, -1]], axis)),
    linear("conv", convolved(2), lambda x, kernel, options: ops.conv(x, kernel, **options)),
    linear(
        "conv in its kernel",
        convolved().map(lambda found: (found[1], found[1][::-1] ** 2, found[0], found[2])),
        lambda kernel, x, options: ops.conv(x, kernel, **options),
    ),
    linear("depthwise_conv", convolved(2), lambda x, kernel, options: ops.depthwise_conv(x, kernel, **options)),
    linear(
        "conv_transpose",
        convolved(2, transposed=True),
        lambda x, kernel, options: ops.conv_transpose(x, kernel, **options),
    ),
    linear("average_pool", images(2), lambda x: ops.average_pool(x, 2, 1, "same")),
    linear("adaptive_average_pool", images(2, sizes=(3, 6)), lambda x: ops.adaptive_average_pool(x, 3)),
    linear(
        "resize",
        _resized(),
        lambda x, size, method, antialias: ops.image.resize(x, size, method, antialias, data_format="channels_last"),
    ),
    linear("gaussian_blur", PHOTOS, lambda x: ops.image.gaussian_blur(x, data_format="channels_last")),
    linear("sobel_edges", PHOTOS, lambda x: ops.image.sobel_edges(x, "channels_last")),
    linear("extract_patches", PHOTOS, lambda x: ops.image.extract_patches(x, 2, padding="same")),
    linear(
        "map_coordinates",
        arrays(3, ranks=(2, 2), least=1),
        lambda x, y: ops.image.map_coordinates(x, ops.stack([y, y - 0.5]), 1, "nearest"),
    ),
    Identity(
        "fold is the transpose of unfold",
        patched(),
        lambda x, y, options: (
            inner(ops.unfold(x, **options), y),
            inner(x, ops.fold(y, tuple(x.shape[2:]), **options)),
        ),
    ),
    Identity(
        "conv_transpose is the transpose of conv",
        convolution_and_its_transpose(),
        lambda x, y, kernel, options: (
            inner(ops.conv(x, kernel, **options), y),
            inner(x, ops.conv_transpose(y, kernel, **options)),
        ),
    ),
    Identity(
        "scattering is the transpose of taking",
        taken(),
        lambda x, y, i: (
            inner(ops.take(x, i, 0), y),
            inner(x, ops.scatter(ops.expand_dims(i, -1), y, tuple(x.shape))),
        ),
    ),
    Identity(
        "scatter_update adds what scatter does",
        taken(),
        lambda x, y, i: (
            ops.scatter_update(x, ops.expand_dims(i, -1), y, "add"),
            x + ops.scatter(ops.expand_dims(i, -1), y, tuple(x.shape)),
        ),
    ),
    Identity(
        "segment_sum is scatter",
        taken(),
        lambda x, y, i: (
            ops.segment_sum(y, i, len(x)),
            ops.scatter(ops.expand_dims(i, -1), y, tuple(x.shape)),
        ),
    ),
]
