"""Convolution of volumes."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.convolution.base import BaseConv
from dl_layers.layer import CommonOptions
from dl_ops.objects import public


@public("keras.layers.Conv3D", "keras.layers.Convolution3D")
class Conv3D(BaseConv):
    """Convolution of volumes: ``activation(conv(x, kernel) + bias)``.

    Shapes: ``(batch, planes, rows, columns, channels) -> (batch, new_planes, new_rows, new_columns, filters)``, or with
    the channels first; `kernel` is ``(*kernel_size, channels // groups, filters)``, `bias` ``(filters,)``.

    Parameters
    ----------
    filters : int
        Number of output channels.
    kernel_size : int or three int
        Planes, rows and columns of the kernel.
    strides : int or three int, default (1, 1, 1)
        Distance between the kernel's positions.
    padding : {"valid", "same"}
        Whether the kernel lies wholly inside, or zeros around the volume keep its size (divided by the strides).
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    dilation_rate : int or three int, default (1, 1, 1)
        Distance between the kernel's planes, rows and columns.
    groups : int, default 1
        Number of parts that the channels are split into and convolved separately.
    activation : str or callable, optional
    use_bias : bool, default True
    kernel_initializer, bias_initializer : str, dict, callable or Initializer
        Glorot's uniform and zeros by default.
    kernel_regularizer, bias_regularizer, activity_regularizer : str, dict, callable or Regularizer, optional
    kernel_constraint, bias_constraint : str, dict, callable or Constraint, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these, strides and dilation are both used, or channels are not divisible by `groups`.

    Examples
    --------
    >>> from dl_ops import ops
    >>> Conv3D(4, 3, strides=2)(ops.ones((1, 7, 7, 7, 3))).shape
    (1, 3, 3, 3, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = (1, 1, 1),
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        super().__init__(
            3, filters, kernel_size, strides, padding, data_format, dilation_rate, groups, activation, use_bias,
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, **options,
        )  # fmt: skip
