"""Comparisons, element-wise; results are boolean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import shape as shape_of
from dl_ops.dtypes import is_float, is_int
from dl_ops.op import op, primitive
from dl_ops.rules import approximate, broadcast, broadcast_shapes, compared, product
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = [
    "allclose",
    "equal",
    "greater",
    "greater_equal",
    "isclose",
    "isin",
    "less",
    "less_equal",
    "not_equal",
]


@op(shape=broadcast, dtype=compared)
def equal(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise ``x1 == x2``.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape, boolean.

    Examples
    --------
    >>> equal([1, 2], 2).tolist()
    [False, True]
    """
    raise primitive()


@op(shape=broadcast, dtype=compared)
def not_equal(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise ``x1 != x2``.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape, boolean.

    Examples
    --------
    >>> not_equal([1, 2], 2).tolist()
    [True, False]
    """
    return ops.logical_not(equal(x1, x2))


@op(shape=broadcast, dtype=compared)
def greater(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise ``x1 > x2``.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape, boolean.

    Examples
    --------
    >>> greater([1, 3], 2).tolist()
    [False, True]
    """
    raise primitive()


@op(shape=broadcast, dtype=compared)
def greater_equal(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise ``x1 >= x2``.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape, boolean.

    Examples
    --------
    >>> greater_equal([1, 2], 2).tolist()
    [False, True]
    """
    return ops.logical_or(greater(x1, x2), equal(x1, x2))


@op(shape=broadcast, dtype=compared)
def less(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise ``x1 < x2``.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape, boolean.

    Examples
    --------
    >>> less([1, 3], 2).tolist()
    [True, False]
    """
    return greater(x2, x1)


@op(shape=broadcast, dtype=compared)
def less_equal(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise ``x1 <= x2``.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape, boolean.

    Examples
    --------
    >>> less_equal([2, 3], 2).tolist()
    [True, False]
    """
    return greater_equal(x2, x1)


def _closeness(x1: KerasTensor, x2: KerasTensor, *options: Any) -> Shape:
    return broadcast_shapes(x1.shape, x2.shape)


@op(shape=_closeness, dtype=approximate)
def isclose(x1: TensorLike, x2: TensorLike, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Element-wise test for near equality, ``|x1 - x2| <= atol + rtol * |x2|``; infinities are close to themselves.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast.
    rtol, atol : float
        Relative and absolute tolerance.
    equal_nan : bool, default False
        Whether NaN is close to NaN.

    Returns
    -------
    tensor
        Of the broadcast shape, boolean.

    Examples
    --------
    >>> isclose([1.0, 2.0], [1.000001, 2.1]).tolist()
    [True, False]
    """
    within = less_equal(ops.absolute(ops.subtract(x1, x2)), ops.add(atol, ops.multiply(rtol, ops.absolute(x2))))
    # an infinite bound is above anything, and the difference of equal infinities is NaN
    close = ops.logical_or(ops.logical_and(within, ops.isfinite(x2)), equal(x1, x2))
    return ops.logical_or(close, ops.logical_and(ops.isnan(x1), ops.isnan(x2))) if equal_nan else close


@op(shape=lambda x1, x2, *options: _closeness(x1, x2)[:0], dtype=approximate)
def allclose(x1: TensorLike, x2: TensorLike, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Whether all elements of two tensors are near each other, in the sense of `isclose`.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast.
    rtol, atol : float
        Relative and absolute tolerance.
    equal_nan : bool, default False
        Whether NaN is close to NaN.

    Returns
    -------
    tensor, shape ()
        Boolean.

    Examples
    --------
    >>> bool(allclose([1.0, 2.0], [1.000001, 2.0]))
    True
    """
    return ops.all(isclose(x1, x2, rtol, atol, equal_nan))


# with fewer, comparing with each is faster than looking them up
_FEW = 32


@op(shape=lambda x1, *arguments, **options: x1.shape, dtype=compared)
def isin(x1: TensorLike, x2: TensorLike, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Element-wise test for being an element of another tensor.

    Parameters
    ----------
    x1 : tensor_like, shape (...)
    x2 : tensor_like
        What to look for.
    assume_unique : bool, default False
        No element occurs twice, neither in `x1` nor in `x2`; makes it faster on some backends.
    invert : bool, default False
        Whether to test for the opposite.

    Returns
    -------
    tensor, shape (...)
        Boolean. NaN is not an element.

    Examples
    --------
    >>> isin([1, 2, 3], [3, 1]).tolist()
    [True, False, True]
    """
    elements = ops.reshape(x2, (-1,))
    count = product(shape_of(x2))
    dtype = dtype_of(x2)
    found: Any
    if count is None or count <= _FEW or not (is_float(dtype) or is_int(dtype)):
        found = ops.any(equal(ops.expand_dims(x1, -1), elements), axis=-1)
    else:
        elements = ops.sort(elements)
        nearest = ops.minimum(ops.searchsorted(elements, x1), count - 1)
        found = equal(ops.take(elements, nearest), x1)
    return ops.logical_not(found) if invert else found
