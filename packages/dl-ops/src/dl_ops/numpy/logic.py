"""Truth values and tests, element-wise; results are boolean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.dtypes import is_complex, is_float
from dl_ops.op import op, primitive
from dl_ops.rules import broadcast, logical, real_tested, same, tested
from dl_ops.typing import ConditionLike, Tensor, TensorLike

if TYPE_CHECKING:
    pass

__all__ = [
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
]


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
    return logical_not(logical_and(logical_not(x1), logical_not(x2)))


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
    return ops.not_equal(x1, x2)


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
    return ops.not_equal(x, x)


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
    if not (is_float(dtype_of(x)) or is_complex(dtype_of(x))):
        return ops.zeros_like(x, dtype="bool")
    return ops.equal(ops.absolute(x), float("inf"))


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


@op(shape=same, dtype=real_tested)
def isneginf(x: TensorLike) -> Tensor:
    """Element-wise test for minus infinity.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        Boolean.

    Examples
    --------
    >>> isneginf([float("inf"), float("-inf")]).tolist()
    [False, True]
    """
    return ops.equal(x, float("-inf"))


@op(shape=same, dtype=real_tested)
def isposinf(x: TensorLike) -> Tensor:
    """Element-wise test for plus infinity.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        Boolean.

    Examples
    --------
    >>> isposinf([float("inf"), float("-inf")]).tolist()
    [True, False]
    """
    return ops.equal(x, float("inf"))
