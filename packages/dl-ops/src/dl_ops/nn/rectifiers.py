"""Activation functions that rectify: about 0, or a bound, for negative numbers and the identity for positive ones.

Element-wise. Integers are promoted to the default float, except where a function gives integers for them.
"""

from __future__ import annotations

from typing import Final

from dl_ops import ops
from dl_ops.op import op
from dl_ops.rules import floating, promoted, same
from dl_ops.typing import Tensor, TensorLike

__all__ = [
    "celu",
    "elu",
    "leaky_relu",
    "relu",
    "relu6",
    "selu",
    "softplus",
    "sparse_plus",
    "squareplus",
]

# the fixed point of mean 0 and variance 1 that Klambauer et al. solve for
_SELU_ALPHA: Final = 1.6732632423543772
_SELU_SCALE: Final = 1.0507009873554805


@op(shape=same, dtype=promoted)
def relu(x: TensorLike) -> Tensor:
    """Rectified linear unit: ``max(x, 0)``, with gradient 0 at 0.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Any real dtype, which the result has too.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> relu([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """
    # not maximum(), which shares the gradient between equal arguments; NaN stays NaN
    result: Tensor = ops.where(ops.less_equal(x, 0), 0, x)
    return result


@op(shape=same, dtype=floating)
def relu6(x: TensorLike) -> Tensor:
    """Rectified linear unit with an upper limit: ``min(max(x, 0), 6)``.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Krizhevsky, "Convolutional Deep Belief Networks on CIFAR-10", 2010.

    Examples
    --------
    >>> relu6([-1, 2, 8]).tolist()
    [0.0, 2.0, 6.0]
    """
    return ops.clip(x, 0.0, 6.0)


@op(shape=same, dtype=floating)
def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> Tensor:
    """Leaky rectified linear unit: ``x`` where positive, else ``negative_slope * x``.

    Parameters
    ----------
    x : tensor_like, shape (...)
    negative_slope : float, default 0.2

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Maas, Hannun and Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models", ICML 2013.

    Examples
    --------
    >>> leaky_relu([-2, 2], negative_slope=0.5).tolist()
    [-1.0, 2.0]
    """
    result: Tensor = ops.where(ops.greater(x, 0), x, ops.multiply(x, negative_slope))
    return result


@op(shape=same, dtype=floating)
def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """Exponential linear unit: ``x`` where positive, else ``alpha * (exp(x) - 1)``.

    Parameters
    ----------
    x : tensor_like, shape (...)
    alpha : float, default 1.0
        The result tends to ``-alpha`` for large negative `x`.

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Clevert, Unterthiner and Hochreiter, "Fast and Accurate Deep Network Learning by Exponential Linear Units",
    arXiv:1511.07289.

    Examples
    --------
    >>> elu([-100.0, 2.0], alpha=0.5).tolist()
    [-0.5, 2.0]
    """
    # min() comes inside expm1: a large x would overflow, and its gradient be 0 * inf
    result: Tensor = ops.where(ops.greater(x, 0), x, ops.multiply(ops.expm1(ops.minimum(x, 0.0)), alpha))
    return result


@op(shape=same, dtype=floating)
def selu(x: TensorLike) -> Tensor:
    """Scaled exponential linear unit: `elu` with the two constants that keep mean 0 and variance 1 from layer to layer.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Klambauer et al., "Self-Normalizing Neural Networks", arXiv:1706.02515.

    Examples
    --------
    >>> ops.round(selu([-100.0, 0.0, 1.0]), 4).tolist()
    [-1.758..., 0.0, 1.050...]
    """
    return ops.multiply(elu(x, _SELU_ALPHA), _SELU_SCALE)


@op(shape=same, dtype=floating)
def celu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """Continuously differentiable exponential linear unit: ``max(x, 0) + alpha * (exp(min(x, 0) / alpha) - 1)``.

    Parameters
    ----------
    x : tensor_like, shape (...)
    alpha : float, default 1.0
        The result tends to ``-alpha`` for large negative `x`, so it has the unit of `x`.

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    ValueError
        If `alpha` is zero.

    References
    ----------
    Barron, "Continuously Differentiable Exponential Linear Units", arXiv:1704.07483.

    Examples
    --------
    >>> celu([-100.0, 2.0], alpha=0.5).tolist()
    [-0.5, 2.0]
    """
    if alpha == 0:
        raise ValueError("celu(alpha=0): alpha must not be zero")
    negative = ops.expm1(ops.divide(ops.minimum(x, 0.0), alpha))
    result: Tensor = ops.where(ops.greater(x, 0), x, ops.multiply(negative, alpha))
    return result


@op(shape=same, dtype=floating)
def softplus(x: TensorLike) -> Tensor:
    """Smooth rectifier ``log(1 + exp(x))``, without overflow.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option Pricing", NIPS 2000.

    Examples
    --------
    >>> softplus([-1000.0, 1000.0]).tolist()
    [0.0, 1000.0]
    """
    return ops.logaddexp(x, 0.0)


@op(shape=same, dtype=floating)
def squareplus(x: TensorLike, b: float = 4) -> Tensor:
    """Smooth rectifier without exponentials: ``(x + sqrt(x ** 2 + b)) / 2``.

    Parameters
    ----------
    x : tensor_like, shape (...)
    b : float, default 4
        How smooth the bend is; 0 gives `relu`.

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Barron, "Squareplus: A Softplus-Like Algebraic Rectifier", arXiv:2112.11687.

    Examples
    --------
    >>> squareplus([0.0, 1.5]).tolist()
    [1.0, 2.0]
    """
    return ops.multiply(ops.add(x, ops.sqrt(ops.add(ops.square(x), b))), 0.5)


@op(shape=same, dtype=floating)
def sparse_plus(x: TensorLike) -> Tensor:
    """Rectifier with a quadratic bend: 0 up to -1, ``(x + 1) ** 2 / 4`` up to 1, then `x`.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> sparse_plus([-2, 0, 2]).tolist()
    [0.0, 0.25, 2.0]
    """
    bend = ops.multiply(ops.square(ops.add(ops.clip(x, -1.0, 1.0), 1.0)), 0.25)
    result: Tensor = ops.where(ops.greater(x, 1), x, bend)
    return result
