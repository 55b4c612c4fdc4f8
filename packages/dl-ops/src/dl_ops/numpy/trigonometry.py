"""Trigonometric and hyperbolic functions, element-wise."""

from __future__ import annotations

from dl_ops.numpy.arithmetic import add, divide, multiply, negative, subtract
from dl_ops.numpy.exponents import exp, expm1, log1p, sqrt
from dl_ops.op import op, primitive
from dl_ops.rules import broadcast, floating, same
from dl_ops.typing import Tensor, TensorLike

__all__ = [
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cos",
    "cosh",
    "sin",
    "sinh",
    "tan",
    "tanh",
]


@op(shape=same, dtype=floating)
def sin(x: TensorLike) -> Tensor:
    """Element-wise sine.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Angles in radians; integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> sin([0.0]).tolist()
    [0.0]
    """
    raise primitive()


@op(shape=same, dtype=floating)
def cos(x: TensorLike) -> Tensor:
    """Element-wise cosine.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Angles in radians; integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> cos([0.0]).tolist()
    [1.0]
    """
    raise primitive()


@op(shape=same, dtype=floating)
def tan(x: TensorLike) -> Tensor:
    """Element-wise tangent.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Angles in radians; integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> tan([0.0]).tolist()
    [0.0]
    """
    return divide(sin(x), cos(x))


@op(shape=same, dtype=floating)
def arcsin(x: TensorLike) -> Tensor:
    """Element-wise inverse sine; NaN outside [-1, 1].

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)
        Angles in radians in [-π/2, π/2].

    Examples
    --------
    >>> arcsin([0, 1]).tolist()
    [0.0, 1.57079...]
    """
    return arctan2(x, sqrt(multiply(subtract(1.0, x), add(1.0, x))))


@op(shape=same, dtype=floating)
def arccos(x: TensorLike) -> Tensor:
    """Element-wise inverse cosine; NaN outside [-1, 1].

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)
        Angles in radians in [0, π].

    Examples
    --------
    >>> arccos([1, 0]).tolist()
    [0.0, 1.57079...]
    """
    return arctan2(sqrt(multiply(subtract(1.0, x), add(1.0, x))), x)


@op(shape=same, dtype=floating)
def arctan(x: TensorLike) -> Tensor:
    """Element-wise inverse tangent.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)
        Angles in radians in [-π/2, π/2].

    Examples
    --------
    >>> arctan([0, 1]).tolist()
    [0.0, 0.78539...]
    """
    return arctan2(x, 1.0)


@op(shape=broadcast, dtype=floating)
def arctan2(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise angle of the points ``(x2, x1)``, with regard to the quadrant.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of shapes that broadcast. Integers are promoted to the default float.

    Returns
    -------
    tensor
        Angles in radians in [-π, π], of the broadcast shape and the promoted dtype.

    Examples
    --------
    >>> arctan2([1.0, -1.0], [-1.0, -1.0]).tolist()
    [2.35619..., -2.35619...]
    """
    raise primitive()


@op(shape=same, dtype=floating)
def sinh(x: TensorLike) -> Tensor:
    """Element-wise hyperbolic sine.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> sinh([0.0, 1.0]).tolist()
    [0.0, 1.17520...]
    """
    # near zero expm1 keeps the digits that exp(x) - exp(-x) loses
    return multiply(0.5, subtract(expm1(x), expm1(negative(x))))


@op(shape=same, dtype=floating)
def cosh(x: TensorLike) -> Tensor:
    """Element-wise hyperbolic cosine.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> cosh([0.0, 1.0]).tolist()
    [1.0, 1.54308...]
    """
    return multiply(0.5, add(exp(x), exp(negative(x))))


@op(shape=same, dtype=floating)
def tanh(x: TensorLike) -> Tensor:
    """Element-wise hyperbolic tangent.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> tanh([0.0, 1.0]).tolist()
    [0.0, 0.76159...]
    """
    raise primitive()


@op(shape=same, dtype=floating)
def arcsinh(x: TensorLike) -> Tensor:
    """Element-wise inverse hyperbolic sine.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> arcsinh([0.0, 1.0]).tolist()
    [0.0, 0.88137...]
    """
    raise primitive()


@op(shape=same, dtype=floating)
def arccosh(x: TensorLike) -> Tensor:
    """Element-wise inverse hyperbolic cosine; NaN below 1.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)
        Not negative.

    Examples
    --------
    >>> arccosh([1.0, 2.0]).tolist()
    [0.0, 1.31695...]
    """
    excess = subtract(x, 1)
    return log1p(add(excess, multiply(sqrt(excess), sqrt(add(x, 1)))))


@op(shape=same, dtype=floating)
def arctanh(x: TensorLike) -> Tensor:
    """Element-wise inverse hyperbolic tangent; NaN outside [-1, 1].

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> arctanh([0.0, 0.5]).tolist()
    [0.0, 0.54930...]
    """
    return multiply(0.5, subtract(log1p(x), log1p(negative(x))))
