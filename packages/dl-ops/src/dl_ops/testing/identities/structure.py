"""What the shapes of arguments do not change: broadcasting, layouts, batches; windows that only copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from hypothesis import strategies as st

from dl_ops import ops
from dl_ops.op import Op, registry
from dl_ops.rules import broadcast, same
from dl_ops.testing.identities.arguments import Arguments, arrays, broadcastable, images, with_axis
from dl_ops.testing.identities.identity import Identity

INTEGERS_ONLY: Final = ("bitwise", "gcd", "lcm", "ldexp", "left_shift", "right_shift")
# their shape rule is that of element-wise ops, but they are not, or take more than tensors
OTHERWISE: Final = ("where", "lerp", "threshold", "normalize", "empty_like", "full_like", "cast", "saturate_cast")
# functions of one array that vectorized_map may take, named by what they are of
MAPPED: Final[Mapping[str, Callable[..., Any]]] = {
    **{
        name: getattr(ops, name)
        for name in ("sum", "cumsum", "sort", "softmax", "flip", "argmax", "logsumexp", "ravel")
    },
    **{name: getattr(ops, name) for name in ("exp", "relu", "round", "square", "var", "max", "transpose")},
    "matmul": lambda x: ops.matmul(ops.swapaxes(x, -1, -2), x),
    "top_k": lambda x: ops.top_k(x, 1),
    "einsum": lambda x: ops.einsum("ij,kj->ik", x, x),
    "where": lambda x: ops.where(x > 0, x, 2 * x),
    "take": lambda x: ops.take(x, [0, 0], axis=-1),
    "concatenate": lambda x: ops.concatenate([x, x], 0),
    "reshape": lambda x: ops.reshape(x, (-1,)),
    "quantile": lambda x: ops.quantile(x, 0.3, 0),
    "pad": lambda x: ops.pad(x, 1),
    "svd": lambda x: ops.svd(x, compute_uv=False),
    "conv": lambda x: ops.conv(x[None], ops.ones((1, x.shape[-1], 2), x.dtype)),
}


def _is_of_integers(op: Op) -> bool:
    return op.name.startswith(INTEGERS_ONLY)


def broadcasting(op: Op) -> Identity:
    """Broadcasting operands first changes nothing."""

    def sides(*xs: Any) -> tuple[Any, Any]:
        shape = np.broadcast_shapes(*(tuple(x.shape) for x in xs))
        return op.public(*xs), op.public(*(ops.broadcast_to(x, shape) for x in xs))

    low, high = (1, 6) if _is_of_integers(op) else (0.5, 3.0)
    return Identity(f"{op.name} broadcasts", broadcastable(2, low, high), sides)


def elementwise(op: Op) -> Identity:
    """An op of each element does not mind the order of axes, and gives of a part what is that part of the whole."""

    def sides(x: Any) -> tuple[Any, Any]:
        y = op.public(x)
        return [op.public(ops.transpose(x)), op.public(ops.ravel(x)), op.public(x[..., ::2])], [
            ops.transpose(y),
            ops.ravel(y),
            y[..., ::2],
        ]

    low, high = (-5, 6) if _is_of_integers(op) else (-2.0, 2.0)
    return Identity(f"{op.name} is element-wise", arrays(1, low, high, ranks=(1, 3)), sides)


def mapped(name: str, function: Callable[..., Any]) -> Identity:
    """Mapped over rows, a function gives what it gives for each."""

    def sides(x: Any) -> tuple[Any, Any]:
        rows = [function(row) for row in x]
        together = (
            [ops.stack(row) for row in zip(*rows, strict=True)] if isinstance(rows[0], tuple) else ops.stack(rows)
        )
        return list_of(ops.vectorized_map(function, x)), together

    return Identity(f"{name} mapped", arrays(ranks=(3, 3), least=1), sides)


def list_of(y: Any) -> Any:
    """A tuple as a list."""
    return list(y) if isinstance(y, tuple) else y


@st.composite
def chosen(draw: st.DrawFn) -> Arguments:
    """Truth values and two arrays that broadcast with them."""
    x, y, z = draw(broadcastable(3))
    return x > 1.5, y, z


def _windowed(x: Any) -> tuple[Any, Any]:
    rank, channels = x.ndim - 2, x.shape[-1]
    middle = np.zeros((3,) * rank + (channels, channels))
    middle[(1,) * rank] = np.eye(channels)
    each = np.zeros((3,) * rank + (channels, 1))
    each[(1,) * rank] = 1.0
    found = [
        ops.conv(x, middle, padding="same"),
        ops.conv_transpose(x, middle, padding="same"),
        ops.depthwise_conv(x, each, padding="same"),
        ops.separable_conv(x, each, np.eye(channels).reshape((1,) * rank + (channels, channels)), padding="same"),
        ops.max_pool(x, (1,) * rank, (1,) * rank),
        ops.average_pool(x, (1,) * rank, (1,) * rank),
    ]
    return found, [x] * len(found)


def _first(x: Any) -> tuple[Any, Any]:
    """Channels first or last."""
    rank, channels = x.ndim - 2, x.shape[-1]
    kernel = np.arange(float(2**rank * channels * 2)).reshape((2,) * rank + (channels, 2))
    moved = ops.moveaxis(x, -1, 1)
    last, first = "channels_last", "channels_first"
    found = [
        ops.conv(moved, kernel, padding="same", data_format=first),
        ops.depthwise_conv(moved, kernel, padding="same", data_format=first),
        ops.max_pool(moved, (2,) * rank, (1,) * rank, "same", data_format=first),
        ops.average_pool(moved, (2,) * rank, (2,) * rank, "same", data_format=first),
    ]
    return [ops.moveaxis(y, 1, -1) for y in found], [
        ops.conv(x, kernel, padding="same", data_format=last),
        ops.depthwise_conv(x, kernel, padding="same", data_format=last),
        ops.max_pool(x, (2,) * rank, (1,) * rank, "same", data_format=last),
        ops.average_pool(x, (2,) * rank, (2,) * rank, "same", data_format=last),
    ]


def _attended(x: Any, y: Any) -> tuple[Any, Any]:
    """Keys and values may come in any order; equal values are their own mean."""
    alike = ops.ones_like(y)
    return [ops.dot_product_attention(y, ops.flip(x, 1), ops.flip(y, 1)), ops.dot_product_attention(x, y, alike)], [
        ops.dot_product_attention(y, x, y),
        alike,
    ]


def _selected(condition: Any, x: Any, y: Any) -> tuple[Any, Any]:
    found = ops.where(condition, x, y)
    x, y, condition = (ops.broadcast_to(a, found.shape) for a in (x, y, condition))
    flags = ops.cast(condition, x.dtype)
    return [found, ops.select([condition, ops.logical_not(condition)], [x, y]), ops.where(~condition, y, x)], [
        flags * x + (1 - flags) * y,
        found,
        found,
    ]


STRUCTURE: Final = [
    *(broadcasting(op) for op in registry.values() if op.shape_rule is broadcast and op.name not in OTHERWISE),
    *(elementwise(op) for op in registry.values() if op.shape_rule is same and op.name not in OTHERWISE),
    *(mapped(name, function) for name, function in MAPPED.items()),
    Identity("where and select", chosen(), _selected),
    Identity("kernels of which one position counts", images(), _windowed),
    Identity("channels first", images(spatial=(1, 2), sizes=(2, 6)), _first),
    Identity(
        "max_pool", images(), lambda x: (ops.max_pool(2 * x + 1, 2, 1, "same"), 2 * ops.max_pool(x, 2, 1, "same") + 1)
    ),
    Identity("dot_product_attention", arrays(2, ranks=(4, 4), least=1), _attended),
    Identity(
        "one_hot by matrix is take",
        arrays(1, 0, 4, ranks=(1, 2)),
        lambda i: (
            ops.matmul(ops.one_hot(i, 4, dtype="float64"), np.arange(12.0).reshape(4, 3)),
            ops.take(np.arange(12.0).reshape(4, 3), i, 0),
        ),
    ),
    Identity(
        "scan is cumsum",
        with_axis(ranks=(1, 2), least=1).map(lambda found: found[:1]),
        lambda x: (
            ops.scan(lambda carry, row: (carry + row, carry + row), ops.zeros_like(x[0]), x)[1],
            ops.cumsum(x, 0),
        ),
    ),
]
