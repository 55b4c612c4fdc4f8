"""Random numbers from NumPy's Philox generator, keyed by the op's key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.dtypes import numpy_dtype, standardize_dtype
from dl_ops.random.host import host_generator, truncated_standard_normal
from dl_ops.random.primitives import mask_shape
from dl_ops.rules import standardize_shape
from dl_ops.typing import Array, ShapeLike

kernels = Kernels()

# bits of the significand of floats that NumPy does not draw
_PRECISION = {"float16": 11, "bfloat16": 8, "float8_e4m3fn": 4, "float8_e5m2": 3}


def _size(shape: ShapeLike) -> Any:
    return standardize_shape(shape)


@kernels.add
def random_uniform(key: Array, shape: ShapeLike, dtype: str) -> Array:
    name = standardize_dtype(dtype)
    if name in ("float32", "float64"):
        return np.asarray(host_generator(key).random(_size(shape), numpy_dtype(name)))
    # of so many bits that rounding does not give 1
    steps = 2.0 ** _PRECISION[name]
    numbers: Array = np.floor(host_generator(key).random(_size(shape), np.float32) * steps) / steps
    return numbers.astype(numpy_dtype(name))


@kernels.add
def random_normal(key: Array, shape: ShapeLike, dtype: str) -> Array:
    name = standardize_dtype(dtype)
    native = np.float64 if name == "float64" else np.float32
    return np.asarray(host_generator(key).standard_normal(_size(shape), native)).astype(numpy_dtype(name), copy=False)


@kernels.add
def random_truncated_normal(key: Array, shape: ShapeLike, dtype: str) -> Array:
    name = standardize_dtype(dtype)
    native = np.float64 if name == "float64" else np.float32
    x = truncated_standard_normal(host_generator(key), _size(shape), native)
    return x.astype(numpy_dtype(name), copy=False)


@kernels.add
def random_randint(key: Array, shape: ShapeLike, minval: Any, maxval: Any, dtype: str) -> Array:
    wide = np.uint64 if standardize_dtype(dtype) == "uint64" else np.int64
    numbers = host_generator(key).integers(minval, maxval, _size(shape), wide)
    return np.asarray(numbers).astype(numpy_dtype(standardize_dtype(dtype)))


@kernels.add
def random_shuffle(key: Array, x: Array, axis: int = 0) -> Array:
    return np.take(x, host_generator(key).permutation(x.shape[axis]), axis=axis)


@kernels.add
def random_dropout(key: Array, inputs: Array, rate: float, noise_shape: Sequence[int | None] | None = None) -> Array:
    shape: Any = mask_shape(inputs, noise_shape)
    if rate == 1:
        return np.zeros_like(inputs)
    kept = host_generator(key).random(shape, np.float32) >= rate
    y: Array = inputs * (kept * inputs.dtype.type(1 / (1 - rate)))
    return y


@kernels.add
def random_gamma(key: Array, shape: ShapeLike, alpha: Array, dtype: str) -> Array:
    numbers = host_generator(key).standard_gamma(alpha.astype(np.float64), _size(shape))
    return np.asarray(numbers).astype(numpy_dtype(standardize_dtype(dtype)))


@kernels.add
def random_binomial(key: Array, shape: ShapeLike, counts: Array, probabilities: Array, dtype: str) -> Array:
    numbers = host_generator(key).binomial(counts.astype(np.int64), probabilities.astype(np.float64), _size(shape))
    return np.asarray(numbers).astype(numpy_dtype(standardize_dtype(dtype)))
