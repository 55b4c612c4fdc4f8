"""Functions that normalise or gate along an axis."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.op import op
from dl_ops.rules import floating, same_along, standardize_axis
from dl_ops.typing import Axis, Shape, Tensor, TensorLike

__all__ = ["glu", "log_softmax", "softmax", "sparsemax"]


@op(shape=same_along, dtype=floating)
def softmax(x: TensorLike, axis: Axis = -1) -> Tensor:
    """Exponentials, scaled to sum to 1 along an axis.

    Parameters
    ----------
    x : tensor_like, shape (...)
    axis : int or sequence of int, default -1
        ``None`` for all axes.

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    ValueError
        If `x` has no such axis.

    Examples
    --------
    >>> softmax([[0.0, 0.0], [-1000.0, 1000.0]]).tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    """
    exponentials = ops.exp(_below_zero(x, axis))
    return ops.divide(exponentials, ops.sum(exponentials, axis=axis, keepdims=True))


@op(shape=same_along, dtype=floating)
def log_softmax(x: TensorLike, axis: Axis = -1) -> Tensor:
    """Logarithm of `softmax`, exact also where that underflows.

    Parameters
    ----------
    x : tensor_like, shape (...)
    axis : int or sequence of int, default -1
        ``None`` for all axes.

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    ValueError
        If `x` has no such axis.

    Examples
    --------
    >>> log_softmax([-1000.0, 1000.0]).tolist()
    [-2000.0, 0.0]
    """
    shifted = _below_zero(x, axis)
    return ops.subtract(shifted, ops.log(ops.sum(ops.exp(shifted), axis=axis, keepdims=True)))


def _below_zero(x: TensorLike, axis: Axis) -> Tensor:
    """`x` less its maximum along the axes, so that no exponential overflows."""
    return ops.subtract(x, ops.stop_gradient(ops.max(x, axis=axis, keepdims=True)))


@op(shape=same_along, dtype=floating)
def sparsemax(x: TensorLike, axis: int = -1) -> Tensor:
    """Point of the probability simplex nearest to `x` along an axis: sums to 1 like `softmax`, with exact zeros.

    Parameters
    ----------
    x : tensor_like, shape (...)
    axis : int, default -1

    Returns
    -------
    tensor, shape (...)

    References
    ----------
    Martins and Astudillo, "From Softmax to Sparsemax", arXiv:1602.02068.

    Examples
    --------
    >>> sparsemax([1.0, 0.5, -1.0]).tolist()
    [0.75, 0.25, 0.0]
    """
    values = ops.moveaxis(x, axis, -1)
    ordered = ops.flip(ops.sort(values, axis=-1), axis=-1)
    ranks = ops.cumsum(ops.ones_like(values), axis=-1)
    sums = ops.cumsum(ordered, axis=-1)
    # the support is the longest run of largest entries that stay positive after the shift
    inside = ops.cast(ops.greater(ops.add(ops.multiply(ranks, ordered), 1.0), sums), values.dtype)
    size = ops.sum(inside, axis=-1, keepdims=True)
    shift = ops.divide(ops.subtract(ops.sum(ops.multiply(ordered, inside), axis=-1, keepdims=True), 1.0), size)
    return ops.moveaxis(ops.maximum(ops.subtract(values, shift), 0.0), -1, axis)


def _halved(x: Any, axis: int = -1) -> Shape:
    position = standardize_axis(axis, len(x.shape))
    size = x.shape[position]
    if size is not None and size % 2:
        raise ValueError(f"axis={axis} has size {size}: expected an even size")
    return tuple(n // 2 if i == position and n is not None else n for i, n in enumerate(x.shape))


@op(shape=_halved, dtype=floating)
def glu(x: TensorLike, axis: int = -1) -> Tensor:
    """Gated linear unit: the first half along an axis, times the sigmoid of the second.

    Parameters
    ----------
    x : tensor_like
        With an even size along `axis`.
    axis : int, default -1

    Returns
    -------
    tensor
        Half as large along `axis`.

    Raises
    ------
    ValueError
        If the size along `axis` is odd.

    References
    ----------
    Dauphin et al., "Language Modeling with Gated Convolutional Networks", arXiv:1612.08083.

    Examples
    --------
    >>> glu([4.0, 6.0, 0.0, 1000.0]).tolist()
    [2.0, 6.0]
    """
    values, gates = ops.split(x, 2, axis=axis)
    return ops.multiply(values, ops.sigmoid(gates))
