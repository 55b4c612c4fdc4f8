"""Dtypes that PyTorch stores and mostly does not compute with."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

import torch

# where the narrow dtype is computed; unsigned results wrap around as they should when they are cast back
_WIDER: Final = {
    torch.bool: torch.int64,
    torch.uint16: torch.int32,
    torch.uint32: torch.int64,
    torch.uint64: torch.int64,
    torch.float16: torch.float32,
    torch.bfloat16: torch.float32,
    torch.float8_e4m3fn: torch.float32,
    torch.float8_e5m2: torch.float32,
}


def widening(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Make a kernel compute in a wider dtype where PyTorch says that it does not implement the tensors' own."""

    @functools.wraps(kernel)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return kernel(*args, **kwargs)
        except (NotImplementedError, RuntimeError) as error:
            if "not implemented for '" not in str(error):
                raise
            dtypes = {x.dtype for x in _tensors((args, kwargs)) if x.dtype in _WIDER}
            if len(dtypes) != 1:
                raise
            (narrow,) = dtypes
        wide = _WIDER[narrow]
        result = kernel(*_cast(args, narrow, wide), **_cast(kwargs, narrow, wide))
        return _cast(result, wide, narrow)

    return run


def _tensors(x: Any) -> list[torch.Tensor]:
    if isinstance(x, torch.Tensor):
        return [x]
    if isinstance(x, dict):
        x = x.values()
    elif not isinstance(x, (list, tuple)):
        return []
    return [tensor for item in x for tensor in _tensors(item)]


def _cast(x: Any, old: torch.dtype, new: torch.dtype) -> Any:
    if isinstance(x, torch.Tensor):
        return x.to(new) if x.dtype is old else x
    if isinstance(x, dict):
        return {key: _cast(value, old, new) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)([_cast(item, old, new) for item in x])
    return x
