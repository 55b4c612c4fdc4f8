"""Separable convolutions of sequences and images."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.convolution.base_separable import BaseSeparableConv
from dl_layers.layer import CommonOptions
from dl_ops.objects import public


@public("keras.layers.SeparableConv1D", "keras.layers.SeparableConvolution1D")
class SeparableConv1D(BaseSeparableConv):
    """Convolution of each channel of sequences by itself, then a mixing of the channels:
    ``activation(separable_conv(x, depthwise_kernel, pointwise_kernel) + bias)``.

    Shapes: ``(batch, steps, channels) -> (batch, new_steps, filters)``, or with the channels
    first; `depthwise_kernel` is ``(*kernel_size, channels, depth_multiplier)``, `pointwise_kernel`
    ``(1, channels * depth_multiplier, filters)``, `bias` ``(filters,)``.

    Parameters
    ----------
    filters : int
        Number of output channels.
    kernel_size : int
        Steps of the kernel.
    strides, padding, data_format, dilation_rate, depth_multiplier, activation, use_bias
        As for `SeparableConv2D`, for one axis.
    depthwise_initializer, pointwise_initializer, bias_initializer, depthwise_regularizer, pointwise_regularizer
        As for `SeparableConv2D`.
    bias_regularizer, activity_regularizer, depthwise_constraint, pointwise_constraint, bias_constraint, **options
        As for `SeparableConv2D`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    References
    ----------
    Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", arXiv:1610.02357.

    Examples
    --------
    >>> from dl_ops import ops
    >>> SeparableConv1D(4, 3)(ops.ones((1, 8, 3))).shape
    (1, 6, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        super().__init__(
            1, depth_multiplier, filters, kernel_size, strides, padding, data_format, dilation_rate, activation,
            use_bias, depthwise_initializer, pointwise_initializer, bias_initializer, depthwise_regularizer,
            pointwise_regularizer, bias_regularizer, activity_regularizer, depthwise_constraint, pointwise_constraint,
            bias_constraint, **options,
        )  # fmt: skip


@public("keras.layers.SeparableConv2D", "keras.layers.SeparableConvolution2D")
class SeparableConv2D(BaseSeparableConv):
    """Convolution of each channel of images by itself, then a mixing of the channels:
    ``activation(separable_conv(x, depthwise_kernel, pointwise_kernel) + bias)``.

    Shapes: ``(batch, rows, columns, channels) -> (batch, new_rows, new_columns, filters)``, or with the channels
    first; `depthwise_kernel` is ``(*kernel_size, channels, depth_multiplier)``, `pointwise_kernel`
    ``(1, 1, channels * depth_multiplier, filters)``, `bias` ``(filters,)``.

    Parameters
    ----------
    filters : int
        Number of output channels.
    kernel_size : int or pair of int
        Rows and columns of the kernel.
    strides : int or pair of int, default (1, 1)
        Distance between the kernel's positions.
    padding : {"valid", "same"}
        Whether the kernel lies wholly inside, or zeros around the image keep its size (divided by the strides).
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    dilation_rate : int or pair of int, default (1, 1)
        Distance between the kernel's rows and columns.
    depth_multiplier : int, default 1
        Number of channels before the mixing for each input channel.
    activation : str or callable, optional
    use_bias : bool, default True
    depthwise_initializer, pointwise_initializer, bias_initializer : str, dict, callable or Initializer
        Glorot's uniform for the kernels and zeros by default.
    depthwise_regularizer, pointwise_regularizer, bias_regularizer : str, dict, callable or Regularizer, optional
    activity_regularizer : str, dict, callable or Regularizer, optional
    depthwise_constraint, pointwise_constraint, bias_constraint : str, dict, callable or Constraint, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    References
    ----------
    Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", arXiv:1610.02357.

    Examples
    --------
    >>> from dl_ops import ops
    >>> SeparableConv2D(4, 3, padding="same")(ops.ones((1, 8, 8, 3))).shape
    (1, 8, 8, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        super().__init__(
            2, depth_multiplier, filters, kernel_size, strides, padding, data_format, dilation_rate, activation,
            use_bias, depthwise_initializer, pointwise_initializer, bias_initializer, depthwise_regularizer,
            pointwise_regularizer, bias_regularizer, activity_regularizer, depthwise_constraint, pointwise_constraint,
            bias_constraint, **options,
        )  # fmt: skip
