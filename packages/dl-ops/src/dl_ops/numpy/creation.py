"""Tensors of given values, and masks of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.core.tensors import copy
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import shape as shape_of
from dl_ops.dtypes import PYTHON_TYPES, is_int, promote, standardize_dtype
from dl_ops.interchange import convert_to_tensor
from dl_ops.op import op, primitive
from dl_ops.rules import DtypeRule, floating, from_shape_argument, kept, requested, requested_or_kept, same
from dl_ops.typing import DTypeLike, Shape, ShapeLike, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = [
    "arange",
    "array",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "identity",
    "linspace",
    "ones",
    "ones_like",
    "tri",
    "tril",
    "triu",
    "zeros",
    "zeros_like",
]


@op(shape=from_shape_argument, dtype=requested)
def full(shape: ShapeLike, fill_value: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor with the same value everywhere.

    Parameters
    ----------
    shape : int or sequence of int
    fill_value : tensor_like
        A number, or a tensor of a shape that broadcasts to `shape`.
    dtype : str, optional
        By default the default float.

    Returns
    -------
    tensor, shape `shape`

    Examples
    --------
    >>> full((2, 2), 7, dtype="int32").tolist()
    [[7, 7], [7, 7]]
    """
    raise primitive()


@op(shape=from_shape_argument, dtype=requested)
def zeros(shape: ShapeLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor of zeros.

    Parameters
    ----------
    shape : int or sequence of int
    dtype : str, optional
        By default the default float.

    Returns
    -------
    tensor, shape `shape`

    Examples
    --------
    >>> zeros((2,)).tolist()
    [0.0, 0.0]
    """
    return full(shape, 0, dtype)


@op(shape=from_shape_argument, dtype=requested)
def ones(shape: ShapeLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor of ones.

    Parameters
    ----------
    shape : int or sequence of int
    dtype : str, optional
        By default the default float.

    Returns
    -------
    tensor, shape `shape`

    Examples
    --------
    >>> ones((2,), dtype="bool").tolist()
    [True, True]
    """
    return full(shape, 1, dtype)


@op(shape=from_shape_argument, dtype=requested)
def empty(shape: ShapeLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor whose values are not defined.

    Parameters
    ----------
    shape : int or sequence of int
    dtype : str, optional
        By default the default float.

    Returns
    -------
    tensor, shape `shape`

    Examples
    --------
    >>> tuple(empty((2, 3)).shape)
    (2, 3)
    """
    return zeros(shape, dtype)


@op(shape=same, dtype=requested_or_kept)
def full_like(x: TensorLike, fill_value: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor of the shape of another one, with the same value everywhere.

    Parameters
    ----------
    x : tensor_like, shape (...)
    fill_value : tensor_like
        A number, or a tensor of a shape that broadcasts to that of `x`.
    dtype : str, optional
        By default that of `x`.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> full_like([1, 2], 7).tolist()
    [7, 7]
    """
    return full(shape_of(x), fill_value, dtype_of(x) if dtype is None else dtype)


@op(shape=same, dtype=requested_or_kept)
def zeros_like(x: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor of zeros of the shape of another one.

    Parameters
    ----------
    x : tensor_like, shape (...)
    dtype : str, optional
        By default that of `x`.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> zeros_like([1, 2]).tolist()
    [0, 0]
    """
    return zeros(shape_of(x), dtype_of(x) if dtype is None else dtype)


@op(shape=same, dtype=requested_or_kept)
def ones_like(x: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor of ones of the shape of another one.

    Parameters
    ----------
    x : tensor_like, shape (...)
    dtype : str, optional
        By default that of `x`.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> ones_like([1, 2]).tolist()
    [1, 1]
    """
    return ones(shape_of(x), dtype_of(x) if dtype is None else dtype)


@op(shape=same, dtype=requested_or_kept)
def empty_like(x: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """Tensor of the shape of another one, whose values are not defined.

    Parameters
    ----------
    x : tensor_like, shape (...)
    dtype : str, optional
        By default that of `x`.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> tuple(empty_like([1, 2]).shape)
    (2,)
    """
    return empty(shape_of(x), dtype_of(x) if dtype is None else dtype)


def array(x: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """Make a tensor of the active backend that is a copy of `x`.

    Parameters
    ----------
    x : tensor_like, shape (...)
    dtype : str, optional
        By default that of `x`; int32 for Python integers, the default float for Python floats.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> array([1, 2]).tolist()
    [1, 2]
    """
    return copy(convert_to_tensor(x, dtype))


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
    start, stop = (
        ops.broadcast_to(start, _common_shape(start, stop)),
        ops.broadcast_to(stop, _common_shape(start, stop)),
    )
    fraction = ops.divide(arange(num, dtype=dtype_of(start)), max(intervals, 1))
    fraction = ops.reshape(fraction, (num,) + (1,) * ops.ndim(start))
    # exact at both ends, which start + fraction * (stop - start) is not
    y = ops.add(ops.multiply(start, ops.subtract(1, fraction)), ops.multiply(stop, fraction))
    if axis != 0:
        y = ops.moveaxis(y, 0, axis)
    if dtype is not None:
        y = ops.cast(ops.floor(y) if is_int(standardize_dtype(dtype)) else y, dtype)
    if not retstep:
        return y
    return y, ops.divide(ops.subtract(stop, start), intervals if intervals > 0 else math.nan)


def _common_shape(*tensors: TensorLike) -> Shape:
    from dl_ops.rules import broadcast_shapes

    return broadcast_shapes(*map(shape_of, tensors))


def _matrix(N: int, M: int | None = None, *options: Any, **more: Any) -> Shape:
    for name, size in (("N", N), ("M", M)):
        if not (name == "M" and size is None) and (not hasattr(size, "__index__") or int(size) < 0):  # type: ignore[arg-type]  # None was excluded
            raise ValueError(f"{name}={size!r}: expected an integer that is not negative")
    return (int(N), int(N if M is None else M))


@op(shape=_matrix, dtype=requested)
def eye(N: int, M: int | None = None, k: int = 0, dtype: DTypeLike | None = None) -> Tensor:
    """Matrix with ones on a diagonal and zeros elsewhere.

    Parameters
    ----------
    N : int
        Number of rows.
    M : int, optional
        Number of columns, by default `N`.
    k : int, default 0
        Which diagonal: 0 for the main one, positive above it, negative below.
    dtype : str, optional
        By default the default float.

    Returns
    -------
    tensor, shape (N, M)

    Examples
    --------
    >>> eye(2, 3, k=1).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    rows, columns = _matrix(N, M)
    return ops.cast(ops.equal(_offset_rows(rows, k), arange(columns)), standardize_dtype(dtype))


def _offset_rows(rows: Any, k: int) -> Tensor:
    return ops.reshape(arange(k, rows + k), (rows, 1))


@op(shape=lambda n, *options: _matrix(n), dtype=requested)
def identity(n: int, dtype: DTypeLike | None = None) -> Tensor:
    """Square matrix with ones on the main diagonal and zeros elsewhere.

    Parameters
    ----------
    n : int
        Number of rows and columns.
    dtype : str, optional
        By default the default float.

    Returns
    -------
    tensor, shape (n, n)

    Examples
    --------
    >>> identity(2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return eye(n, dtype=dtype)


@op(shape=_matrix, dtype=requested)
def tri(N: int, M: int | None = None, k: int = 0, dtype: DTypeLike | None = None) -> Tensor:
    """Matrix with ones on and below a diagonal and zeros above it.

    Parameters
    ----------
    N : int
        Number of rows.
    M : int, optional
        Number of columns, by default `N`.
    k : int, default 0
        Which diagonal: 0 for the main one, positive above it, negative below.
    dtype : str, optional
        By default the default float.

    Returns
    -------
    tensor, shape (N, M)

    Examples
    --------
    >>> tri(2, 3).tolist()
    [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]
    """
    rows, columns = _matrix(N, M)
    return ops.cast(ops.greater_equal(_offset_rows(rows, k), arange(columns)), standardize_dtype(dtype))


def _matrices(x: KerasTensor, k: int = 0) -> Shape:
    if len(x.shape) < 2:
        raise ValueError(f"x must have at least two dimensions, got shape {x.shape}")
    return x.shape


@op(shape=_matrices, dtype=kept)
def tril(x: TensorLike, k: int = 0) -> Tensor:
    """Lower triangle of the last two dimensions, with zeros above the diagonal.

    Parameters
    ----------
    x : tensor_like, shape (..., m, n)
    k : int, default 0
        Highest diagonal to keep: 0 for the main one, positive above it, negative below.

    Returns
    -------
    tensor, shape (..., m, n)

    Raises
    ------
    ValueError
        If `x` has less than two dimensions.

    Examples
    --------
    >>> tril([[1, 2], [3, 4]]).tolist()
    [[1, 0], [3, 4]]
    """
    rows, columns = shape_of(x)[-2:]
    return ops.where(tri(rows, columns, k, "bool"), x, zeros((), dtype_of(x)))  # type: ignore[arg-type]  # known when it runs


@op(shape=_matrices, dtype=kept)
def triu(x: TensorLike, k: int = 0) -> Tensor:
    """Upper triangle of the last two dimensions, with zeros below the diagonal.

    Parameters
    ----------
    x : tensor_like, shape (..., m, n)
    k : int, default 0
        Lowest diagonal to keep: 0 for the main one, positive above it, negative below.

    Returns
    -------
    tensor, shape (..., m, n)

    Raises
    ------
    ValueError
        If `x` has less than two dimensions.

    Examples
    --------
    >>> triu([[1, 2], [3, 4]]).tolist()
    [[1, 2], [0, 4]]
    """
    rows, columns = shape_of(x)[-2:]
    return ops.where(tri(rows, columns, k - 1, "bool"), zeros((), dtype_of(x)), x)  # type: ignore[arg-type]  # known when it runs
