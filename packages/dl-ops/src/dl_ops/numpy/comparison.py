"""Comparisons, element-wise; results are boolean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.op import op, primitive
from dl_ops.rules import approximate, broadcast, broadcast_shapes, compared
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = [
    "allclose",
    "equal",
    "greater",
    "greater_equal",
    "isclose",
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
