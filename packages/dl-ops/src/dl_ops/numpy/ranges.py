"""Numbers in regular steps, and grids of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import shape as shape_of
from dl_ops.dtypes import PYTHON_TYPES, is_int, promote, standardize_dtype
from dl_ops.op import op, primitive
from dl_ops.rules import DtypeRule, floating
from dl_ops.typing import DTypeLike, Shape, Tensor, TensorLike

if TYPE_CHECKING:
    pass

__all__ = [
    "arange",
    "linspace",
    "meshgrid",
]


def arange_dtype(start: Any, stop: Any = None, step: Any = None, dtype: DTypeLike | None = None) -> str:
    """Dtype of the result of `arange`, which kernels need to know too."""
    if dtype is not None:
        return standardize_dtype(dtype)
    return promote(*(PYTHON_TYPES.get(type(x)) or dtype_of(x) for x in (start, stop, step) if x is not None))


def _range(start: Any, stop: Any = None, step: Any = None, dtype: DTypeLike | None = None) -> Shape:
    if step is not None and isinstance(step, (int, float)) and step == 0:
        raise ValueError("step=0: expected another number")
    if stop is None:
        start, stop = 0, start
    try:
        return (max(0, math.ceil((float(stop) - float(start)) / (1.0 if step is None else float(step)))),)
    except TypeError:
        # computed while a graph is built
        return (None,)


@op(shape=_range, dtype=DtypeRule(lambda dtypes: None, lambda dtype, arguments: arange_dtype(**arguments)))
def arange(start: Any, stop: Any = None, step: Any = None, dtype: DTypeLike | None = None) -> Tensor:
    """Numbers from `start` up to, and without, `stop` in steps of `step`.

    Parameters
    ----------
    start : int or float
        With it alone, the numbers from 0 up to it.
    stop : int or float, optional
    step : int or float, default 1
        Not zero; may be negative.
    dtype : str, optional
        By default int32 if all of them are integers, else the default float.

    Returns
    -------
    tensor, shape (ceil((stop - start) / step),)

    Raises
    ------
    ValueError
        If `step` is zero.

    Examples
    --------
    >>> arange(3).tolist(), arange(1, 2, 0.5).tolist()
    ([0, 1, 2], [1.0, 1.5])
    """
    raise primitive()


@op(dtype=floating)
def linspace(
    start: TensorLike,
    stop: TensorLike,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DTypeLike | None = None,
    axis: int = 0,
) -> Any:
    """Numbers at equal distances over an interval.

    Parameters
    ----------
    start, stop : tensor_like
        Ends of the interval, of shapes that broadcast.
    num : int, default 50
        How many numbers.
    endpoint : bool, default True
        Whether `stop` is the last of them.
    retstep : bool, default False
        Whether to return the distance too.
    dtype : str, optional
        By default the promoted dtype of `start` and `stop`, floats at least.
    axis : int, default 0
        Position of the new axis in the result.

    Returns
    -------
    tensor, or a tuple of it and the distance

    Raises
    ------
    ValueError
        If `num` is negative.

    Examples
    --------
    >>> linspace(0, 1, 5).tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    if num < 0:
        raise ValueError(f"linspace(num={num}): expected a number that is not negative")
    intervals = num - 1 if endpoint else num
    rank = max(ops.ndim(start), ops.ndim(stop))
    # worked out in float64: narrow floats do not even hold the numbers up to num
    steps = np.arange(num).reshape((num,) + (1,) * rank) / max(intervals, 1)
    fraction, rest = ops.cast(steps, dtype_of(start)), ops.cast(1 - steps, dtype_of(start))
    # exact at both ends, which start + fraction * (stop - start) is not
    y = ops.add(ops.multiply(start, rest), ops.multiply(stop, fraction))
    if axis != 0:
        y = ops.moveaxis(y, 0, axis)
    if dtype is not None:
        y = ops.cast(ops.floor(y) if is_int(standardize_dtype(dtype)) else y, dtype)
    if not retstep:
        return y
    return y, ops.divide(ops.subtract(stop, start), intervals if intervals > 0 else math.nan)


@op()
def meshgrid(*x: TensorLike, indexing: str = "xy") -> list[Tensor]:
    """Grids of coordinates from the coordinates along each axis.

    Parameters
    ----------
    *x : tensor_like, shape (n_i,)
    indexing : {"xy", "ij"}
        Whether the first two axes of the grids are interchanged, as for images.

    Returns
    -------
    list of tensor, shape (n_2, n_1, n_3, ...) or (n_1, n_2, n_3, ...)

    Raises
    ------
    ValueError
        If `indexing` is not one of those.

    Examples
    --------
    >>> [grid.tolist() for grid in meshgrid([1, 2], [3, 4, 5])]
    [[[1, 2], [1, 2], [1, 2]], [[3, 3], [4, 4], [5, 5]]]
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid(indexing={indexing!r}): expected 'xy' or 'ij'")
    rank = len(x)
    order = list(range(rank))
    if indexing == "xy" and rank > 1:
        order[:2] = 1, 0
    flat = [ops.ravel(item) for item in x]
    sizes = [shape_of(item)[0] for item in flat]
    shape = tuple(sizes[i] for i in order)
    return [
        ops.broadcast_to(ops.reshape(item, tuple(-1 if order[axis] == i else 1 for axis in range(rank))), shape)
        for i, item in enumerate(flat)
    ]
