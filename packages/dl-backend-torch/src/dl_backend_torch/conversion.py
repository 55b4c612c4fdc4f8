"""Dtypes by name, and tensors from and to NumPy."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch

from dl_ops.dtypes import ALLOWED_DTYPES, numpy_dtype
from dl_ops.typing import Array

DTYPES: Final[dict[str, torch.dtype]] = {name: getattr(torch, name) for name in ALLOWED_DTYPES if name != "string"}
# the name of a NumPy dtype is worked out anew each time
_BY_NUMPY: Final[dict[Any, torch.dtype]] = {numpy_dtype(name): dtype for name, dtype in DTYPES.items()}
NAMES: Final[dict[torch.dtype, str]] = {dtype: name for name, dtype in DTYPES.items()}

# above the midpoint between the largest float8_e4m3fn, 448, and what would follow it
_ROUNDED_TO_LARGEST: Final = 464.0

# NumPy knows these through ml-dtypes and PyTorch does not know ml-dtypes: they cross as integers of the same width
_AS_INTEGERS: Final[dict[torch.dtype, tuple[torch.dtype, Any]]] = {
    torch.bfloat16: (torch.int16, np.int16),
    torch.float8_e4m3fn: (torch.int8, np.int8),
    torch.float8_e5m2: (torch.int8, np.int8),
}


def torch_dtype(name: str) -> torch.dtype:
    """PyTorch's dtype of a name; a ``TypeError`` for strings, which it has no tensors of."""
    try:
        return DTYPES[name]
    except KeyError:
        raise TypeError(f"dtype={name!r}: PyTorch has no tensors of that dtype") from None


def converted(x: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """`x` in another dtype; the real parts of complex numbers for a real one."""
    if x.is_complex() and not (dtype.is_complex or dtype is torch.bool):
        # PyTorch does so too, and warns
        x = torch.real(x)
    if dtype is torch.float8_e4m3fn and x.dtype is not dtype:
        # there is no infinity: NaN, as elsewhere, and not the largest number
        x = x.float()
        x = torch.where(x.abs() > _ROUNDED_TO_LARGEST, torch.nan, x)
    return x.to(dtype)


def from_numpy(array: Array) -> torch.Tensor:
    """CPU tensor of an array, sharing its memory where PyTorch can."""
    # PyTorch wants memory that may be written to, no negative strides, and the machine's byte order
    if not array.flags.writeable or not array.dtype.isnative or min(array.strides, default=0) < 0:
        array = array.astype(array.dtype.newbyteorder("="), order="C", copy=True)
    dtype = _BY_NUMPY.get(array.dtype)
    if dtype is None:
        raise TypeError(f"PyTorch has no tensors of dtype {array.dtype}")
    if dtype in _AS_INTEGERS:
        return torch.from_numpy(array.view(_AS_INTEGERS[dtype][1])).view(dtype)
    return torch.from_numpy(array)


def to_numpy(x: torch.Tensor) -> Array:
    """Array of a tensor, sharing its memory if that is the CPU's."""
    x = x.detach().cpu()
    if x.dtype in _AS_INTEGERS:
        name = NAMES[x.dtype]
        integers: Array = x.view(_AS_INTEGERS[x.dtype][0]).numpy()
        return integers.view(numpy_dtype(name))
    # a lazily conjugated or negated tensor, or a gradient's lazy zeros, have no memory of their own to share
    array: Array = x.numpy(force=True)
    return array
