"""What identities draw their arguments from: small arrays of any shape, empty ones too, and axes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, mutually_broadcastable_shapes

from dl_ops.typing import Array

Arguments = tuple[Any, ...]
SEEDS = st.integers(0, 999)


def numbers(seed: int, shape: tuple[int, ...], low: float, high: float) -> Array:
    """Random numbers in float64, between integers if the bounds are."""
    random = np.random.default_rng(seed)
    if isinstance(low, int):
        return random.integers(low, int(high), shape, dtype="int32")
    return random.uniform(low, high, shape)


@st.composite
def arrays(
    draw: st.DrawFn,
    count: int = 1,
    low: float = -2.0,
    high: float = 2.0,
    *,
    ranks: tuple[int, int] = (0, 3),
    least: int = 0,
) -> Arguments:
    """Arrays of one shape; of integers below `high` if `low` is one."""
    shape = draw(array_shapes(min_dims=ranks[0], max_dims=ranks[1], min_side=least, max_side=4))
    seed = draw(SEEDS)
    return tuple(numbers(seed + i, shape, low, high) for i in range(count))


@st.composite
def with_axis(draw: st.DrawFn, /, count: int = 1, **options: Any) -> Arguments:
    """Arrays of one shape, and one of their axes."""
    found = draw(arrays(count, **{"ranks": (1, 3), **options}))
    return *found, draw(st.integers(-found[0].ndim, found[0].ndim - 1))


@st.composite
def with_axes(draw: st.DrawFn, /, count: int = 1, **options: Any) -> Arguments:
    """Arrays of one shape, and what reductions take for an axis."""
    found = draw(arrays(count, **options))
    rank = found[0].ndim
    if not rank:
        return *found, None
    one = st.integers(-rank, rank - 1)
    several = st.sets(st.integers(0, rank - 1), min_size=1).map(tuple)
    return *found, draw(st.none() | one | several)


@st.composite
def with_order(draw: st.DrawFn, /, **options: Any) -> Arguments:
    """An array, one of its axes, and that axis's indices in another order."""
    x, axis = draw(with_axis(**options))
    return x, axis, np.random.default_rng(draw(SEEDS)).permutation(x.shape[axis]).astype("int32")


@st.composite
def broadcastable(draw: st.DrawFn, count: int, low: float = 0.5, high: float = 3.0) -> Arguments:
    """Arrays that broadcast."""
    shapes = draw(mutually_broadcastable_shapes(num_shapes=count, max_dims=3, min_side=0, max_side=3)).input_shapes
    seed = draw(SEEDS)
    return tuple(numbers(seed + i, shape, low, high) for i, shape in enumerate(shapes))


@st.composite
def matrices(draw: st.DrawFn, *columns: int) -> Arguments:
    """Batches of well-conditioned square matrices, and of matrices of as many rows with other numbers of columns."""
    batch = draw(array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=2)) if draw(st.booleans()) else ()
    n, seed = draw(st.integers(1, 4)), draw(SEEDS)
    square = numbers(seed, (*batch, n, n), -1.0, 1.0) + 3 * np.eye(n)
    return square, *(numbers(seed + i, (*batch, n, k), -2.0, 2.0) for i, k in enumerate(columns, 1))


@st.composite
def products(draw: st.DrawFn, count: int = 1) -> Arguments:
    """Matrices of one shape, and one that they can be multiplied with, batches of which may broadcast."""
    batches = draw(mutually_broadcastable_shapes(num_shapes=2, max_dims=2, min_side=0, max_side=2)).input_shapes
    n, k, m = (draw(st.integers(0, 3)) for _ in range(3))
    seed = draw(SEEDS)
    left = tuple(numbers(seed + i, (*batches[0], n, k), -2.0, 2.0) for i in range(count))
    return *left, numbers(seed + count, (*batches[1], k, m), -2.0, 2.0)


@st.composite
def images(
    draw: st.DrawFn,
    count: int = 1,
    low: float = -2.0,
    high: float = 2.0,
    *,
    channels: int | None = None,
    spatial: tuple[int, int] = (1, 3),
    sizes: tuple[int, int] = (1, 6),
) -> Arguments:
    """Batches of images of one shape, of one to three spatial axes; channels last."""
    pixels = draw(st.lists(st.integers(*sizes), min_size=spatial[0], max_size=spatial[1]))
    shape = (draw(st.integers(1, 2)), *pixels, channels or draw(st.integers(1, 3)))
    seed = draw(SEEDS)
    return tuple(numbers(seed + i, shape, low, high) for i in range(count))


@st.composite
def convolved(draw: st.DrawFn, count: int = 1, *, transposed: bool = False) -> Arguments:
    """Images of one shape, a kernel that fits in them, and options of a convolution."""
    rank, inputs, outputs, seed = (draw(st.integers(1, high)) for high in (3, 3, 3, 999))
    sizes = [draw(st.integers(1, 3)) for _ in range(rank)]
    strides, dilation = ([draw(st.integers(1, 2)) for _ in range(rank)] for _ in range(2))
    if draw(st.booleans()):
        strides = [1] * rank
    else:
        dilation = [1] * rank
    reach = [(n - 1) * d + 1 for n, d in zip(sizes, dilation, strict=True)]
    pixels = [draw(st.integers(1 if transposed else n, n + 3)) for n in reach]
    kernel = (*sizes, *((outputs, inputs) if transposed else (inputs, outputs)))
    found = tuple(numbers(seed + i, (1, *pixels, inputs), -2.0, 2.0) for i in range(count))
    options = {"strides": tuple(strides), "dilation_rate": tuple(dilation)}
    if not transposed:
        options["padding"] = draw(st.sampled_from(["valid", "same"]))
    return *found, numbers(seed + count, kernel, -1.0, 1.0), options
