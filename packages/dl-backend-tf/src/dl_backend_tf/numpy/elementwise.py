"""Element-wise arithmetic, comparison, logic, exponents, limits, rounding and trigonometry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, default_of
from dl_ops.backend import Kernels

kernels = Kernels()

# TensorFlow's raw ops cost half as much in eager calls as the functions around them, which would convert and dispatch

_UNARY: Final = {
    "square": "Square",
    "sqrt": "Sqrt",
    "rsqrt": "Rsqrt",
    "reciprocal": "Reciprocal",
    "exp": "Exp",
    "expm1": "Expm1",
    "log": "Log",
    "log1p": "Log1p",
    "floor": "Floor",
    "ceil": "Ceil",
    "sin": "Sin",
    "cos": "Cos",
    "tan": "Tan",
    "arcsin": "Asin",
    "arccos": "Acos",
    "arctan": "Atan",
    "sinh": "Sinh",
    "cosh": "Cosh",
    "tanh": "Tanh",
    "arcsinh": "Asinh",
    "arccosh": "Acosh",
    "arctanh": "Atanh",
    "logical_not": "LogicalNot",
}
_BINARY: Final = {
    "divide": "RealDiv",
    "true_divide": "RealDiv",
    "floor_divide": "FloorDiv",
    "mod": "FloorMod",
    "equal": "Equal",
    "not_equal": "NotEqual",
    "logical_and": "LogicalAnd",
    "logical_or": "LogicalOr",
}
# these do not take booleans, which count as 0 and 1
_BINARY_NUMERIC: Final = {
    "add": "AddV2",
    "subtract": "Sub",
    "multiply": "Mul",
    "maximum": "Maximum",
    "minimum": "Minimum",
}
_COMPARISONS: Final = {
    "greater": "Greater",
    "greater_equal": "GreaterEqual",
    "less": "Less",
    "less_equal": "LessEqual",
}


def _unary(raw: Callable[..., Any]) -> Callable[[Tensor], Tensor]:
    return lambda x: raw(x=x)


def _binary(raw: Callable[..., Any]) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda x1, x2: raw(x=x1, y=x2)


def _binary_numeric(raw: Callable[..., Any], back: bool) -> Callable[[Tensor, Tensor], Tensor]:
    def kernel(x1: Tensor, x2: Tensor) -> Tensor:
        if x1.dtype is not tf.bool:
            return raw(x=x1, y=x2)
        y = raw(x=tf.cast(x1, tf.int32), y=tf.cast(x2, tf.int32))
        return tf.cast(y, tf.bool) if back else y

    return kernel


for _name, _raw in _UNARY.items():
    kernels.register(_name, _unary(getattr(tf.raw_ops, _raw)))
for _name, _raw in _BINARY.items():
    kernels.register(_name, _binary(getattr(tf.raw_ops, _raw)))
for _name, _raw in _BINARY_NUMERIC.items():
    kernels.register(_name, _binary_numeric(getattr(tf.raw_ops, _raw), back=True))
for _name, _raw in _COMPARISONS.items():
    kernels.register(_name, _binary_numeric(getattr(tf.raw_ops, _raw), back=False))


def _bitwise(raw: Callable[..., Any], logic: Callable[..., Any] | None = None) -> Callable[[Tensor, Tensor], Tensor]:
    def kernel(x: Tensor, y: Tensor) -> Tensor:
        return raw(x=x, y=y) if logic is None or not x.dtype.is_bool else logic(x, y)

    return kernel


kernels.register("bitwise_and", _bitwise(tf.raw_ops.BitwiseAnd, tf.logical_and))
kernels.register("bitwise_or", _bitwise(tf.raw_ops.BitwiseOr, tf.logical_or))
kernels.register("bitwise_xor", _bitwise(tf.raw_ops.BitwiseXor, tf.not_equal))
kernels.register("bitwise_left_shift", _bitwise(tf.raw_ops.LeftShift))
kernels.register("bitwise_right_shift", _bitwise(tf.raw_ops.RightShift))


@kernels.add
def bitwise_not(x: Tensor) -> Tensor:
    return tf.logical_not(x) if x.dtype.is_bool else tf.raw_ops.Invert(x=x)


@kernels.add
def i0(x: Tensor) -> Tensor:
    if x.dtype is tf.bfloat16:
        return default_of("i0")(x)
    # TensorFlow's is NaN at infinity
    infinite = tf.math.is_inf(x)
    return tf.where(infinite, tf.abs(x), tf.math.bessel_i0(tf.where(infinite, tf.zeros((), x.dtype), x)))


@kernels.add
def arctan2(x1: Tensor, x2: Tensor) -> Tensor:
    return tf.raw_ops.Atan2(y=x1, x=x2)


@kernels.add
def power(x1: Tensor, x2: Tensor) -> Tensor:
    if x1.dtype.is_unsigned:
        # the raw op takes none; what does not fit is cut off alike
        return tf.cast(tf.raw_ops.Pow(x=tf.cast(x1, tf.int64), y=tf.cast(x2, tf.int64)), x1.dtype)
    if x1.dtype.is_floating:
        # TensorFlow's gradient is NaN where both are 0; 1**0 is the same, and its gradient 0
        x1 = tf.where((x1 == 0) & (x2 == 0), tf.ones((), x1.dtype), x1)
    return tf.raw_ops.Pow(x=x1, y=x2)


@kernels.add
def negative(x: Tensor) -> Tensor:
    return tf.raw_ops.Sub(x=tf.zeros((), x.dtype), y=x) if x.dtype.is_unsigned else tf.raw_ops.Neg(x=x)


@kernels.add
def absolute(x: Tensor) -> Tensor:
    if x.dtype.is_complex:
        return tf.abs(x)
    return x if x.dtype.is_unsigned or x.dtype.is_bool else tf.raw_ops.Abs(x=x)


@kernels.add
def sign(x: Tensor) -> Tensor:
    if x.dtype.is_unsigned or x.dtype.is_bool:
        return tf.cast(tf.cast(x, tf.bool), x.dtype)
    return tf.raw_ops.Sign(x=x)


@kernels.add
def round(x: Tensor, decimals: int = 0) -> Tensor:
    if x.dtype.is_integer or x.dtype.is_bool:
        if decimals >= 0:
            return x
        return tf.cast(round(tf.cast(x, tf.float64), decimals), x.dtype)
    if decimals == 0:
        return tf.round(x)
    scale = tf.constant(10.0 ** abs(decimals), x.dtype)
    return tf.round(x * scale) / scale if decimals > 0 else tf.round(x / scale) * scale


def _float_test(raw: Callable[..., Any], otherwise: bool) -> Callable[[Tensor], Tensor]:
    def kernel(x: Tensor) -> Tensor:
        return raw(x=x) if x.dtype.is_floating else tf.fill(tf.shape(x), otherwise)

    return kernel


for _name, _raw in {"isnan": "IsNan", "isinf": "IsInf", "isfinite": "IsFinite"}.items():
    kernels.register(_name, _float_test(getattr(tf.raw_ops, _raw), _name == "isfinite"))
