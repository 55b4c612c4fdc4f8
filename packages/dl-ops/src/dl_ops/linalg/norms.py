"""Norms of vectors and matrices."""

from __future__ import annotations

from typing import Any, cast

from dl_ops import ops
from dl_ops.op import op
from dl_ops.rules import floating, reduced, standardize_axes
from dl_ops.typing import Axis, Shape, Tensor, TensorLike

__all__ = ["norm"]

_MATRIX_ORDERS = ("fro", "nuc", 1, -1, 2, -2, float("inf"), float("-inf"))


def _norm_shape(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Shape:
    axes = standardize_axes(axis, len(x.shape))
    if ord is not None:
        if len(axes) not in (1, 2):
            raise ValueError(f"ord={ord!r} with {len(axes)} axes: expected one for a vector or two for a matrix")
        if len(axes) == 1 and isinstance(ord, str):
            raise ValueError(f"ord={ord!r}: expected a number for the norm of a vector")
        if len(axes) == 2 and ord not in _MATRIX_ORDERS:
            raise ValueError(f"ord={ord!r}: expected one of {_MATRIX_ORDERS} for the norm of a matrix")
    return reduced(x, axis, keepdims)


@op(shape=_norm_shape, dtype=floating)
def norm(x: TensorLike, ord: int | float | str | None = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Norm of vectors or matrices along axes.

    Parameters
    ----------
    x : tensor_like
    ord : int, float or {"fro", "nuc"}, optional
        For a vector: ``sum(|x| ** ord) ** (1 / ord)``, the largest or smallest magnitude for plus and minus infinity,
        the number of entries other than 0 for 0. For a matrix: ``"fro"`` the root of the squares' sum, ``"nuc"`` the
        sum of the singular values, 2 and -2 the largest and smallest of them, 1 and -1 the largest and smallest sum of
        a column's magnitudes, plus and minus infinity of a row's. By default the root of the sum of squares over all
        axes.
    axis : int or sequence of int, optional
        One for vectors, two for matrices; by default all.
    keepdims : bool, default False
        Keep the reduced axes with size 1.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If `ord` does not go with the number of axes.

    Examples
    --------
    >>> norm([[3.0, 4.0], [0.0, 5.0]], axis=1).tolist()
    [5.0, 5.0]
    """
    rank = len(cast(Tensor, x).shape)
    axes = standardize_axes(axis, rank)
    if ord is not None and len(axes) not in (1, 2):
        raise ValueError(f"ord={ord!r} with {len(axes)} axes")
    if ord is None or ord == "fro" or (ord == 2 and len(axes) == 1):
        # of complex numbers, the magnitudes
        return ops.sqrt(ops.sum(ops.square(ops.absolute(x)), axis=axes, keepdims=keepdims))
    if len(axes) == 1:
        return _vector_norm(ops.absolute(x), float(ord), axes, keepdims)
    if ord in ("nuc", 2, -2):
        values = ops.svd(ops.moveaxis(x, axes, (-2, -1)), full_matrices=False, compute_uv=False)
        summarize = {"nuc": ops.sum, 2: ops.max, -2: ops.min}[ord]
        result = summarize(values, axis=-1)
        return ops.expand_dims(result, tuple(sorted(axes))) if keepdims else result
    rows, columns = axes
    summed, ranked = (rows, columns) if abs(float(ord)) == 1 else (columns, rows)
    sums = ops.sum(ops.absolute(x), axis=summed, keepdims=True)
    result = (ops.max if float(ord) > 0 else ops.min)(sums, axis=ranked, keepdims=True)
    return result if keepdims else ops.squeeze(result, axes)


def _vector_norm(magnitudes: Tensor, ord: float, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    if ord == float("inf"):
        return ops.max(magnitudes, axis=axes, keepdims=keepdims)
    if ord == float("-inf"):
        return ops.min(magnitudes, axis=axes, keepdims=keepdims)
    if ord == 0:
        return ops.sum(ops.cast(ops.not_equal(magnitudes, 0), magnitudes.dtype), axis=axes, keepdims=keepdims)
    if ord == 1:
        return ops.sum(magnitudes, axis=axes, keepdims=keepdims)
    return ops.power(ops.sum(ops.power(magnitudes, ord), axis=axes, keepdims=keepdims), 1.0 / ord)
