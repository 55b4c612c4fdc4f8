"""Products with weights together with the bias that is added, which frameworks compute in one: ops that layers are
made of and that Keras does not have, and so in none of the public namespaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dl_ops import ops
from dl_ops.config import standardize_data_format
from dl_ops.nn.conv import conv_shape
from dl_ops.op import op
from dl_ops.rules import may_be_equal, multiplied, numeric
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["affine", "biased_conv"]


def check_axes(x: Any, kernel: Any, axes: Any) -> None:
    """Raise a ``TypeError`` or ``ValueError`` if `affine` cannot sum over so many axes."""
    if isinstance(axes, bool) or not isinstance(axes, int):
        raise TypeError(f"axes={axes!r}: expected an integer")
    if not 0 < axes < len(kernel.shape) or len(x.shape) < axes:
        raise ValueError(f"axes={axes}: x has shape {tuple(x.shape)}, kernel {tuple(kernel.shape)}")


def _affine_shape(x: Any, kernel: Any, bias: Any, axes: int = 1) -> Shape:
    check_axes(x, kernel, axes)
    if not may_be_equal(x.shape[-axes:], kernel.shape[:axes]):
        raise ValueError(f"x has shape {tuple(x.shape)}: expected (..., {', '.join(map(str, kernel.shape[:axes]))})")
    columns = tuple(kernel.shape[axes:])
    if not may_be_equal(bias.shape, columns):
        raise ValueError(f"bias has shape {tuple(bias.shape)}: expected {columns}")
    return (*x.shape[:-axes], *columns)


@op(shape=_affine_shape, dtype=multiplied)
def affine(x: TensorLike, kernel: TensorLike, bias: TensorLike, axes: int = 1) -> Tensor:
    """Affine map of the last axes: ``tensordot(x, kernel, axes) + bias``.

    Parameters
    ----------
    x : tensor_like, shape (..., *rows)
    kernel : tensor_like, shape (*rows, *columns)
    bias : tensor_like, shape columns
    axes : int, default 1
        Number of the rows.

    Returns
    -------
    tensor, shape (..., *columns)

    Raises
    ------
    ValueError
        If shapes do not fit together.

    Examples
    --------
    >>> affine([[1.0, 2.0]], [[1.0, 0.0], [0.0, 10.0]], [0.5, 0.5]).tolist()
    [[1.5, 20.5]]
    """
    check_axes(x, kernel, axes)
    plain = axes == 1 and len(kernel.shape) == 2  # type: ignore[union-attr]  # a tensor
    return ops.add(ops.matmul(x, kernel) if plain else ops.tensordot(x, kernel, axes), bias)


def _biased_conv_shape(inputs: Any, kernel: Any, bias: Any, *options: Any, **named: Any) -> Shape:
    if not may_be_equal(bias.shape, kernel.shape[-1:]):
        raise ValueError(f"bias has shape {tuple(bias.shape)}: expected {tuple(kernel.shape[-1:])}")
    return conv_shape(inputs, kernel, *options, **named)


@op(shape=_biased_conv_shape, dtype=numeric)
def biased_conv(
    inputs: TensorLike,
    kernel: TensorLike,
    bias: TensorLike,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """`conv` with a bias for each of the filters.

    Parameters
    ----------
    inputs, kernel, strides, padding, data_format, dilation_rate
        As for `conv`.
    bias : tensor_like, shape (filters,)

    Returns
    -------
    tensor, shape (batch, *windows, filters) or (batch, filters, *windows)

    Raises
    ------
    ValueError
        If shapes do not fit together, or an option is out of range.

    Examples
    --------
    >>> x, kernel = ops.reshape(ops.arange(3.0), (1, 3, 1)), ops.ones((2, 1, 1))
    >>> ops.squeeze(biased_conv(x, kernel, [10.0])).tolist()
    [11.0, 13.0]
    """
    y = ops.conv(inputs, kernel, strides, padding, data_format, dilation_rate)
    if standardize_data_format(data_format) == "channels_first":
        bias = ops.reshape(bias, (-1, *[1] * (len(y.shape) - 2)))
    return ops.add(y, bias)
