"""Convolutions of each channel by itself, of sequences and images."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.convolution.base_depthwise import BaseDepthwiseConv
from dl_layers.layer import CommonOptions
from dl_ops.objects import public


@public("keras.layers.DepthwiseConv1D")
class DepthwiseConv1D(BaseDepthwiseConv):
    """Convolution of each channel of sequences by itself: ``activation(depthwise_conv(x, kernel) + bias)``.

    Shapes: ``(batch, steps, channels) -> (batch, new_steps, channels * depth_multiplier)``, or
    with the channels first; `kernel` is ``(*kernel_size, channels, depth_multiplier)``, `bias`
    ``(channels * depth_multiplier,)``.

    Parameters
    ----------
    kernel_size : int
        Steps of the kernel.
    strides, padding, depth_multiplier, data_format, dilation_rate, activation, use_bias
        As for `DepthwiseConv2D`, for one axis.
    depthwise_initializer, bias_initializer, depthwise_regularizer, bias_regularizer, activity_regularizer
        As for `DepthwiseConv2D`.
    depthwise_constraint, bias_constraint, **options
        As for `DepthwiseConv2D`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    References
    ----------
    Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
    arXiv:1704.04861.

    Examples
    --------
    >>> from dl_ops import ops
    >>> DepthwiseConv1D(3, depth_multiplier=2)(ops.ones((1, 8, 3))).shape
    (1, 6, 6)
    """

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        super().__init__(
            1, depth_multiplier, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            depthwise_initializer, bias_initializer, depthwise_regularizer, bias_regularizer, activity_regularizer,
            depthwise_constraint, bias_constraint, **options,
        )  # fmt: skip


@public("keras.layers.DepthwiseConv2D")
class DepthwiseConv2D(BaseDepthwiseConv):
    """Convolution of each channel of images by itself: ``activation(depthwise_conv(x, kernel) + bias)``.

    Shapes: ``(batch, rows, columns, channels) -> (batch, new_rows, new_columns, channels * depth_multiplier)``, or
    with the channels first; `kernel` is ``(*kernel_size, channels, depth_multiplier)``, `bias`
    ``(channels * depth_multiplier,)``.

    Parameters
    ----------
    kernel_size : int or pair of int
        Rows and columns of the kernel.
    strides : int or pair of int, default (1, 1)
        Distance between the kernel's positions.
    padding : {"valid", "same"}
        Whether the kernel lies wholly inside, or zeros around the image keep its size (divided by the strides).
    depth_multiplier : int, default 1
        Number of output channels for each input channel.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    dilation_rate : int or pair of int, default (1, 1)
        Distance between the kernel's rows and columns.
    activation : str or callable, optional
    use_bias : bool, default True
    depthwise_initializer, bias_initializer : str, dict, callable or Initializer
        Of `kernel` and `bias`; Glorot's uniform and zeros by default.
    depthwise_regularizer, bias_regularizer, activity_regularizer : str, dict, callable or Regularizer, optional
    depthwise_constraint, bias_constraint : str, dict, callable or Constraint, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    References
    ----------
    Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
    arXiv:1704.04861.

    Examples
    --------
    >>> from dl_ops import ops
    >>> DepthwiseConv2D(3, padding="same")(ops.ones((1, 8, 8, 3))).shape
    (1, 8, 8, 3)
    """

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        super().__init__(
            2, depth_multiplier, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            depthwise_initializer, bias_initializer, depthwise_regularizer, bias_regularizer, activity_regularizer,
            depthwise_constraint, bias_constraint, **options,
        )  # fmt: skip
