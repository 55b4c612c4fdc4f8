"""Tensors into NumPy arrays, and from one backend to another."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_ops.backend.contract import Backend, UnsupportedOp
from dl_ops.backend.registry import backend_of_type, current_backend, get_backend
from dl_ops.dtypes import standardize_dtype
from dl_ops.sparse.entries import Entries
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import Array, Tensor, TensorLike
from dl_ops.variable import Variable


def backend_of(x: Any) -> Backend | None:
    """Backend of a tensor or variable; ``None`` for NumPy arrays and numbers, which belong to whichever is active."""
    if isinstance(x, Variable):
        return x.backend
    if isinstance(x, (np.ndarray, np.generic, bool, int, float, complex, list, tuple, str, bytes)):
        return None
    return backend_of_type(type(x))


def convert_to_numpy(x: TensorLike) -> Array:
    """Return the values of a tensor as a NumPy array.

    Parameters
    ----------
    x : tensor_like
        A tensor or variable of any backend, an array, a number, a nested list.

    Returns
    -------
    numpy.ndarray
        May share memory with `x`. bfloat16 and float8 come in ml-dtypes' types.

    Raises
    ------
    ValueError
        If `x` is symbolic.

    Examples
    --------
    >>> convert_to_numpy([1, 2])
    array([1, 2], dtype=int32)
    """
    if isinstance(x, np.ndarray):
        return x
    if isinstance(x, KerasTensor):
        raise ValueError(f"convert_to_numpy(): {x!r} is symbolic and has no values")
    if isinstance(x, Variable):
        return x.numpy()
    backend = backend_of(x)
    if backend is not None:
        return backend.to_numpy(x)
    if isinstance(x, (list, tuple)) and any(backend_of(item) is not None for item in x):
        return np.stack([convert_to_numpy(item) for item in x])
    return current_backend().to_array(x, None)


def convert(x: Any, backend: Backend, dtype: str | None = None) -> Any:
    """Tensor of `backend` from anything tensor-like that is its own or nobody's.

    Raises
    ------
    TypeError
        If `x` belongs to another backend.
    """
    owner = backend_of(x)
    if owner is None:
        if isinstance(x, (list, tuple)) and any(backend_of(item) is not None for item in x):
            from dl_ops import ops

            return ops.stack([convert(item, backend, dtype) for item in x])
        return backend.to_tensor(x, dtype)
    if owner is not backend:
        from dl_ops.dispatch import mixed_backends

        raise mixed_backends("convert_to_tensor()", backend.name, owner.name)
    value = x.value if isinstance(x, Variable) else x
    return value if dtype is None else backend.cast(value, dtype)


def transfer(x: Any, backend: Backend) -> Any:
    """Tensor of `backend` with the values of a tensor of another one, sharing memory through DLPack where both
    sides can.
    """
    owner = backend_of(x)
    if owner is None or owner is backend:
        return convert(x, backend)
    value = x.value if isinstance(x, Variable) else x
    if owner.is_sparse(value):
        return _transfer_sparse(value, owner, backend)
    exported = owner.to_dlpack(value)
    if exported is not None:
        try:
            return backend.from_dlpack(exported)
        except (BufferError, TypeError, ValueError, RuntimeError):
            # dtypes, devices and layouts that one side does not share; a copy through NumPy always works
            pass
    return backend.to_tensor(owner.to_numpy(value))


def _transfer_sparse(x: Any, owner: Backend, backend: Backend) -> Any:
    columns, values, sizes = owner.entries(x)
    try:
        return backend.from_entries(
            Entries([transfer(column, backend) for column in columns], transfer(values, backend), sizes)
        )
    except UnsupportedOp:
        return transfer(owner.to_dense(x), backend)


def convert_to_tensor(
    x: TensorLike,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    *,
    backend: str | None = None,
) -> Tensor:
    """Return `x` as a tensor.

    Parameters
    ----------
    x : tensor_like
        A number, nested list, NumPy array, variable or tensor. A tensor of any backend stays with it, so that nothing
        moves between frameworks unseen; what has none goes to the active one.
    dtype : str, optional
        By default int32 for Python integers, the default float for Python floats, else `x`'s.
    sparse, ragged : bool, optional
        With ``False`` the result is dense; by default what is sparse or ragged stays so. Dense tensors stay dense.
    backend : str, optional
        Name of the backend to convert to, whatever `x` belongs to.

    Returns
    -------
    tensor

    Examples
    --------
    >>> convert_to_tensor([[1, 2], [3, 4]], dtype="float32").tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    name = None if dtype is None else standardize_dtype(dtype)
    if isinstance(x, KerasTensor):
        from dl_ops import ops
        from dl_ops.op import registry

        if x.sparse and sparse is False:
            return registry["convert_to_tensor"].public(x, dtype, sparse)  # type: ignore[no-any-return]  # any op's
        symbolic: Tensor = x if name is None or name == x.dtype else ops.cast(x, name)
        return symbolic
    owner = backend_of(x)
    target = get_backend(backend) if backend is not None else (owner or current_backend())
    if owner is not None and owner is not target:
        x = transfer(x, target)
    tensor: Tensor = convert(x, target, name)
    return target.to_dense(tensor) if sparse is False and target.is_sparse(tensor) else tensor
