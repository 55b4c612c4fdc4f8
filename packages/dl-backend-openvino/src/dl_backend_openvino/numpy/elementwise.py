"""Element-wise arithmetic, comparisons and logic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openvino import opset15 as opset

from dl_backend_openvino.building import converted, like, natives
from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.dtypes import is_float

kernels = natives(
    {
        "absolute": "abs",
        "add": "add",
        "arccos": "acos",
        "arccosh": "acosh",
        "arcsin": "asin",
        "arcsinh": "asinh",
        "arctan": "atan",
        "arctanh": "atanh",
        "bitwise_and": "bitwise_and",
        "bitwise_left_shift": "bitwise_left_shift",
        "bitwise_not": "bitwise_not",
        "bitwise_or": "bitwise_or",
        "bitwise_right_shift": "bitwise_right_shift",
        "bitwise_xor": "bitwise_xor",
        "ceil": "ceil",
        "cos": "cos",
        "cosh": "cosh",
        "divide": "divide",
        "equal": "equal",
        "exp": "exp",
        "floor": "floor",
        "fmod": "mod",
        "greater": "greater",
        "greater_equal": "greater_equal",
        "less": "less",
        "less_equal": "less_equal",
        "log": "log",
        "logical_and": "logical_and",
        "logical_not": "logical_not",
        "logical_or": "logical_or",
        "logical_xor": "logical_xor",
        "mod": "floor_mod",
        "multiply": "multiply",
        "negative": "negative",
        "not_equal": "not_equal",
        "power": "power",
        "sign": "sign",
        "sin": "sin",
        "sinh": "sinh",
        "sqrt": "sqrt",
        "subtract": "subtract",
        "tan": "tan",
        "tanh": "tanh",
        "where": "select",
    }
)


@kernels.add
def maximum(x1: GraphTensor, x2: GraphTensor) -> Any:
    return (opset.logical_or if x1.dtype == "bool" else opset.maximum)(x1.node, x2.node)


@kernels.add
def minimum(x1: GraphTensor, x2: GraphTensor) -> Any:
    return (opset.logical_and if x1.dtype == "bool" else opset.minimum)(x1.node, x2.node)


@kernels.add
def floor_divide(x1: GraphTensor, x2: GraphTensor) -> Any:
    # the node rounds quotients of integers towards zero, and leaves those of floats as they are
    exact = opset.subtract(x1.node, opset.floor_mod(x1.node, x2.node))
    quotient = opset.divide(exact, x2.node)
    return opset.round(quotient, "half_to_even") if is_float(x1.dtype) else quotient


@kernels.add
def expm1(x: GraphTensor) -> Any:
    # exp(x) - 1 without cancellation near 0
    # (below -80 it is -1 to the last digit, and sinh infinite in the end)
    half = opset.multiply(opset.maximum(x.node, like(x, -80.0).node), like(x, 0.5).node)
    return opset.multiply(opset.multiply(opset.exp(half), opset.sinh(half)), like(x, 2.0).node)


@kernels.add
def log1p(x: GraphTensor) -> Any:
    # 2 atanh(x / (2 + x)) does not round x away; it is infinite at -1 as it should, and not a number below
    two = like(x, 2.0).node
    small = opset.multiply(opset.atanh(opset.divide(x.node, opset.add(x.node, two))), two)
    # for large x that quotient is 1 in the precision there is
    large = opset.log(opset.add(x.node, like(x, 1.0).node))
    return opset.select(opset.greater(x.node, like(x, 1.0).node), large, small)


def _test(name: str, build: Callable[..., Any]) -> Callable[..., Any]:
    def kernel(x: GraphTensor) -> Any:
        # the nodes take floats alone
        return build((x if is_float(x.dtype) else converted(x, "float32")).node)

    kernel.__name__ = name
    return kernel


for _name, _build in {"isfinite": opset.is_finite, "isinf": opset.is_inf, "isnan": opset.is_nan}.items():
    kernels.add(_test(_name, _build))


@kernels.add
def round(x: GraphTensor, decimals: int = 0) -> Any:
    if not is_float(x.dtype):
        if decimals >= 0:
            return x
        step = like(x, 10**-decimals)
        low = ops.floor_divide(x, step) * step
        return ops.where(ops.greater(x - low, step - (x - low)), low + step, low)
    if decimals == 0:
        return opset.round(x.node, "half_to_even")
    factor = like(x, 10.0**decimals).node
    return opset.divide(opset.round(opset.multiply(x.node, factor), "half_to_even"), factor)


@kernels.add
def arctan2(x1: GraphTensor, x2: GraphTensor) -> Any:
    pi, zero = like(x1, 3.141592653589793), like(x1, 0.0)
    angle = GraphTensor(opset.atan(opset.divide(x1.node, x2.node)))
    turned = ops.where(x1 < zero, angle - pi, angle + pi)
    right = ops.where(x2 < zero, turned, angle)
    # 0 / 0: no angle, taken for 0 or pi
    origin = ops.logical_and(ops.equal(x1, zero), ops.equal(x2, zero))
    return ops.where(origin, zero, right)


@kernels.add
def signbit(x: GraphTensor) -> Any:
    below = ops.less(x, like(x, 0))
    if not is_float(x.dtype):
        return below
    # the sign of zero is that of its reciprocal; that of NaN is not to be seen
    minus_zero = ops.logical_and(ops.equal(x, like(x, 0.0)), ops.less(ops.divide(like(x, 1.0), x), like(x, 0.0)))
    return ops.logical_or(below, minus_zero)


# graphs have no complex numbers


@kernels.add
def real(x: GraphTensor) -> Any:
    return x


@kernels.add
def imag(x: GraphTensor) -> Any:
    return opset.broadcast(like(x, 0).node, opset.shape_of(x.node))
