"""Activation functions with two bounds, or the logarithm of one.

Element-wise. Integers are promoted to the default float, except where a function gives integers for them.
"""

from __future__ import annotations

from dl_ops import ops
from dl_ops.op import op
from dl_ops.rules import floating, numeric, same
from dl_ops.typing import Tensor, TensorLike

__all__ = [
    "hard_sigmoid",
    "hard_tanh",
    "log_sigmoid",
    "sigmoid",
    "softsign",
    "sparse_sigmoid",
]


@op(shape=same, dtype=floating)
def sigmoid(x: TensorLike) -> Tensor:
    """Logistic function ``1 / (1 + exp(-x))``.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        Between 0 and 1.

    Examples
    --------
    >>> sigmoid([-1000, 0, 1000]).tolist()
    [0.0, 0.5, 1.0]
    """
    # unlike 1 / (1 + exp(-x)), without overflow in the gradient
    return ops.exp(ops.negative(ops.softplus(ops.negative(x))))


@op(shape=same, dtype=floating)
def log_sigmoid(x: TensorLike) -> Tensor:
    """Logarithm of the logistic function, exact also where that underflows: ``-log(1 + exp(-x))``.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> log_sigmoid([-1000.0, 1000.0]).tolist()
    [-1000.0, -0.0]
    """
    return ops.negative(ops.softplus(ops.negative(x)))


@op(shape=same, dtype=floating)
def softsign(x: TensorLike) -> Tensor:
    """Bounded function ``x / (1 + |x|)``.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        Between -1 and 1.

    Examples
    --------
    >>> softsign([-1, 0, 3]).tolist()
    [-0.5, 0.0, 0.75]
    """
    return ops.divide(x, ops.add(ops.absolute(x), 1.0))


@op(shape=same, dtype=floating)
def hard_sigmoid(x: TensorLike) -> Tensor:
    """Piecewise linear stand-in for `sigmoid`: ``x / 6 + 1 / 2``, limited to the range from 0 to 1.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> hard_sigmoid([-3, 0, 3]).tolist()
    [0.0, 0.5, 1.0]
    """
    return ops.divide(ops.relu6(ops.add(x, 3.0)), 6.0)


@op(shape=same, dtype=numeric)
def hard_tanh(x: TensorLike) -> Tensor:
    """Piecewise linear stand-in for ``tanh``: `x` limited to the range from -1 to 1.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Any real dtype, which the result has too.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> hard_tanh([-3.0, 0.5, 3.0]).tolist()
    [-1.0, 0.5, 1.0]
    """
    return ops.clip(x, -1, 1)


@op(shape=same, dtype=floating)
def sparse_sigmoid(x: TensorLike) -> Tensor:
    """Derivative of `sparse_plus`: ``(x + 1) / 2``, limited to the range from 0 to 1.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> sparse_sigmoid([-2, 0, 2]).tolist()
    [0.0, 0.5, 1.0]
    """
    return ops.clip(ops.multiply(ops.add(x, 1.0), 0.5), 0.0, 1.0)
