"""Floats of 8 bits, and scales that keep tensors within their range."""

from __future__ import annotations

from dl_ops import ops
from dl_ops.dtypes import FLOAT8_TYPES, finite_range, standardize_dtype
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike


@public("keras.quantizers.quantize_and_dequantize")
def quantize_and_dequantize(inputs: TensorLike, scale: TensorLike, quantized_dtype: str, compute_dtype: str) -> Tensor:
    """Round to what a float of 8 bits can hold, after division by a scale.

    Parameters
    ----------
    inputs : tensor_like, shape (...)
    scale : tensor_like, shape ()
    quantized_dtype : {"float8_e4m3fn", "float8_e5m2"}
        Values out of its range become its largest.
    compute_dtype : str
        Dtype of the computation and the result.

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    ValueError
        If `quantized_dtype` is none of these.

    Examples
    --------
    >>> quantize_and_dequantize([0.3, 1000.0], 2.0, "float8_e4m3fn", "float32").tolist()
    [0.3125, 896.0]
    """
    name = standardize_dtype(quantized_dtype)
    if name not in FLOAT8_TYPES:
        raise ValueError(
            f"quantize_and_dequantize(quantized_dtype={quantized_dtype!r}): expected one of {FLOAT8_TYPES}"
        )
    least, greatest = finite_range(name)
    scale = ops.cast(scale, compute_dtype)
    x = ops.clip(ops.divide(ops.cast(inputs, compute_dtype), scale), float(least), float(greatest))
    return ops.multiply(ops.cast(ops.cast(x, name), compute_dtype), scale)


@public("keras.quantizers.compute_float8_scale")
def compute_float8_scale(amax: TensorLike, scale: TensorLike, dtype_max: float, margin: int = 0) -> Tensor:
    """Scale that takes the largest magnitude of late to the largest 8-bit float.

    Parameters
    ----------
    amax : tensor_like, shape (...)
        Largest magnitude; where it is zero or not finite, `scale` is kept.
    scale : tensor_like, shape (...)
        Scale until now.
    dtype_max : float
        Largest float of 8 bits.
    margin : int, default 0
        Powers of two to stay below it.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> compute_float8_scale(896.0, 1.0, 448.0).tolist()
    2.0
    """
    amax, scale = ops.convert_to_tensor(amax), ops.convert_to_tensor(scale)
    usable = ops.logical_and(ops.greater(amax, 0.0), ops.isfinite(amax))
    found: Tensor = ops.where(usable, ops.multiply(ops.divide(amax, dtype_max), 2.0**margin), scale)
    return found


@public("keras.quantizers.compute_float8_amax_history")
def compute_float8_amax_history(x: TensorLike, amax_history: TensorLike) -> Tensor:
    """History of largest magnitudes with that of `x` in front, in place of the oldest, which comes second.

    Parameters
    ----------
    x : tensor_like, shape (...)
    amax_history : tensor_like, shape (length,)

    Returns
    -------
    tensor, shape (length,)

    Examples
    --------
    >>> compute_float8_amax_history([1.0, -3.0], [5.0, 6.0, 7.0]).tolist()
    [3.0, 7.0, 5.0]
    """
    amax_history = ops.convert_to_tensor(amax_history)
    largest = ops.cast(ops.max(ops.absolute(x)), amax_history.dtype)
    history: Tensor = ops.concatenate([ops.reshape(largest, (1,)), ops.roll(amax_history, -1)[1:]])
    return history
