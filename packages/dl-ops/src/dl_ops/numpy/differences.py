"""Differences along an axis, and the integral from samples."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import ndim
from dl_ops.core.tensors import shape as shape_of
from dl_ops.op import op
from dl_ops.rules import broadcast_shapes, floating, kept, reduced, standardize_axis
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = ["diff", "trapezoid"]


def _check_times(n: int) -> None:
    if not hasattr(n, "__index__") or n < 0:
        raise ValueError(f"n={n!r}: expected a non-negative integer")


def _differences(a: KerasTensor, n: int = 1, axis: int = -1) -> Shape:
    _check_times(n)
    along = standardize_axis(axis, len(a.shape))
    return tuple(size if i != along or size is None else max(size - n, 0) for i, size in enumerate(a.shape))


@op(shape=_differences, dtype=kept)
def diff(a: TensorLike, n: int = 1, axis: int = -1) -> Tensor:
    """Differences between neighbours along an axis, `n` times.

    Parameters
    ----------
    a : tensor_like, shape (..., size, ...)
        Of booleans, whether neighbours differ; unsigned integers wrap around.
    n : int, default 1
        How often; 0 leaves `a` as it is.
    axis : int, default -1

    Returns
    -------
    tensor, shape (..., max(size - n, 0), ...)

    Raises
    ------
    ValueError
        If `n` is negative or the axis out of range.

    Examples
    --------
    >>> diff([1, 2, 4, 7]).tolist(), diff([1, 2, 4, 7], n=2).tolist()
    ([1, 2, 3], [1, 1])
    """
    subtract = ops.not_equal if dtype_of(a) == "bool" else ops.subtract
    count = operator.index(n)
    size = shape_of(a)[standardize_axis(axis, ndim(a))]
    _check_times(n)
    y: Any = a
    for _ in range(count if size is None else min(count, size)):
        y = subtract(*_neighbours(y, axis))
    return y  # type: ignore[no-any-return]  # a tensor of some framework


def _neighbours(x: Any, axis: int) -> tuple[Any, Any]:
    """All but the first along an axis, and all but the last."""
    before = (slice(None),) * standardize_axis(axis, ndim(x))
    return x[(*before, slice(1, None))], x[(*before, slice(None, -1))]


def _integrated(y: KerasTensor, x: KerasTensor | None = None, dx: float = 1.0, axis: int = -1) -> Shape:
    along = standardize_axis(axis, len(y.shape))
    if x is None:
        return reduced(y, axis)
    points = (*(1 for _ in y.shape[:along]), *x.shape, *(1 for _ in y.shape[along + 1 :])) if _is_line(x) else x.shape
    if len(points) != len(y.shape) or (None not in (points[along], y.shape[along]) and points[along] != y.shape[along]):
        raise ValueError(
            f"x must have one dimension, of the size of axis {axis} of y, or the shape of y, {y.shape}; got {x.shape}"
        )
    shape = broadcast_shapes(points, y.shape)
    return tuple(size for i, size in enumerate(shape) if i != along)


def _is_line(x: Any) -> bool:
    return ndim(x) == 1


@op(shape=_integrated, dtype=floating)
def trapezoid(y: TensorLike, x: TensorLike | None = None, dx: float = 1.0, axis: int = -1) -> Tensor:
    """Integral along an axis by the trapezoidal rule.

    Parameters
    ----------
    y : tensor_like, shape (..., size, ...)
        Samples; integers are promoted to the default float.
    x : tensor_like, shape (size,) or that of `y`, optional
        Where the samples were taken; by default a distance `dx` apart.
    dx : float, default 1.0
    axis : int, default -1

    Returns
    -------
    tensor, shape of `y` without the axis

    Raises
    ------
    ValueError
        If the axis is out of range or the shape of `x` does not fit.

    Examples
    --------
    >>> trapezoid([1.0, 2.0, 4.0]).tolist(), trapezoid([1, 2, 4], x=[0, 1, 3]).tolist()
    (4.5, 7.5)
    """
    later, earlier = _neighbours(y, axis)
    if x is None:
        return ops.multiply(ops.sum(ops.add(later, earlier), axis), 0.5 * dx)
    if _is_line(x):
        along = standardize_axis(axis, ndim(y))
        x = ops.expand_dims(x, tuple(i for i in range(ndim(y)) if i != along)) if ndim(y) > 1 else x
    return ops.multiply(ops.sum(ops.multiply(ops.add(later, earlier), diff(x, axis=axis)), axis), 0.5)
