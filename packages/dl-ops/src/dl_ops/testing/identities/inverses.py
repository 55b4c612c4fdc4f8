"""What undoes what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from hypothesis import strategies as st

from dl_ops import ops
from dl_ops.testing.identities.arguments import SEEDS, Arguments, arrays, images, numbers, with_axis, with_order
from dl_ops.testing.identities.identity import Identity

# there and back, and the numbers that it holds for
ELEMENTWISE: Final[Mapping[str, tuple[Callable[[Any], Any], float, float]]] = {
    "exp, log": (lambda x: ops.log(ops.exp(x)), -5.0, 5.0),
    "exp2, log2": (lambda x: ops.log2(ops.exp2(x)), -5.0, 5.0),
    "log10, power": (lambda x: ops.power(10.0, ops.log10(x)), 0.1, 90.0),
    "expm1, log1p": (lambda x: ops.log1p(ops.expm1(x)), -2.0, 2.0),
    "sqrt, square": (lambda x: ops.square(ops.sqrt(x)), 0.0, 9.0),
    "square, sqrt": (lambda x: ops.sqrt(ops.square(x)), 0.0, 9.0),
    "cbrt, power": (lambda x: ops.power(ops.cbrt(x), 3), -9.0, 9.0),
    "reciprocal": (lambda x: ops.reciprocal(ops.reciprocal(x)), 0.1, 9.0),
    "negative": (lambda x: ops.negative(ops.negative(x)), -9.0, 9.0),
    "sin, arcsin": (lambda x: ops.arcsin(ops.sin(x)), -1.5, 1.5),
    "cos, arccos": (lambda x: ops.arccos(ops.cos(x)), 0.1, 3.0),
    "tan, arctan": (lambda x: ops.arctan(ops.tan(x)), -1.5, 1.5),
    "sinh, arcsinh": (lambda x: ops.arcsinh(ops.sinh(x)), -3.0, 3.0),
    "cosh, arccosh": (lambda x: ops.arccosh(ops.cosh(x)), 0.1, 3.0),
    "tanh, arctanh": (lambda x: ops.arctanh(ops.tanh(x)), -2.0, 2.0),
    "erfinv, erf": (lambda x: ops.erf(ops.erfinv(x)), -0.9, 0.9),
    "deg2rad, rad2deg": (lambda x: ops.rad2deg(ops.deg2rad(x)), -400.0, 400.0),
    "sigmoid, log_sigmoid": (lambda x: ops.log_sigmoid(x) - ops.log_sigmoid(-x), -5.0, 5.0),
    "sin, cos, arctan2": (lambda x: ops.arctan2(ops.sin(x), ops.cos(x)), -3.0, 3.0),
    "polar, angle": (lambda x: ops.angle(ops.polar(ops.exp(x), x)), -3.0, 3.0),
    "conj, angle": (lambda x: ops.angle(ops.conj(ops.polar(ops.exp(x), -x))), -3.0, 3.0),
    "polar, real": (lambda x: ops.real(ops.polar(x, ops.zeros_like(x))), 0.0, 3.0),
    "view as integers": (lambda x: ops.view(ops.view(x, "int64"), "float64"), -3.0, 3.0),
    "floor and the rest": (lambda x: ops.floor_divide(x, 0.7) * 0.7 + ops.mod(x, 0.7), -9.0, 9.0),
    "sign and absolute": (lambda x: ops.sign(x) * ops.abs(x), -9.0, 9.0),
    "trunc and fmod": (lambda x: ops.trunc(x) + ops.fmod(x, 1.0), -9.0, 9.0),
    "positive and negative part": (lambda x: ops.relu(x) - ops.relu(-x), -9.0, 9.0),
    "shrunk and clipped": (lambda x: ops.soft_shrink(x, 0.5) + ops.clip(x, -0.5, 0.5), -2.0, 2.0),
}
INTEGERS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "bitwise_not": lambda x, y: ops.bitwise_not(ops.bitwise_not(x)),
    "bitwise_xor": lambda x, y: ops.bitwise_xor(ops.bitwise_xor(x, y), y),
    "bits in common and not": lambda x, y: ops.bitwise_or(
        ops.bitwise_and(x, y), ops.bitwise_and(x, ops.bitwise_not(y))
    ),
    "shifts": lambda x, y: ops.right_shift(ops.left_shift(x, 3), 3),
    "floor_divide, mod": lambda x, y: ops.floor_divide(x, 7) * 7 + ops.mod(x, 7),
    "gcd of multiples": lambda x, y: ops.sign(x) * ops.gcd(x * 6, x * 35),
}


@st.composite
def permuted(draw: st.DrawFn) -> Arguments:
    """An array and an order of its axes."""
    (x,) = draw(arrays())
    return x, draw(st.permutations(range(x.ndim)))


@st.composite
def rolled(draw: st.DrawFn) -> Arguments:
    """An array, by how much to roll it, and along which axes."""
    x, axis = draw(with_axis())
    return draw(
        st.sampled_from(
            [(x, 3, axis), (x, -2, None), (x, (1,) * x.ndim, tuple(range(x.ndim))), (x, (1, 2), (axis,) * 2)]
        )
    )


@st.composite
def divided(draw: st.DrawFn) -> Arguments:
    """An array, an axis, and where to cut it, which may be outside."""
    x, axis = draw(with_axis())
    return x, axis, sorted(draw(st.lists(st.integers(0, x.shape[axis] + 1), max_size=3)))


@st.composite
def signals(draw: st.DrawFn) -> Arguments:
    """Signals, and lengths of windows that cover them, and strides."""
    length, stride = 2 * draw(st.integers(2, 4)), draw(st.integers(1, 2))
    (x,) = draw(arrays(ranks=(0, 2), least=1))
    seed, count = draw(SEEDS), draw(st.integers(length, 3 * length))
    return numbers(seed, (*x.shape, count), -2.0, 2.0), length, stride, length + draw(st.integers(0, 3))


def _undone(name: str, arguments: Any, function: Callable[..., Any], tolerance: float = 1.0) -> Identity:
    """The result is the first argument."""
    return Identity(f"undone: {name}", arguments, lambda x, *rest: (function(x, *rest), x), tolerance)


def _back_transposed(x: Any, order: list[int]) -> Any:
    return ops.transpose(ops.transpose(x, order), [order.index(i) for i in range(len(order))])


def _back_rolled(x: Any, shift: Any, axis: Any) -> Any:
    back = tuple(-n for n in shift) if isinstance(shift, tuple) else -shift
    return ops.roll(ops.roll(x, shift, axis), back, axis)


def _summed_differences(x: Any, axis: int) -> Any:
    before = ops.zeros_like(ops.take(x, np.zeros(1, "int32"), axis)) if x.shape[axis] else x
    return ops.cumsum(ops.diff(ops.concatenate([before, x], axis), 1, axis), axis)


def _raveled(places: Any) -> Any:
    i, j, k = places
    return (i * 4 + j) * 5 + k


def _start(x: Any, like: Any) -> Any:
    return x[tuple(slice(n) for n in like.shape)]


INVERSES: Final = [
    *(_undone(name, arrays(1, low, high), function) for name, (function, low, high) in ELEMENTWISE.items()),
    *(_undone(name, arrays(2, -1000, 1000), function) for name, function in INTEGERS.items()),
    _undone("transpose", permuted(), _back_transposed),
    _undone("moveaxis", with_axis(), lambda x, axis: ops.moveaxis(ops.moveaxis(x, axis, 0), 0, axis)),
    _undone("swapaxes", with_axis(), lambda x, axis: ops.swapaxes(ops.swapaxes(x, axis, 0), 0, axis)),
    _undone("flip", with_axis(), lambda x, axis: ops.flip(ops.flip(x, axis), axis)),
    _undone("rot90", arrays(ranks=(2, 3)), lambda x: ops.rot90(ops.rot90(x, 3), 1)),
    _undone("roll", rolled(), _back_rolled),
    _undone("ravel, reshape", arrays(), lambda x: ops.reshape(ops.ravel(x), tuple(x.shape))),
    _undone("expand_dims, squeeze", with_axis(), lambda x, axis: ops.squeeze(ops.expand_dims(x, axis), axis)),
    _undone("split, concatenate", divided(), lambda x, axis, cuts: ops.concatenate(ops.split(x, cuts, axis), axis)),
    _undone("array_split", with_axis(), lambda x, axis: ops.concatenate(ops.array_split(x, 3, axis), axis)),
    _undone("unstack, stack", with_axis(least=1), lambda x, axis: ops.stack(ops.unstack(x, axis=axis), axis)),
    _undone("append, slice", arrays(2, ranks=(1, 3)), lambda x, y: _start(ops.append(x, y, 0), x)),
    _undone("pad, slice", arrays(), lambda x: ops.slice(ops.pad(x, [(2, 1)] * x.ndim), [2] * x.ndim, tuple(x.shape))),
    _undone(
        "repeat", with_axis(), lambda x, axis: ops.take(ops.repeat(x, 3, axis), np.arange(x.shape[axis]) * 3, axis)
    ),
    _undone("tile", arrays(ranks=(1, 3)), lambda x: _start(ops.split(ops.tile(x, [3] * x.ndim), 3)[1], x)),
    _undone(
        "take, argsort",
        with_order(),
        lambda x, axis, order: ops.take(ops.take(x, order, axis), ops.argsort(order), axis),
    ),
    _undone(
        "depth_to_space",
        images(channels=8, spatial=(2, 2)),
        lambda x: ops.space_to_depth(ops.depth_to_space(x, 2), 2),
    ),
    _undone(
        "rearrange",
        arrays(ranks=(3, 3), least=1),
        lambda x: ops.rearrange(ops.rearrange(x, "a b c -> (c a) b"), "(c a) b -> a b c", a=x.shape[0]),
    ),
    _undone("unravel_index", arrays(1, 0, 60), lambda i: _raveled(ops.unravel_index(i, (3, 4, 5)))),
    _undone("slice_update", arrays(2), lambda x, y: ops.slice_update(y, [0] * x.ndim, x)),
    _undone("view of halves", arrays(ranks=(1, 3)), lambda x: ops.view(ops.view(x, "int32"), "float64")),
    _undone(
        "view_as_complex",
        arrays(),
        lambda x: ops.view_as_real(ops.view_as_complex(ops.stack([x, -x], -1)))[..., 0],
    ),
    _undone("one_hot, argmax", arrays(1, 0, 5), lambda x: ops.argmax(ops.one_hot(x, 5), -1)),
    _undone("cumsum, diff", with_axis(), lambda x, axis: _summed_differences(x, axis)),
    _undone("fft2, ifft2", arrays(ranks=(2, 3), least=1), lambda x: ops.ifft2(ops.fft2((x, 2 * x)))[0]),
    _undone("rfft, irfft", arrays(ranks=(1, 3), least=1), lambda x: ops.irfft(ops.rfft(x), x.shape[-1])),
    _undone(
        "fft twice is backwards",
        arrays(ranks=(1, 3), least=1),
        lambda x: ops.roll(ops.flip(ops.fft(ops.fft((x, -x)))[0], -1), 1, -1) / x.shape[-1],
    ),
    _undone(
        "stft, istft",
        signals(),
        lambda x, length, stride, fft_length: ops.istft(
            ops.stft(x, length, stride, fft_length), length, stride, fft_length, x.shape[-1]
        ),
    ),
    _undone(
        "rgb_to_hsv",
        images(1, 0.0, 1.0, channels=3, spatial=(2, 2)),
        lambda x: ops.image.hsv_to_rgb(ops.image.rgb_to_hsv(x, "channels_last"), "channels_last"),
    ),
]
