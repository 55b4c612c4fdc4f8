"""Activations that differ from the ops of their names, or have no op."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike


@public("keras.activations.linear")
def linear(x: TensorLike) -> Any:
    """Return `x` unchanged.

    Parameters
    ----------
    x : tensor_like

    Returns
    -------
    tensor_like

    Examples
    --------
    >>> linear(3.0)
    3.0
    """
    return x


@public("keras.activations.exponential")
def exponential(x: TensorLike) -> Tensor:
    """Element-wise ``e ** x``.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> exponential([0.0]).tolist()
    [1.0]
    """
    return ops.exp(x)


@public("keras.activations.relu")
def relu(x: TensorLike, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    """Rectified linear unit, with its variants.

    ``x`` above `threshold` and up to `max_value`, which it does not exceed; ``negative_slope * (x - threshold)`` below.

    Parameters
    ----------
    x : tensor_like, shape (...)
    negative_slope : float, default 0.0
    max_value : float, optional
    threshold : float, default 0.0

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    ValueError
        If `max_value` or `negative_slope` is negative.

    Examples
    --------
    >>> relu([-2.0, 3.0, 9.0], negative_slope=0.5, max_value=6.0).tolist()
    [-1.0, 3.0, 6.0]
    """
    if max_value is not None and max_value < 0:
        raise ValueError(f"relu(max_value={max_value}): max_value must not be negative")
    if negative_slope < 0:
        raise ValueError(f"relu(negative_slope={negative_slope}): negative_slope must not be negative")
    if not threshold:
        if max_value is None:
            return ops.leaky_relu(x, negative_slope) if negative_slope else ops.relu(x)
        if max_value == 6 and not negative_slope:
            return ops.relu6(x)
    above = x if max_value is None else ops.minimum(x, max_value)
    below = ops.multiply(ops.subtract(x, threshold), negative_slope) if negative_slope else ops.zeros_like(x)
    result: Tensor = ops.where(ops.greater(x, threshold), above, below)
    return result


@public("keras.activations.gelu")
def gelu(x: TensorLike, approximate: bool = False) -> Tensor:
    """Gaussian error linear unit: ``x`` times the normal distribution function of ``x``.

    Parameters
    ----------
    x : tensor_like, shape (...)
    approximate : bool, default False
        Use the approximation by tanh.

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Hendrycks and Gimpel, "Gaussian Error Linear Units", arXiv:1606.08415.

    Examples
    --------
    >>> gelu([0.0]).tolist()
    [0.0]
    """
    return ops.gelu(x, approximate=approximate)


@public("keras.activations.mish")
def mish(x: TensorLike) -> Tensor:
    """``x * tanh(softplus(x))``.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", arXiv:1908.08681.

    Examples
    --------
    >>> mish([0.0]).tolist()
    [0.0]
    """
    return ops.multiply(x, ops.tanh(ops.softplus(x)))
