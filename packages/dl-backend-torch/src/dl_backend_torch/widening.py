"""Dtypes that PyTorch stores and mostly does not compute with."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

import torch

from dl_backend_torch.sparse import TAKEN_AMISS, any_sparse

# where the narrow dtype is computed; unsigned results wrap around as they should when they are cast back
_WIDER: Final = {
    torch.bool: torch.int64,
    # results of int32 are indices or counts, and stay as they are
    torch.uint16: torch.int64,
    torch.uint32: torch.int64,
    torch.uint64: torch.int64,
    torch.float16: torch.float32,
    torch.bfloat16: torch.float32,
    torch.float8_e4m3fn: torch.float32,
    torch.float8_e5m2: torch.float32,
}


def widening(name: str, kernel: Callable[..., Any], sparse: Callable[..., Any]) -> Callable[..., Any]:
    """Make an op's kernel compute in a wider dtype where PyTorch says that it does not implement the tensors' own, and
    let `sparse` do where it raises for sparse tensors.

    Both are found out when it raises, so that dense tensors, of the same type as sparse ones, pay nothing. Only where
    PyTorch does not raise, and does something else, the layout of the result is looked at.
    """

    def otherwise(error: Exception, args: Any, kwargs: Any) -> Any:
        if any_sparse(args, kwargs):
            return sparse(*args, **kwargs)
        dtypes = {x.dtype for x in _tensors((args, kwargs)) if x.dtype in _WIDER}
        known = isinstance(error, (NotImplementedError, RuntimeError)) and "not implemented for '" in str(error)
        if not known or len(dtypes) != 1:
            raise error
        (narrow,) = dtypes
        wide = _WIDER[narrow]
        return _cast(kernel(*_cast(args, narrow, wide), **_cast(kwargs, narrow, wide)), wide, narrow)

    if name in TAKEN_AMISS:

        @functools.wraps(kernel)
        def checked(*args: Any, **kwargs: Any) -> Any:
            try:
                y = kernel(*args, **kwargs)
            except Exception as error:
                return otherwise(error, args, kwargs)
            first = y[0] if type(y) is list else y
            return y if first.layout is torch.strided else sparse(*args, **kwargs)

        return checked

    @functools.wraps(kernel)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return kernel(*args, **kwargs)
        except Exception as error:
            return otherwise(error, args, kwargs)

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
