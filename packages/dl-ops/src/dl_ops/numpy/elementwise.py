"""Element-wise arithmetic."""

from __future__ import annotations

from dl_ops.op import op, primitive
from dl_ops.rules import broadcast, floating, promoted, same
from dl_ops.typing import Tensor, TensorLike

__all__ = ["add", "exp", "expm1", "multiply", "negative", "sqrt", "square", "subtract"]


@op(shape=broadcast, dtype=promoted)
def add(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise sum ``x1 + x2``.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Examples
    --------
    >>> add([1, 2], 0.5).tolist()
    [1.5, 2.5]
    """
    raise primitive()


@op(shape=broadcast, dtype=promoted)
def subtract(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise difference ``x1 - x2``.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Examples
    --------
    >>> subtract([1, 2], 3).tolist()
    [-2, -1]
    """
    raise primitive()


@op(shape=broadcast, dtype=promoted)
def multiply(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise product ``x1 * x2``.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Examples
    --------
    >>> multiply([1, 2], [3, 4]).tolist()
    [3, 8]
    """
    raise primitive()


@op(shape=same, dtype=promoted)
def negative(x: TensorLike) -> Tensor:
    """Element-wise ``-x``.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> negative([1, -2]).tolist()
    [-1, 2]
    """
    raise primitive()


@op(shape=same, dtype=promoted)
def square(x: TensorLike) -> Tensor:
    """Element-wise ``x * x``.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> square([1, -2]).tolist()
    [1, 4]
    """
    return multiply(x, x)


@op(shape=same, dtype=floating)
def sqrt(x: TensorLike) -> Tensor:
    """Element-wise square root; NaN for negative numbers.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> sqrt([4, 9]).tolist()
    [2.0, 3.0]
    """
    raise primitive()


@op(shape=same, dtype=floating)
def exp(x: TensorLike) -> Tensor:
    """Element-wise ``e ** x``.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> exp([0, 1]).tolist()
    [1.0, 2.7182817459106445]
    """
    raise primitive()


@op(shape=same, dtype=floating)
def expm1(x: TensorLike) -> Tensor:
    """Element-wise ``e ** x - 1``, exact also near zero.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> expm1(1e-8)
    1e-08
    """
    raise primitive()
