"""Comparisons, tests and logic, element-wise; results are boolean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.op import op, primitive
from dl_ops.rules import approximate, broadcast, broadcast_shapes, compared, logical, same, tested
from dl_ops.typing import ConditionLike, Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = [
    "allclose",
    "equal",
    "greater",
    "greater_equal",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
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
    return logical_not(equal(x1, x2))


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
    raise primitive()


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


@op(shape=broadcast, dtype=logical)
def logical_and(x1: ConditionLike, x2: ConditionLike) -> Tensor:
    """Element-wise truth of both `x1` and `x2`.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast. Whatever is not zero is true.

    Returns
    -------
    tensor
        Of the broadcast shape, boolean.

    Examples
    --------
    >>> logical_and([True, False], True).tolist()
    [True, False]
    """
    raise primitive()


@op(shape=broadcast, dtype=logical)
def logical_or(x1: ConditionLike, x2: ConditionLike) -> Tensor:
    """Element-wise truth of `x1` or `x2` or both.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast. Whatever is not zero is true.

    Returns
    -------
    tensor
        Of the broadcast shape, boolean.

    Examples
    --------
    >>> logical_or([True, False], False).tolist()
    [True, False]
    """
    raise primitive()


@op(shape=broadcast, dtype=logical)
def logical_xor(x1: ConditionLike, x2: ConditionLike) -> Tensor:
    """Element-wise truth of exactly one of `x1` and `x2`.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast. Whatever is not zero is true.

    Returns
    -------
    tensor
        Of the broadcast shape, boolean.

    Examples
    --------
    >>> logical_xor([True, False], True).tolist()
    [False, True]
    """
    return not_equal(x1, x2)


@op(shape=same, dtype=logical)
def logical_not(x: ConditionLike) -> Tensor:
    """Element-wise negation.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Whatever is not zero is true.

    Returns
    -------
    tensor, shape (...)
        Boolean.

    Examples
    --------
    >>> logical_not([True, False]).tolist()
    [False, True]
    """
    raise primitive()


@op(shape=same, dtype=tested)
def isnan(x: TensorLike) -> Tensor:
    """Element-wise test for NaN.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        Boolean.

    Examples
    --------
    >>> isnan([1.0, float("nan")]).tolist()
    [False, True]
    """
    raise primitive()


@op(shape=same, dtype=tested)
def isinf(x: TensorLike) -> Tensor:
    """Element-wise test for either infinity.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        Boolean.

    Examples
    --------
    >>> isinf([1.0, float("-inf")]).tolist()
    [False, True]
    """
    raise primitive()


@op(shape=same, dtype=tested)
def isfinite(x: TensorLike) -> Tensor:
    """Element-wise test for what is neither NaN nor infinite.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        Boolean.

    Examples
    --------
    >>> isfinite([1.0, float("inf")]).tolist()
    [True, False]
    """
    return logical_not(logical_or(isnan(x), isinf(x)))


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
    close = logical_or(logical_and(within, isfinite(x2)), equal(x1, x2))
    return logical_or(close, logical_and(isnan(x1), isnan(x2))) if equal_nan else close


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
