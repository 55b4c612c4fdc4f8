"""Activation functions that are their argument times a number between 0 and 1.

Element-wise. Integers are promoted to the default float.
"""

from __future__ import annotations

from dl_ops import ops
from dl_ops.op import op
from dl_ops.rules import floating, same
from dl_ops.typing import Tensor, TensorLike

__all__ = [
    "gelu",
    "hard_silu",
    "hard_swish",
    "silu",
    "swish",
]


@op(shape=same, dtype=floating)
def gelu(x: TensorLike, approximate: bool = True) -> Tensor:
    """Gaussian error linear unit: ``x`` times the probability that a standard normal variable is below ``x``.

    Parameters
    ----------
    x : tensor_like, shape (...)
    approximate : bool, default True
        Use the paper's approximation with ``tanh``, exact to three digits.

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", arXiv:1606.08415.

    Examples
    --------
    >>> ops.round(gelu([-10.0, 0.0, 1.0]), 4).tolist()
    [-0.0, 0.0, 0.841...]
    """
    if approximate:
        cubed = ops.multiply(ops.multiply(x, x), x)
        probability = ops.tanh(ops.multiply(ops.add(x, ops.multiply(cubed, 0.044715)), 0.7978845608028654))
    else:
        probability = ops.erf(ops.multiply(x, 0.7071067811865476))
    return ops.multiply(ops.multiply(x, 0.5), ops.add(probability, 1.0))


@op(shape=same, dtype=floating)
def silu(x: TensorLike) -> Tensor:
    """Sigmoid linear unit, or swish: ``x * sigmoid(x)``.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Ramachandran, Zoph and Le, "Searching for Activation Functions", arXiv:1710.05941.

    Examples
    --------
    >>> ops.round(silu([-1.0, 0.0, 1.0]), 4).tolist()
    [-0.268..., 0.0, 0.731...]
    """
    return ops.multiply(x, ops.sigmoid(x))


swish = silu


@op(shape=same, dtype=floating)
def hard_silu(x: TensorLike) -> Tensor:
    """Piecewise quadratic stand-in for `silu`: ``x * hard_sigmoid(x)``.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Howard et al., "Searching for MobileNetV3", arXiv:1905.02244.

    Examples
    --------
    >>> hard_silu([-3.0, 0.0, 3.0]).tolist()
    [-0.0, 0.0, 3.0]
    """
    return ops.multiply(x, ops.hard_sigmoid(x))


hard_swish = hard_silu
