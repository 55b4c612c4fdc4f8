"""Two integers of 4 bits in a byte."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.dtypes import standardize_dtype
from dl_ops.objects import public
from dl_ops.rules import standardize_axis
from dl_ops.typing import Tensor, TensorLike

_BYTES = ("int8", "uint8")


def _checked(x: Any, axis: int, dtype: str, where: str) -> tuple[Tensor, int]:
    if dtype not in _BYTES:
        raise ValueError(f"{where}(dtype={dtype!r}): expected 'int8' or 'uint8'")
    x = ops.convert_to_tensor(x)
    return x, standardize_axis(axis, len(x.shape))


def _along(x: Tensor, axis: int, start: int, step: int = 1) -> Tensor:
    part: Tensor = x[(slice(None),) * axis + (slice(start, None, step),)]
    return part


@public("keras.quantizers.pack_int4")
def pack_int4(arr: TensorLike, axis: int = 0, dtype: str = "int8") -> tuple[Tensor, tuple[int, ...], int]:
    """Put pairs of integers of 4 bits along an axis into a byte each: the first in the lower half.

    Parameters
    ----------
    arr : tensor_like, shape (..., n, ...)
        Of `dtype`, from -8 to 7, or from 0 to 15 if that is unsigned.
    axis : int, default 0
    dtype : {"int8", "uint8"}

    Returns
    -------
    packed : tensor, shape (..., (n + 1) // 2, ...)
    packed_shape : tuple of int
    orig_len : int
        ``n``, which `unpack_int4` needs: an odd one is filled up with a zero.

    Raises
    ------
    TypeError
        If `arr` is of another dtype.
    ValueError
        If `dtype` is none of these, or there is no such axis.

    Examples
    --------
    >>> import numpy as np
    >>> packed, shape, length = pack_int4(np.array([1, -1, 7], "int8"))
    >>> packed.tolist(), shape, length
    ([-15, 7], (2,), 3)
    """
    x, axis = _checked(arr, axis, dtype, "pack_int4")
    if standardize_dtype(x.dtype) != dtype:
        raise TypeError(f"pack_int4(arr): expected {dtype}, got {standardize_dtype(x.dtype)}")
    length = int(x.shape[axis])
    if length % 2:
        x = ops.pad(x, [(0, int(i == axis)) for i in range(len(x.shape))])
    # in 32 bits: some frameworks have no shifts of bytes
    x = ops.cast(x, "int32")
    low, high = _along(x, axis, 0, 2), _along(x, axis, 1, 2)
    both = ops.bitwise_or(ops.bitwise_and(low, 15), ops.left_shift(ops.bitwise_and(high, 15), 4))
    if dtype == "int8":
        both = ops.subtract(both, ops.multiply(ops.bitwise_and(both, 128), 2))
    packed = ops.cast(both, dtype)
    return packed, tuple(int(n) for n in packed.shape), length


@public("keras.quantizers.unpack_int4")
def unpack_int4(packed: TensorLike, orig_len: int, axis: int = 0, dtype: str = "int8") -> Tensor:
    """Take apart what `pack_int4` put together.

    Parameters
    ----------
    packed : tensor_like, shape (..., (orig_len + 1) // 2, ...)
        Bytes.
    orig_len : int
        Size of the axis before.
    axis : int, default 0
    dtype : {"int8", "uint8"}
        Whether the integers have signs.

    Returns
    -------
    tensor, shape (..., orig_len, ...)

    Raises
    ------
    TypeError
        If `packed` are no bytes.
    ValueError
        If `dtype` is none of these, there is no such axis, or it holds no `orig_len` integers.

    Examples
    --------
    >>> import numpy as np
    >>> unpack_int4(np.array([-15, 7], "int8"), 3).tolist()
    [1, -1, 7]
    """
    x, axis = _checked(packed, axis, dtype, "unpack_int4")
    if standardize_dtype(x.dtype) not in _BYTES:
        raise TypeError(f"unpack_int4(packed): expected int8 or uint8, got {standardize_dtype(x.dtype)}")
    size = int(x.shape[axis])
    if isinstance(orig_len, bool) or not hasattr(orig_len, "__index__") or not 0 <= orig_len.__index__() <= 2 * size:
        raise ValueError(f"unpack_int4(orig_len={orig_len!r}): {size} bytes hold up to {2 * size} integers")
    x = ops.cast(x, "int32")
    halves = ops.stack([ops.bitwise_and(x, 15), ops.bitwise_and(ops.right_shift(x, 4), 15)], axis=axis + 1)
    shape = tuple(x.shape)
    values = ops.reshape(halves, (*shape[:axis], 2 * size, *shape[axis + 1 :]))
    if orig_len != 2 * size:
        values = values[(slice(None),) * axis + (slice(0, int(orig_len)),)]
    if dtype == "int8":
        # the upper half of the range stands for negative numbers
        values = ops.subtract(values, ops.multiply(ops.bitwise_and(values, 8), 2))
    return ops.cast(values, dtype)
