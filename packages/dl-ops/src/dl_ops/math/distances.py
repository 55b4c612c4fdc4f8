"""Distances between points."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.op import op
from dl_ops.rules import broadcast_shapes, floating
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["cdist"]


def _pairs(x: Any, y: Any) -> Shape:
    for name, points in (("x", x), ("y", y)):
        if len(points.shape) < 2:
            raise ValueError(f"{name} has shape {tuple(points.shape)}: expected at least two dimensions")
    if None not in (x.shape[-1], y.shape[-1]) and x.shape[-1] != y.shape[-1]:
        raise ValueError(f"x has points of {x.shape[-1]} coordinates, y of {y.shape[-1]}: expected the same")
    return (*broadcast_shapes(tuple(x.shape[:-2]), tuple(y.shape[:-2])), x.shape[-2], y.shape[-2])


@op(shape=_pairs, dtype=floating)
def cdist(x: TensorLike, y: TensorLike) -> Tensor:
    """Euclidean distance of each point of one set from each of another.

    Parameters
    ----------
    x : tensor_like, shape (..., m, coordinates)
    y : tensor_like, shape (..., n, coordinates)
        Leading axes broadcast.

    Returns
    -------
    tensor, shape (..., m, n)
        Its gradient is 0 where points coincide.

    Raises
    ------
    ValueError
        If one has less than two dimensions, or the numbers of coordinates differ.

    Examples
    --------
    >>> cdist([[0.0, 0.0], [3.0, 0.0]], [[0.0, 4.0]]).tolist()
    [[4.0], [5.0]]
    """
    _pairs(x, y)
    # not by way of products, which cancel for points that are close
    squares = ops.sum(ops.square(ops.subtract(ops.expand_dims(x, -2), ops.expand_dims(y, -3))), axis=-1)
    apart = ops.greater(squares, 0)
    roots = ops.sqrt(ops.where(apart, squares, 1.0))
    # NaN stays NaN
    distances: Tensor = ops.where(apart, roots, squares)
    return distances
