"""Tensors put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.core.tensors import ndim
from dl_ops.core.tensors import shape as shape_of
from dl_ops.op import op, primitive
from dl_ops.rules import product, promoted, standardize_axis
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dl_ops.symbolic import KerasTensor

__all__ = ["append", "concatenate", "dstack", "hstack", "stack", "vstack"]


def _some(name: str, tensors: Sequence[Any]) -> None:
    if not tensors:
        raise ValueError(f"{name} must hold at least one tensor")


def _merged(name: str, shapes: Sequence[Shape], axis: int | None) -> list[int | None]:
    """Sizes that the shapes agree in, whatever they are along `axis`."""
    merged = list(shapes[0])
    for shape in shapes[1:]:
        if len(shape) != len(merged):
            raise ValueError(f"{name} must have equally many dimensions, got shapes {', '.join(map(str, shapes))}")
        for i, size in enumerate(shape):
            if i == axis:
                continue
            if None not in (size, merged[i]) and size != merged[i]:
                raise ValueError(
                    f"{name} must agree in all axes{'' if axis is None else f' but {axis}'}, "
                    f"got shapes {', '.join(map(str, shapes))}"
                )
            merged[i] = size if merged[i] is None else merged[i]
    return merged


def _total(sizes: Iterable[int | None]) -> int | None:
    total = 0
    for size in sizes:
        if size is None:
            return None
        total += size
    return total


def _joined(shapes: Sequence[Shape], axis: int) -> Shape:
    _some("xs", shapes)
    along = standardize_axis(axis, len(shapes[0]))
    merged = _merged("xs", shapes, along)
    merged[along] = _total(shape[along] for shape in shapes)
    return tuple(merged)


def _concatenated(xs: Sequence[KerasTensor], axis: int | None = 0) -> Shape:
    return _joined([x.shape for x in xs], 0 if axis is None else axis)


@op(shape=_concatenated, dtype=promoted)
def concatenate(xs: Sequence[TensorLike], axis: int = 0) -> Tensor:
    """Join tensors along an axis that they have.

    Parameters
    ----------
    xs : sequence of tensor_like
        Of shapes that agree in all other axes.
    axis : int, default 0

    Returns
    -------
    tensor
        Of the promoted dtype.

    Raises
    ------
    ValueError
        If there are none, or their shapes do not agree.

    Examples
    --------
    >>> concatenate([[[1, 2]], [[3, 4]]]).tolist()
    [[1, 2], [3, 4]]
    """
    raise primitive()


def _stacked(x: Sequence[KerasTensor], axis: int = 0) -> Shape:
    _some("x", x)
    merged = _merged("x", [item.shape for item in x], None)
    merged.insert(standardize_axis(axis, len(merged) + 1), len(x))
    return tuple(merged)


@op(shape=_stacked, dtype=promoted)
def stack(x: Sequence[TensorLike], axis: int = 0) -> Tensor:
    """Join tensors along a new axis.

    Parameters
    ----------
    x : sequence of tensor_like
        All of the same shape.
    axis : int, default 0
        Position of the new axis in the result.

    Returns
    -------
    tensor
        Of the promoted dtype.

    Raises
    ------
    ValueError
        If there are none, or their shapes differ.

    Examples
    --------
    >>> stack([[1, 2], [3, 4]], axis=1).tolist()
    [[1, 3], [2, 4]]
    """
    return concatenate([ops.expand_dims(item, axis) for item in x], axis=axis)


def _horizontal(xs: Sequence[KerasTensor]) -> Shape:
    shapes = [x.shape or (1,) for x in xs]
    return _joined(shapes, 0 if shapes and len(shapes[0]) == 1 else 1)


@op(shape=_horizontal, dtype=promoted)
def hstack(xs: Sequence[TensorLike]) -> Tensor:
    """Join tensors along the second axis, or the first where they have only one.

    Parameters
    ----------
    xs : sequence of tensor_like
        Numbers count as tensors of one element.

    Returns
    -------
    tensor
        Of the promoted dtype.

    Examples
    --------
    >>> hstack([[[1], [2]], [[3], [4]]]).tolist()
    [[1, 3], [2, 4]]
    """
    rows = [ops.reshape(x, (1,)) if ndim(x) == 0 else x for x in xs]
    return concatenate(rows, axis=0 if ndim(rows[0]) == 1 else 1)


@op(shape=lambda xs: _joined([(1, *(x.shape or (1,))) if len(x.shape) < 2 else x.shape for x in xs], 0), dtype=promoted)
def vstack(xs: Sequence[TensorLike]) -> Tensor:
    """Join tensors along the first axis, those of one dimension as rows.

    Parameters
    ----------
    xs : sequence of tensor_like

    Returns
    -------
    tensor
        Of the promoted dtype.

    Examples
    --------
    >>> vstack([[1, 2], [3, 4]]).tolist()
    [[1, 2], [3, 4]]
    """
    return concatenate([ops.reshape(x, (1, -1)) if ndim(x) < 2 else x for x in xs], axis=0)


def _deep_shape(shape: Shape) -> Shape:
    """A shape with three axes at least."""
    return {0: (1, 1, 1), 1: (1, *shape, 1), 2: (*shape, 1)}.get(len(shape), shape)


def _stacked_deep(xs: Sequence[KerasTensor]) -> Shape:
    return _joined([_deep_shape(x.shape) for x in xs], 2)


@op(shape=_stacked_deep, dtype=promoted)
def dstack(xs: Sequence[TensorLike]) -> Tensor:
    """Join tensors along the third axis.

    Parameters
    ----------
    xs : sequence of tensor_like
        Those of shape ``(m, n)`` count as ``(m, n, 1)``, those of shape ``(n,)`` as ``(1, n, 1)``.

    Returns
    -------
    tensor
        Of the promoted dtype.

    Raises
    ------
    ValueError
        If there are none, or their shapes do not agree in the other axes.

    Examples
    --------
    >>> dstack([[1, 2], [3, 4]]).tolist()
    [[[1, 3], [2, 4]]]
    """
    return concatenate([ops.reshape(x, _deep_shape(shape_of(x))) for x in xs], axis=2)


def _appended(x1: KerasTensor, x2: KerasTensor, axis: int | None = None) -> Shape:
    if axis is None:
        return (_total([product(x1.shape), product(x2.shape)]),)
    return _joined([x1.shape, x2.shape], axis)


@op(shape=_appended, dtype=promoted)
def append(x1: TensorLike, x2: TensorLike, axis: int | None = None) -> Tensor:
    """Join two tensors along an axis.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that agree in all other axes.
    axis : int, optional
        By default both are flattened.

    Returns
    -------
    tensor
        Of the promoted dtype.

    Examples
    --------
    >>> append([1, 2], [[3, 4]]).tolist()
    [1, 2, 3, 4]
    """
    if axis is None:
        return concatenate([ops.ravel(x1), ops.ravel(x2)])
    return concatenate([x1, x2], axis=axis)
