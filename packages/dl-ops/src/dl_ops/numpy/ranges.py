"""Numbers in regular steps, and grids of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import shape as shape_of
from dl_ops.dtypes import PYTHON_TYPES, is_int, promote, standardize_dtype
from dl_ops.interchange import convert_to_tensor
from dl_ops.op import op
from dl_ops.rules import DtypeRule, broadcast, floating_or_requested, standardize_axis
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import DTypeLike, Shape, Tensor, TensorLike

__all__ = [
    "arange",
    "geomspace",
    "linspace",
    "logspace",
    "meshgrid",
]


def arange_dtype(start: Any, stop: Any = None, step: Any = None, dtype: DTypeLike | None = None) -> str:
    """Dtype of the result of `arange`, which kernels need to know too."""
    if dtype is not None:
        return standardize_dtype(dtype)
    return promote(*(PYTHON_TYPES.get(type(x)) or dtype_of(x) for x in (start, stop, step) if x is not None))


def _range(start: Any, stop: Any = None, step: Any = None, dtype: DTypeLike | None = None) -> Shape:
    for name, x in (("start", start), ("stop", stop), ("step", step)):
        if isinstance(x, str):
            raise TypeError(f"{name}={x!r}: expected a number")
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
    # a constant; what is computed while a graph is built needs a kernel
    first, last = (0, start) if stop is None else (start, stop)
    return convert_to_tensor(
        np.arange(first, last, 1 if step is None else step), arange_dtype(start, stop, step, dtype)
    )


def _linear(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DTypeLike | None = None,
    axis: int = 0,
) -> Any:
    _check_number(num)
    y = KerasTensor(_inserted(num, axis, start, stop), standardize_dtype(dtype or start.dtype), record_history=False)
    return (y, KerasTensor(broadcast(start, stop), start.dtype, record_history=False)) if retstep else y


@op(spec=_linear, dtype=floating_or_requested)
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
    _check_number(num)
    fraction, rest = _steps(num, endpoint, max(ops.ndim(start), ops.ndim(stop)), dtype_of(start))
    # exact at both ends, which start + fraction * (stop - start) is not
    y = ops.add(ops.multiply(start, rest), ops.multiply(stop, fraction))
    if axis != 0:
        y = ops.moveaxis(y, 0, axis)
    if dtype is not None:
        y = ops.cast(ops.floor(y) if is_int(standardize_dtype(dtype)) else y, dtype)
    if not retstep:
        return y
    intervals = num - 1 if endpoint else num
    return y, ops.divide(ops.subtract(stop, start), intervals if intervals > 0 else math.nan)


def _check_number(num: int) -> None:
    if not hasattr(num, "__index__"):
        raise TypeError(f"num={num!r}: expected an integer")
    if num < 0:
        raise ValueError(f"num={num}: expected a number that is not negative")


def _steps(num: int, endpoint: bool, rank: int, dtype: str) -> tuple[Tensor, Tensor]:
    """How far along an interval each of `num` numbers is, and how far from its end, in a new first axis."""
    # worked out in float64: narrow floats do not even hold the numbers up to num
    steps = np.arange(num).reshape((num,) + (1,) * rank) / max(num - 1 if endpoint else num, 1)
    return ops.cast(steps, dtype), ops.cast(1 - steps, dtype)


def _finished(y: Tensor, dtype: DTypeLike | None, axis: int) -> Tensor:
    """`y` with its first axis in another place, in the dtype asked for."""
    if axis != 0:
        y = ops.moveaxis(y, 0, axis)
    if dtype is None:
        return y
    if is_int(standardize_dtype(dtype)):
        # what is an integer but for rounding is not cut off to the one before
        nearest = ops.round(y)
        y = ops.where(ops.isclose(y, nearest, rtol=1e-5, atol=0.0), nearest, y)
    return ops.cast(y, dtype)


def _inserted(num: int, axis: int, *ends: Any) -> Shape:
    """The shape that the ends broadcast to, with a new axis."""
    sizes = list(broadcast(*ends))
    sizes.insert(standardize_axis(axis, len(sizes) + 1), int(num))
    return tuple(sizes)


def _logarithmic(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: Any = 10,
    dtype: DTypeLike | None = None,
    axis: int = 0,
) -> Shape:
    _check_number(num)
    return _inserted(num, axis, start, stop, base)


@op(shape=_logarithmic, dtype=floating_or_requested)
def logspace(
    start: TensorLike,
    stop: TensorLike,
    num: int = 50,
    endpoint: bool = True,
    base: TensorLike = 10,
    dtype: DTypeLike | None = None,
    axis: int = 0,
) -> Tensor:
    """Powers of a base whose exponents are at equal distances.

    Parameters
    ----------
    start, stop : tensor_like
        First and last exponent, of shapes that broadcast.
    num : int, default 50
        How many numbers.
    endpoint : bool, default True
        Whether `stop` is the last exponent.
    base : tensor_like, default 10
    dtype : str, optional
        By default the promoted dtype of `start`, `stop` and `base`, floats at least.
    axis : int, default 0
        Position of the new axis in the result.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If `num` is negative.

    Examples
    --------
    >>> logspace(0, 3, 4, base=2).tolist()
    [1.0, 2.0, 4.0, 8.0]
    """
    _check_number(num)
    rank = max(ops.ndim(start), ops.ndim(stop), ops.ndim(base))
    fraction, rest = _steps(num, endpoint, rank, dtype_of(start))
    exponents = ops.add(ops.multiply(start, rest), ops.multiply(stop, fraction))
    return _finished(ops.power(base, exponents), dtype, axis)


def _geometric(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: DTypeLike | None = None, axis: int = 0
) -> Shape:
    _check_number(num)
    return _inserted(num, axis, start, stop)


@op(shape=_geometric, dtype=floating_or_requested)
def geomspace(
    start: TensorLike,
    stop: TensorLike,
    num: int = 50,
    endpoint: bool = True,
    dtype: DTypeLike | None = None,
    axis: int = 0,
) -> Tensor:
    """Numbers over an interval each of which is the same multiple of the one before.

    Parameters
    ----------
    start, stop : tensor_like
        Ends of the interval, of shapes that broadcast. If one is 0 or their signs differ, there are no such numbers,
        and the result is NaN.
    num : int, default 50
        How many numbers.
    endpoint : bool, default True
        Whether `stop` is the last of them.
    dtype : str, optional
        By default the promoted dtype of `start` and `stop`, floats at least.
    axis : int, default 0
        Position of the new axis in the result.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If `num` is negative.

    Examples
    --------
    >>> geomspace(1, 8, 4, dtype="int32").tolist()
    [1, 2, 4, 8]
    """
    _check_number(num)
    fraction, rest = _steps(num, endpoint, max(ops.ndim(start), ops.ndim(stop)), dtype_of(start))
    signs = ops.multiply(ops.sign(start), ops.sign(stop))
    sign = ops.where(ops.greater(signs, 0), ops.sign(start), math.nan)
    # powers of each end, and not of their ratio, which may overflow
    sizes = ops.multiply(ops.power(ops.absolute(start), rest), ops.power(ops.absolute(stop), fraction))
    return _finished(ops.multiply(sign, sizes), dtype, axis)


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
