"""Reading and changing parts of a tensor at positions that are tensors themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import known_size
from dl_ops.core.tensors import shape as shape_of
from dl_ops.op import op, primitive
from dl_ops.rules import check_indices, first, kept, may_be_equal, standardize_shape
from dl_ops.typing import IndicesLike, Shape, ShapeLike, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = ["scatter", "scatter_update", "slice", "slice_update"]

REDUCTIONS = (None, "add", "max", "min", "mul")


def _check_scatter(indices: KerasTensor, updates: KerasTensor, shape: Shape, *, updates_name: str) -> None:
    check_indices(indices)
    if len(indices.shape) == 0:
        raise ValueError("indices must have at least one dimension, the last one as long as an index")
    depth = indices.shape[-1]
    if depth is None or depth > len(shape):
        raise ValueError(
            f"indices of shape {indices.shape} do not index a tensor of shape {shape}: "
            f"the last size must be at most {len(shape)}"
        )
    expected = (*indices.shape[:-1], *shape[depth:])
    given = updates.shape
    if not may_be_equal(given, expected):
        raise ValueError(f"{updates_name} must have shape {expected}, got {given}")


def _scattered(indices: KerasTensor, values: KerasTensor, shape: ShapeLike) -> Shape:
    target = standardize_shape(shape)
    _check_scatter(indices, values, target, updates_name="values")
    return target


@op(shape=_scattered, dtype=kept)
def scatter(indices: IndicesLike, values: TensorLike, shape: ShapeLike) -> Tensor:
    """Place values into a tensor of zeros; those at the same position are added up.

    Parameters
    ----------
    indices : tensor_like of int, shape (n..., k)
        Positions in the first `k` dimensions of the result.
    values : tensor_like, shape (n..., *shape[k:])
    shape : sequence of int
        Of the result.

    Returns
    -------
    tensor
        Of `shape` and the dtype of `values`.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Examples
    --------
    >>> scatter([[0], [2], [2]], [1.0, 2.0, 3.0], (4,)).tolist()
    [1.0, 0.0, 5.0, 0.0]
    """
    return scatter_update(ops.zeros(shape, dtype_of(values)), indices, values, reduction="add")


def _updated(inputs: KerasTensor, indices: KerasTensor, updates: KerasTensor, reduction: str | None = None) -> Shape:
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction={reduction!r}: expected one of {', '.join(map(repr, REDUCTIONS))}")
    _check_scatter(indices, updates, inputs.shape, updates_name="updates")
    return inputs.shape


@op(shape=_updated, dtype=first)
def scatter_update(
    inputs: TensorLike, indices: IndicesLike, updates: TensorLike, reduction: str | None = None
) -> Tensor:
    """Return `inputs` with other values at some positions.

    Parameters
    ----------
    inputs : tensor_like
    indices : tensor_like of int, shape (n..., k)
        Positions in the first `k` dimensions of `inputs`.
    updates : tensor_like, shape (n..., *inputs.shape[k:])
        Cast to the dtype of `inputs`.
    reduction : {None, "add", "max", "min", "mul"}
        How updates meet what is there, and each other at the same position. With ``None`` they replace it, and which
        one of several at the same position does is not defined.

    Returns
    -------
    tensor
        Of the shape and dtype of `inputs`, which do not change.

    Raises
    ------
    ValueError
        If the shapes do not fit together or `reduction` is not one of those.

    Examples
    --------
    >>> scatter_update([1.0, 2.0, 3.0], [[0], [2]], [7.0, 8.0]).tolist()
    [7.0, 2.0, 8.0]
    >>> scatter_update([1.0, 2.0, 3.0], [[2], [2]], [7.0, 8.0], reduction="add").tolist()
    [1.0, 2.0, 18.0]
    """
    raise primitive()


def _sliced(inputs: KerasTensor, start_indices: KerasTensor, shape: ShapeLike) -> Shape:
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    _check_starts(inputs, start_indices, len(sizes))
    for size, available in zip(sizes, inputs.shape, strict=True):
        if size is not None and available is not None and not 0 <= size <= available:
            raise ValueError(f"shape={sizes} does not fit into a tensor of shape {inputs.shape}")
    return standardize_shape(sizes)


def _check_starts(inputs: KerasTensor, start_indices: KerasTensor, rank: int) -> None:
    check_indices(start_indices, "start_indices")
    if start_indices.shape not in ((len(inputs.shape),), (None,)) or rank != len(inputs.shape):
        raise ValueError(
            f"a tensor of shape {inputs.shape} needs {len(inputs.shape)} start indices and sizes, "
            f"got start_indices of shape {start_indices.shape} and {rank} sizes"
        )


@op(shape=_sliced, dtype=kept)
def slice(inputs: TensorLike, start_indices: IndicesLike, shape: ShapeLike) -> Tensor:
    """Part of a tensor, of a fixed shape, that starts at a position that may be computed.

    Parameters
    ----------
    inputs : tensor_like
    start_indices : tensor_like of int, shape (inputs.ndim,)
        Position of the first element; the part must lie inside `inputs`.
    shape : sequence of int
        Of the part.

    Returns
    -------
    tensor
        Of `shape` and the dtype of `inputs`.

    Raises
    ------
    ValueError
        If `shape` does not fit into that of `inputs`.

    Examples
    --------
    >>> slice([[1, 2, 3], [4, 5, 6]], (0, 1), (2, 2)).tolist()
    [[2, 3], [5, 6]]
    """
    _sliced(inputs, start_indices, shape)  # type: ignore[arg-type]  # any tensor has a shape and a dtype
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    starts = ops.cast(start_indices, "int32")
    y: Any = inputs
    for axis, (size, available) in enumerate(zip(sizes, shape_of(inputs), strict=True)):
        if size is not None and size != available:
            y = ops.take(y, ops.add(ops.arange(size, dtype="int32"), starts[axis]), axis=axis)
    result: Tensor = y
    return result


def _slice_updated(inputs: KerasTensor, start_indices: KerasTensor, updates: KerasTensor) -> Shape:
    _check_starts(inputs, start_indices, len(updates.shape))
    for size, available in zip(updates.shape, inputs.shape, strict=True):
        if size is not None and available is not None and size > available:
            raise ValueError(f"updates of shape {updates.shape} do not fit into a tensor of shape {inputs.shape}")
    return inputs.shape


@op(shape=_slice_updated, dtype=first)
def slice_update(inputs: TensorLike, start_indices: IndicesLike, updates: TensorLike) -> Tensor:
    """Return `inputs` with a part of it replaced, which starts at a position that may be computed.

    Parameters
    ----------
    inputs : tensor_like
    start_indices : tensor_like of int, shape (inputs.ndim,)
        Position of the first element to replace; the part must lie inside `inputs`.
    updates : tensor_like
        New values, with as many dimensions as `inputs`; cast to its dtype.

    Returns
    -------
    tensor
        Of the shape and dtype of `inputs`, which do not change.

    Raises
    ------
    ValueError
        If `updates` does not fit into `inputs`.

    Examples
    --------
    >>> slice_update([[1, 2, 3], [4, 5, 6]], (0, 1), [[7, 8]]).tolist()
    [[1, 7, 8], [4, 5, 6]]
    """
    sizes = [known_size(updates, axis) for axis in range(len(shape_of(updates)))]
    positions = np.stack([*np.indices(sizes, "int32")], axis=-1) if sizes else np.zeros(0, "int32")
    return scatter_update(inputs, ops.add(positions, ops.cast(start_indices, "int32")), updates)
