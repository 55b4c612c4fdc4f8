"""Normalisation by moments and norms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from dl_ops import config, ops
from dl_ops.backend.registry import current_backend
from dl_ops.dtypes import standardize_dtype
from dl_ops.op import op
from dl_ops.rules import floating, reduced, same_along, standardize_axes, standardize_axis
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import Axis, Shape, Tensor, TensorLike

__all__ = ["batch_normalization", "layer_normalization", "moments", "normalize", "rms_normalization"]


def _two_reduced(x: Any, axes: Axis, keepdims: bool = False, synchronized: bool = False) -> Any:
    shape = reduced(x, standardize_axes(axes, len(x.shape), name="axes"), keepdims)
    return KerasTensor(shape, x.dtype, record_history=False), KerasTensor(shape, x.dtype, record_history=False)


@op(spec=_two_reduced, dtype=floating)
def moments(x: TensorLike, axes: Axis, keepdims: bool = False, synchronized: bool = False) -> tuple[Tensor, Tensor]:
    """Mean and variance along axes.

    Parameters
    ----------
    x : tensor_like
        16-bit floats are summed in float32.
    axes : int or sequence of int
        ``None`` for all axes.
    keepdims : bool, default False
        Keep the reduced axes with size 1.
    synchronized : bool, default False
        Over the batches of all replicas in distributed training, which must be of equal size; the backend's
        ``mean_over_replicas`` knows of them.

    Returns
    -------
    mean, variance : tensor

    Examples
    --------
    >>> mean, variance = moments([[1.0, 2.0], [3.0, 6.0]], axes=0)
    >>> mean.tolist(), variance.tolist()
    ([2.0, 4.0], [1.0, 4.0])
    """
    wide, dtype = _widened(x)
    mean = ops.mean(wide, axis=axes, keepdims=True)
    if synchronized:
        mean = current_backend().mean_over_replicas(mean)
    variance = ops.mean(ops.square(ops.subtract(wide, mean)), axis=axes, keepdims=keepdims)
    if synchronized:
        variance = current_backend().mean_over_replicas(variance)
    if not keepdims:
        mean = ops.squeeze(mean, standardize_axes(axes, len(wide.shape)))
    if dtype != wide.dtype and standardize_dtype(wide.dtype) != dtype:
        # the mean of finite numbers is finite in 16 bits; their variance may not be
        limit = 65504.0 if dtype == "float16" else None
        variance = variance if limit is None else ops.minimum(variance, limit)
        return ops.cast(mean, dtype), ops.cast(variance, dtype)
    return mean, variance


def _widened(x: Any) -> tuple[Any, str]:
    """`x` in a dtype that sums can be taken in, and its own dtype."""
    dtype = standardize_dtype(x.dtype)
    return (ops.cast(x, "float32") if dtype in ("float16", "bfloat16") else x), dtype


def _along(x: Any, parameter: Any, axis: int, name: str) -> None:
    if parameter is None:
        return
    shape, size = tuple(parameter.shape), x.shape[axis]
    if len(shape) != 1 or (None not in (shape[0], size) and shape[0] != size):
        raise ValueError(
            f"{name} has shape {shape}: expected ({size},), the size of axis {axis} of x, {tuple(x.shape)}"
        )


def _batch_shape(
    x: Any, mean: Any, variance: Any, axis: int, offset: Any = None, scale: Any = None, epsilon: float = 1e-3
) -> Shape:
    position = standardize_axis(axis, len(x.shape))
    for name, parameter in (("mean", mean), ("variance", variance), ("offset", offset), ("scale", scale)):
        _along(x, parameter, position, name)
    return tuple(x.shape)


@op(shape=_batch_shape, dtype=floating)
def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    axis: int,
    offset: TensorLike | None = None,
    scale: TensorLike | None = None,
    epsilon: float = 1e-3,
) -> Tensor:
    """Normalise by given moments: ``(x - mean) / sqrt(variance + epsilon) * scale + offset``.

    Parameters
    ----------
    x : tensor_like, shape (...)
    mean, variance : tensor_like, shape (channels,)
    axis : int
        Axis of the channels.
    offset, scale : tensor_like, shape (channels,), optional
        By default 0 and 1.
    epsilon : float, default 0.001
        Of the variance's unit; keeps the division finite.

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    ValueError
        If a parameter does not have the channels' shape.

    References
    ----------
    Ioffe and Szegedy, "Batch Normalization", arXiv:1502.03167.

    Examples
    --------
    >>> batch_normalization([[3.0], [5.0]], [4.0], [0.25], axis=-1, offset=[10.0], epsilon=0.0).tolist()
    [[8.0], [12.0]]
    """
    rank = len(cast(Tensor, x).shape)
    position = standardize_axis(axis, rank)
    shape = [-1 if i == position else 1 for i in range(rank)]
    factor = ops.rsqrt(ops.add(variance, epsilon))
    if scale is not None:
        factor = ops.multiply(factor, scale)
    # in two steps on tensors of the channels' size, then two on x
    shift = ops.negative(ops.multiply(mean, factor))
    if offset is not None:
        shift = ops.add(shift, offset)
    if position != rank - 1:
        factor, shift = ops.reshape(factor, shape), ops.reshape(shift, shape)
    return ops.add(ops.multiply(x, factor), shift)


def _layer_shape(
    x: Any, gamma: Any = None, beta: Any = None, axis: Axis = -1, epsilon: float | None = None, **kwargs: Any
) -> Shape:
    _scaled(x, gamma, axis, "gamma")
    _scaled(x, beta, axis, "beta")
    return tuple(x.shape)


def _scaled(x: Any, parameter: Any, axis: Axis, name: str) -> None:
    axes = standardize_axes(axis, len(x.shape))
    if parameter is None or len(parameter.shape) == len(x.shape):
        return
    expected = tuple(x.shape[i] for i in axes)
    if len(parameter.shape) != len(axes) or any(
        None not in (have, want) and have not in (want, 1) for have, want in zip(parameter.shape, expected, strict=True)
    ):
        raise ValueError(f"{name} has shape {tuple(parameter.shape)}: expected {expected}, that of axis {axis} of x")


def _spread_over(x: Any, parameter: Any, axes: Sequence[int]) -> Any:
    """`parameter`, of the sizes of `axes`, with axes of size 1 for the rest of `x`."""
    rank = len(x.shape)
    if len(parameter.shape) == rank or tuple(axes) == tuple(range(rank - len(axes), rank)):
        return parameter
    order = sorted(range(len(axes)), key=lambda i: axes[i])
    parameter = ops.transpose(parameter, order)
    return ops.expand_dims(parameter, tuple(i for i in range(rank) if i not in axes))


@op(shape=_layer_shape, dtype=floating)
def layer_normalization(
    x: TensorLike,
    gamma: TensorLike | None = None,
    beta: TensorLike | None = None,
    axis: Axis = -1,
    epsilon: float | None = None,
    **kwargs: Any,
) -> Tensor:
    """Normalise each sample by its own moments: ``(x - mean) / sqrt(variance + epsilon) * gamma + beta``.

    Parameters
    ----------
    x : tensor_like, shape (...)
        16-bit floats are normalised in float32.
    gamma, beta : tensor_like, optional
        Of the sizes of `axis`; by default 1 and 0.
    axis : int or sequence of int, default -1
        What the moments are taken over.
    epsilon : float, optional
        Of the variance's unit; by default ``config.epsilon()``.
    **kwargs
        ``rms_scaling=True``, an older way to ask for a scaling by ``gamma / sqrt(variance + epsilon)`` without the
        shift.

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    ValueError
        If a parameter does not have the sizes of `axis`.

    References
    ----------
    Ba, Kiros and Hinton, "Layer Normalization", arXiv:1607.06450.

    Examples
    --------
    >>> ops.round(layer_normalization([[1.0, 3.0], [0.0, 20.0]]), 4).tolist()
    [[-1.0, 1.0], [-1.0, 1.0]]
    """
    rms_scaling = kwargs.pop("rms_scaling", False)
    if kwargs:
        raise ValueError(f"layer_normalization(): unexpected arguments {sorted(kwargs)}")
    wide, dtype = _widened(x)
    axes = standardize_axes(axis, len(wide.shape))
    mean = ops.mean(wide, axis=axes, keepdims=True)
    centred = ops.subtract(wide, mean)
    variance = ops.mean(ops.square(centred), axis=axes, keepdims=True)
    factor = ops.rsqrt(ops.add(variance, config.epsilon() if epsilon is None else epsilon))
    y = ops.multiply(wide if rms_scaling else centred, factor)
    if gamma is not None:
        y = ops.multiply(y, ops.cast(_spread_over(wide, gamma, axes), wide.dtype))
    if beta is not None and not rms_scaling:
        y = ops.add(y, ops.cast(_spread_over(wide, beta, axes), wide.dtype))
    return ops.cast(y, dtype)


def _rms_shape(x: Any, scale: Any = None, axis: Axis = -1, epsilon: float | None = None) -> Shape:
    _scaled(x, scale, axis, "scale")
    return tuple(x.shape)


@op(shape=_rms_shape, dtype=floating)
def rms_normalization(
    x: TensorLike, scale: TensorLike | None = None, axis: Axis = -1, epsilon: float | None = None
) -> Tensor:
    """Divide by the root of the mean square: ``x / sqrt(mean(x ** 2) + epsilon) * scale``.

    Parameters
    ----------
    x : tensor_like, shape (...)
        16-bit floats are normalised in float32.
    scale : tensor_like, optional
        Of the sizes of `axis`; by default 1.
    axis : int or sequence of int, default -1
        What the mean is taken over.
    epsilon : float, optional
        Of the square's unit; by default ``config.epsilon()``.

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    ValueError
        If `scale` does not have the sizes of `axis`.

    References
    ----------
    Zhang and Sennrich, "Root Mean Square Layer Normalization", arXiv:1910.07467.

    Examples
    --------
    >>> rms_normalization([[1.0, 7.0]], epsilon=0.0).tolist()
    [[0.2..., 1.399...]]
    """
    wide, dtype = _widened(x)
    axes = standardize_axes(axis, len(wide.shape))
    square = ops.mean(ops.square(wide), axis=axes, keepdims=True)
    y = ops.multiply(wide, ops.rsqrt(ops.add(square, config.epsilon() if epsilon is None else epsilon)))
    if scale is not None:
        y = ops.multiply(y, ops.cast(_spread_over(wide, scale, axes), wide.dtype))
    return ops.cast(y, dtype)


def _check_order(order: int) -> None:
    if int(order) != order or order < 1:
        raise ValueError(f"order={order!r}: expected a positive integer")


def _normalized(x: Any, axis: Axis = -1, order: int = 2, epsilon: float | None = None) -> Shape:
    _check_order(order)
    return same_along(x, axis)


@op(shape=_normalized, dtype=floating)
def normalize(x: TensorLike, axis: Axis = -1, order: int = 2, epsilon: float | None = None) -> Tensor:
    """Divide by the norm along an axis.

    Parameters
    ----------
    x : tensor_like, shape (...)
        16-bit floats are normalised in float32.
    axis : int or sequence of int, default -1
    order : int, default 2
        Which norm: ``sum(|x| ** order) ** (1 / order)``.
    epsilon : float, optional
        The least number that is divided by; by default ``config.epsilon()``.

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    ValueError
        If `order` is not a positive integer.

    Examples
    --------
    >>> normalize([[3.0, 4.0], [0.0, 0.0]]).tolist()
    [[0.6..., 0.8...], [0.0, 0.0]]
    """
    _check_order(order)
    epsilon = config.epsilon() if epsilon is None else epsilon
    # in 16 bits powers overflow, and the square of epsilon is 0
    wide, dtype = _widened(x)
    if order == 2:
        # the maximum inside the root: its gradient at 0 is then 0, not NaN
        squares = ops.sum(ops.square(wide), axis=axis, keepdims=True)
        return ops.cast(ops.multiply(wide, ops.rsqrt(ops.maximum(squares, epsilon**2))), dtype)
    powers = ops.sum(ops.power(ops.absolute(wide), order), axis=axis, keepdims=True)
    return ops.cast(ops.divide(wide, ops.maximum(ops.power(powers, 1.0 / order), epsilon)), dtype)
