"""The primitives on arrays: most are functions of NumPy as they are."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dl_ops.dtypes import numpy_dtype, standardize_dtype
from dl_ops.random.host import host_generator
from dl_ops.typing import Array, Axis


def wide(x: Any) -> Any:
    """Arrays of 16-bit floats in float32: sums lose less in it, and LAPACK does not know the others."""
    narrow = isinstance(x, np.ndarray) and x.dtype.itemsize < 4 and x.dtype.kind not in "biu"
    return x.astype("float32") if narrow else x


def widely(function: Callable[..., Any]) -> Callable[..., Any]:
    """Like `function`, computed in 32 bits at least; results have the dtype of the first array."""

    @functools.wraps(function)
    def compute(x: Array, *args: Any, **options: Any) -> Any:
        result = function(wide(x), *map(wide, args), **options)
        if isinstance(result, tuple):
            return tuple(np.asarray(y).astype(x.dtype) for y in result)
        return np.asarray(result).astype(x.dtype)

    return compute


# name, signature and semantics of the op are NumPy's
_SAME = (
    *("absolute", "add", "arcsinh", "arctan2", "bitwise_and", "broadcast_to", "concatenate", "cos", "divide", "equal"),
    *("exp", "expm1", "imag", "real"),
    *("floor", "floor_divide", "greater", "log", "log1p", "logical_and", "logical_not", "maximum", "minimum", "mod"),
    *("multiply", "negative", "power", "sin", "sqrt", "subtract", "tanh", "transpose", "where"),
)


def prod(x: Array, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Any:
    y = widely(np.multiply.reduce)(x, _axes(axis), x.dtype if x.dtype.kind in "iu" else None, keepdims=keepdims)
    return y if dtype is None else y.astype(numpy_dtype(standardize_dtype(dtype)))


def sum(x: Array, axis: Axis = None, keepdims: bool = False) -> Any:
    return widely(np.add.reduce)(x, _axes(axis), x.dtype if x.dtype.kind in "iu" else None, keepdims=keepdims)


def max(x: Array, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Any:
    return np.maximum.reduce(x, _axes(axis), None, None, keepdims, initial)


def min(x: Array, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Any:
    return np.minimum.reduce(x, _axes(axis), None, None, keepdims, initial)


def argmax(x: Array, axis: int | None = None, keepdims: bool = False) -> Any:
    return np.argmax(x, axis, keepdims=keepdims).astype("int32")


def argmin(x: Array, axis: int | None = None, keepdims: bool = False) -> Any:
    return np.argmin(x, axis, keepdims=keepdims).astype("int32")


def _axes(axis: Axis) -> Any:
    return axis if axis is None or isinstance(axis, int) else tuple(axis)


def argsort(x: Array, axis: int | None = -1) -> Any:
    # of bfloat16 NaN would not go to the end
    return np.argsort(wide(x), axis, kind="stable").astype("int32")


def nonzero(x: Array) -> Any:
    return tuple(index.astype("int32") for index in np.nonzero(x))


def round(x: Array, decimals: int = 0) -> Any:
    return x if x.dtype.kind == "b" else np.round(x, decimals)


def reshape(x: Array, newshape: int | Sequence[int]) -> Any:
    return np.reshape(x, newshape if isinstance(newshape, int) else tuple(newshape))


def get_item(x: Array, key: tuple[Any, ...]) -> Any:
    return x[key]


def take(x: Array, indices: Array, axis: int | None = None) -> Any:
    return np.take(x, indices, axis)


def scatter_update(inputs: Array, indices: Array, updates: Array, reduction: str | None = None) -> Any:
    y = inputs.copy()
    positions = tuple(np.moveaxis(indices, -1, 0))
    if reduction is None:
        y[positions] = updates
    else:
        {"add": np.add, "max": np.maximum, "min": np.minimum, "mul": np.multiply}[reduction].at(y, positions, updates)
    return y


def einsum(subscripts: str, *operands: Array, **kwargs: Any) -> Any:
    y = np.einsum(subscripts, *map(wide, operands), **kwargs)
    return y.astype(operands[0].dtype)


def view(x: Array, dtype: Any = None) -> Any:
    return x if dtype is None else np.ascontiguousarray(x).reshape(x.shape).view(numpy_dtype(standardize_dtype(dtype)))


def complex_of(real: Array, imaginary: Array) -> Any:
    parts = np.stack(np.broadcast_arrays(real, imaginary), axis=-1)
    return np.ascontiguousarray(parts).view(np.result_type(parts.dtype, "complex64"))[..., 0]


def erf(x: Array) -> Any:
    return np.vectorize(math.erf, otypes=["float64"])(x).astype(x.dtype)


# -- linear algebra --


def cholesky(x: Array, upper: bool = False) -> Any:
    factor = widely(np.linalg.cholesky)(x)
    return np.swapaxes(factor, -1, -2).conj() if upper else factor


def solve(a: Array, b: Array) -> Any:
    vectors = b.ndim == a.ndim - 1
    x = widely(np.linalg.solve)(a, b[..., None] if vectors else b)
    return x[..., 0] if vectors else x


def eig(x: Array) -> Any:
    values, vectors = np.linalg.eig(wide(x))
    # NumPy gives real numbers if all of them are
    dtype = np.result_type(values.dtype, "complex64")
    return values.astype(dtype), vectors.astype(dtype)


def eigh(x: Array) -> Any:
    return widely(lambda y: tuple(np.linalg.eigh(y)))(x)


def qr(x: Array, mode: Any = "reduced") -> Any:
    if mode not in ("reduced", "complete"):
        raise ValueError(mode)  # NumPy has more of them; what is raised to the user is the rule's
    return widely(lambda y: tuple(np.linalg.qr(y, mode)))(x)


def svd(x: Array, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    def compute(y: Array) -> Any:
        result = np.linalg.svd(y, full_matrices, compute_uv)
        return tuple(result) if compute_uv else result

    return widely(compute)(x)


# -- random numbers, from a key --


def random_uniform(key: Array, shape: Any, dtype: Any) -> Any:
    # of seven bits, so that rounding gives 1 in no dtype but those of eight bits
    numbers = host_generator(key).random(shape)
    name = standardize_dtype(dtype)
    return (numbers if name in ("float32", "float64") else np.floor(numbers * 128) / 128).astype(numpy_dtype(name))


def random_randint(key: Array, shape: Any, minval: Any, maxval: Any, dtype: Any) -> Any:
    return host_generator(key).integers(minval, maxval, shape).astype(numpy_dtype(standardize_dtype(dtype)))


def random_gamma(key: Array, shape: Any, alpha: Array, dtype: Any) -> Any:
    numbers = host_generator(key).standard_gamma(alpha.astype("float64"), shape)
    return np.asarray(numbers).astype(numpy_dtype(standardize_dtype(dtype)))


def random_binomial(key: Array, shape: Any, counts: Array, probabilities: Array, dtype: Any) -> Any:
    numbers = host_generator(key).binomial(counts.astype("int64"), probabilities.astype("float64"), shape)
    return np.asarray(numbers).astype(numpy_dtype(standardize_dtype(dtype)))


ARRAYS: dict[str, Callable[..., Any]] = {name: getattr(np, name) for name in _SAME}
ARRAYS |= {"complex": complex_of, "matmul": widely(np.matmul)}
_OWN = (
    *(
        prod,
        sum,
        max,
        min,
        argmax,
        argmin,
        argsort,
        nonzero,
        round,
        reshape,
        get_item,
        take,
        scatter_update,
        einsum,
        view,
    ),
    *(erf, cholesky, solve, eig, eigh, qr, svd, random_uniform, random_randint, random_gamma, random_binomial),
)
ARRAYS |= {kernel.__name__: kernel for kernel in _OWN}
