"""Windows of an axis taken at places that are worked out beforehand: the defaults of adaptive poolings, `fold` and
`unfold`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import ndim
from dl_ops.typing import Array, TensorLike


def taken(x: TensorLike, axis: int, places: Array, size: int) -> Any:
    """Elements along an axis at `places`, zeros where those are not below `size`.

    Parameters
    ----------
    x : tensor_like
    axis : int
        Counted from the front; the axes of `places` come in its stead.
    places : numpy.ndarray of int
    size : int
        Of the axis.

    Returns
    -------
    tensor

    Examples
    --------
    >>> taken(ops.arange(1, 4), 0, np.array([[-1, 0], [2, 3]]), 3).tolist()
    [[0, 1], [3, 0]]
    """
    inside = (places >= 0) & (places < size)
    if size == 0:
        # there is nothing to take, not even in vain
        x, inside = ops.pad(x, [(0, int(i == axis)) for i in range(ndim(x))]), inside & False
    y = ops.take(x, np.where(inside, places, 0).astype("int32"), axis)
    if inside.all():
        return y
    mask = inside.reshape(inside.shape + (1,) * (ndim(x) - axis - 1))
    return ops.where(mask, y, ops.zeros((), dtype_of(x)))


def side_by_side(lists: Sequence[Sequence[int]]) -> Array:
    """Lists of different lengths as the rows of an array, filled up with -1.

    Examples
    --------
    >>> side_by_side([[0], [1, 2]])
    array([[ 0, -1],
           [ 1,  2]])
    """
    rows = np.full((len(lists), max(map(len, lists), default=0)), -1)
    for row, values in zip(rows, lists, strict=True):
        row[: len(values)] = values
    return rows
