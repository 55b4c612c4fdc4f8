"""Reductions along axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from openvino import opset15 as opset

from dl_backend_openvino.building import converted, numbers
from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels
from dl_ops.dtypes import is_float
from dl_ops.rules import standardize_axes, standardize_axis
from dl_ops.typing import Axis

kernels = Kernels()

_NATIVE: Final = {
    "all": opset.reduce_logical_and,
    "amax": opset.reduce_max,
    "amin": opset.reduce_min,
    "any": opset.reduce_logical_or,
    "mean": opset.reduce_mean,
    "sum": opset.reduce_sum,
}


def _reduction(name: str, reduce: Callable[..., Any]) -> Callable[..., Any]:
    def kernel(x: GraphTensor, axis: Axis = None, keepdims: bool = False) -> Any:
        return _reduced(reduce, x, axis, keepdims)

    kernel.__name__ = name
    return kernel


def _reduced(reduce: Callable[..., Any], x: GraphTensor, axis: Axis, keepdims: bool) -> Any:
    axes = standardize_axes(axis, x.ndim)
    return reduce(x.node, numbers(axes), keepdims) if axes else x


for _name, _function in _NATIVE.items():
    kernels.add(_reduction(_name, _function))


@kernels.add
def max(x: GraphTensor, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Any:
    y = _boolean_safe(opset.reduce_max, opset.reduce_logical_or, x, axis, keepdims)
    return y if initial is None else ops.maximum(y, initial)


@kernels.add
def min(x: GraphTensor, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Any:
    y = _boolean_safe(opset.reduce_min, opset.reduce_logical_and, x, axis, keepdims)
    return y if initial is None else ops.minimum(y, initial)


def _boolean_safe(
    reduce: Callable[..., Any], of_booleans: Callable[..., Any], x: GraphTensor, axis: Axis, keepdims: bool
) -> GraphTensor:
    y = _reduced(of_booleans if x.dtype == "bool" else reduce, x, axis, keepdims)
    return y if isinstance(y, GraphTensor) else GraphTensor(y)


@kernels.add
def prod(x: GraphTensor, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Any:
    y = _reduced(opset.reduce_prod, x, axis, keepdims)
    return y if dtype is None else ops.cast(y if isinstance(y, GraphTensor) else GraphTensor(y), dtype)


def _first(x: GraphTensor, along: int, mode: str) -> Any:
    """Index of the extreme, of equal ones the first."""
    return GraphTensor(opset.topk(x.node, numbers(1), along, mode, "value", "i32", stable=True).output(1))


def _position(x: GraphTensor, axis: int | None, keepdims: bool, mode: str) -> Any:
    if x.dtype == "bool":
        x = converted(x, "uint8")
    flat: Any = ops.reshape(x, (-1,)) if axis is None else x
    along = 0 if axis is None else standardize_axis(axis, x.ndim)
    index = _first(flat, along, mode)
    if is_float(x.dtype):
        # NaN, which the node passes over, counts as the largest and the smallest
        nan = GraphTensor(opset.is_nan(flat.node))
        index = ops.where(ops.any(nan, along, True), _first(converted(nan, "int32"), along, "max"), index)
    if axis is None:
        return ops.reshape(index, (1,) * x.ndim if keepdims else ())
    return index if keepdims else ops.squeeze(index, along)


@kernels.add
def argmax(x: GraphTensor, axis: int | None = None, keepdims: bool = False) -> Any:
    return _position(x, axis, keepdims, "max")


@kernels.add
def argmin(x: GraphTensor, axis: int | None = None, keepdims: bool = False) -> Any:
    return _position(x, axis, keepdims, "min")
