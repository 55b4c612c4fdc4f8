"""Rules of element-wise ops."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from dl_backend_numpy.tape.functions import fn
from dl_backend_numpy.tape.kinds import Rules
from dl_backend_numpy.tape.traced import strip


def _greater(a: Any, b: Any) -> Any:
    """1 where `a` is greater, 1/2 where the two are equal, else 0: what central differences give for a maximum."""
    a, b = strip(a), strip(b)
    return ((a > b).astype(a.dtype) + (a >= b).astype(a.dtype)) * a.dtype.type(0.5)


def _between(x: Any, low: Any, high: Any) -> Any:
    x = strip(x)
    return (x >= strip(low)) & (x <= strip(high))


def _power_of_base(g: Any, y: Any, a: Any, b: Any) -> Any:
    # the exponent 0 is taken for 1, so that 0 ** -1 does not meet the factor 0
    return g * b * fn.power(a, fn.where(strip(b) == 0, fn.ones_like(b), b) - 1)


def _power_of_exponent(g: Any, y: Any, a: Any, b: Any) -> Any:
    return g * y * fn.log(fn.where(strip(a) > 0, a, fn.ones_like(a)))


def _absolute(g: Any, y: Any, x: Any) -> Any:
    if x.dtype.kind != "c":
        return g * np.sign(strip(x))
    return fn.conj(x) * fn.divide_no_nan(g, y)


RULES: Final[dict[str, Rules]] = {
    # -- arithmetic
    "add": (lambda g, y, a, b: g, lambda g, y, a, b: g),
    "subtract": (lambda g, y, a, b: g, lambda g, y, a, b: -g),
    "multiply": (lambda g, y, a, b: g * b, lambda g, y, a, b: g * a),
    "divide": (lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b),
    "true_divide": (lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b),
    "divide_no_nan": (
        lambda g, y, a, b: fn.divide_no_nan(g, b),
        lambda g, y, a, b: -fn.divide_no_nan(g * y, b),
    ),
    "mod": (lambda g, y, a, b: g, lambda g, y, a, b: -g * fn.floor_divide(a, b)),
    "power": (_power_of_base, _power_of_exponent),
    "negative": (lambda g, y, x: -g,),
    "absolute": (_absolute,),
    "abs": (_absolute,),
    "square": (lambda g, y, x: g * x * 2,),
    "sqrt": (lambda g, y, x: g * 0.5 / y,),
    "rsqrt": (lambda g, y, x: g * y * -0.5 / x,),
    "cbrt": (lambda g, y, x: g / (y * y * 3),),
    "reciprocal": (lambda g, y, x: -g * y * y,),
    "hypot": (
        lambda g, y, a, b: fn.divide_no_nan(g * a, y),
        lambda g, y, a, b: fn.divide_no_nan(g * b, y),
    ),
    "ldexp": (lambda g, y, x, exponent: fn.ldexp(g, exponent), None),
    # -- exponentials
    "exp": (lambda g, y, x: g * y,),
    "exp2": (lambda g, y, x: g * y * math.log(2),),
    "expm1": (lambda g, y, x: g * (y + 1),),
    "log": (lambda g, y, x: g / x,),
    "log1p": (lambda g, y, x: g / (x + 1),),
    "log2": (lambda g, y, x: g / (x * math.log(2)),),
    "log10": (lambda g, y, x: g / (x * math.log(10)),),
    "logaddexp": (lambda g, y, a, b: g * fn.exp(a - y), lambda g, y, a, b: g * fn.exp(b - y)),
    "logaddexp2": (lambda g, y, a, b: g * fn.exp2(a - y), lambda g, y, a, b: g * fn.exp2(b - y)),
    # -- trigonometry
    "sin": (lambda g, y, x: g * fn.cos(x),),
    "cos": (lambda g, y, x: -g * fn.sin(x),),
    "tan": (lambda g, y, x: g * (y * y + 1),),
    "arcsin": (lambda g, y, x: g / fn.sqrt(1 - x * x),),
    "arccos": (lambda g, y, x: -g / fn.sqrt(1 - x * x),),
    "arctan": (lambda g, y, x: g / (x * x + 1),),
    "arctan2": (lambda g, y, a, b: g * b / (a * a + b * b), lambda g, y, a, b: -g * a / (a * a + b * b)),
    "sinh": (lambda g, y, x: g * fn.cosh(x),),
    "cosh": (lambda g, y, x: g * fn.sinh(x),),
    "tanh": (lambda g, y, x: g * (1 - y * y),),
    "arcsinh": (lambda g, y, x: g / fn.sqrt(x * x + 1),),
    "arccosh": (lambda g, y, x: g / fn.sqrt(x * x - 1),),
    "arctanh": (lambda g, y, x: g / (1 - x * x),),
    "erf": (lambda g, y, x: g * fn.exp(-x * x) * (2 / math.sqrt(math.pi)),),
    "erfinv": (lambda g, y, x: g * fn.exp(y * y) * (math.sqrt(math.pi) / 2),),
    # -- selection
    "maximum": (lambda g, y, a, b: g * _greater(a, b), lambda g, y, a, b: g * _greater(b, a)),
    "minimum": (lambda g, y, a, b: g * _greater(b, a), lambda g, y, a, b: g * _greater(a, b)),
    "clip": (
        lambda g, y, x, low, high: g * _between(x, low, high),
        lambda g, y, x, low, high: g * (strip(x) < strip(low)),
        lambda g, y, x, low, high: g * (strip(x) > strip(high)),
    ),
    "nan_to_num": (lambda g, y, x, *replacements: g * np.isfinite(strip(x)),),
    "where": (
        None,
        lambda g, y, condition, a, b: fn.where(condition, g, fn.zeros_like(g)),
        lambda g, y, condition, a, b: fn.where(condition, fn.zeros_like(g), g),
    ),
    # -- types
    "cast": (lambda g, y, x, dtype: fn.cast(g, x.dtype.name),),
    "copy": (lambda g, y, x: g,),
}
