"""Transposed convolutions of sequences, images and volumes."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.convolution.base_transpose import BaseConvTranspose
from dl_layers.layer import CommonOptions
from dl_ops.objects import public


@public("keras.layers.Conv1DTranspose", "keras.layers.Convolution1DTranspose")
class Conv1DTranspose(BaseConvTranspose):
    """Transposed convolution of sequences, as decoders enlarge them with:
    ``activation(conv_transpose(x, kernel) + bias)``.

    Shapes: ``(batch, steps, channels) -> (batch, new_steps, filters)``, or with the
    channels first; `kernel` is ``(*kernel_size, filters, channels)``, `bias` ``(filters,)``.

    Parameters
    ----------
    filters : int
        Number of output channels.
    kernel_size : int
        Steps of the kernel.
    strides, padding, output_padding, data_format, dilation_rate, activation, use_bias
        As for `Conv2DTranspose`, for one axis.
    kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer
        As for `Conv2DTranspose`.
    kernel_constraint, bias_constraint, **options
        As for `Conv2DTranspose`.

    Raises
    ------
    ValueError
        If an argument is none of these, strides and dilation are both used, or the output would be empty.

    References
    ----------
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.

    Examples
    --------
    >>> from dl_ops import ops
    >>> Conv1DTranspose(4, 3, strides=2)(ops.ones((1, 8, 3))).shape
    (1, 17, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
            1, filters, kernel_size, strides, padding, output_padding, data_format, dilation_rate, activation, use_bias,
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, **options,
        )  # fmt: skip


@public("keras.layers.Conv2DTranspose", "keras.layers.Convolution2DTranspose")
class Conv2DTranspose(BaseConvTranspose):
    """Transposed convolution of images, as decoders enlarge them with:
    ``activation(conv_transpose(x, kernel) + bias)``.

    Shapes: ``(batch, rows, columns, channels) -> (batch, new_rows, new_columns, filters)``, or with the
    channels first; `kernel` is ``(*kernel_size, filters, channels)``, `bias` ``(filters,)``.

    Parameters
    ----------
    filters : int
        Number of output channels.
    kernel_size : int or pair of int
        Rows and columns of the kernel.
    strides : int or pair of int, default (1, 1)
        Distance between the places where neighbouring pixels put the kernel.
    padding : {"valid", "same"}
        Whether the output is all that the kernels reach, or is cut to the image's size times the strides.
    output_padding : int or pair of int, optional
        How much larger than smallest the output is, less than the strides; so that the size of the input of a
        convolution can be hit exactly.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    dilation_rate : int or pair of int, default (1, 1)
        Distance between the kernel's rows and columns.
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
        If an argument is none of these, strides and dilation are both used, or the output would be empty.

    References
    ----------
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.

    Examples
    --------
    >>> from dl_ops import ops
    >>> Conv2DTranspose(4, 3, strides=2, padding="same")(ops.ones((1, 8, 8, 3))).shape
    (1, 16, 16, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
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
            2, filters, kernel_size, strides, padding, output_padding, data_format, dilation_rate, activation, use_bias,
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, **options,
        )  # fmt: skip


@public("keras.layers.Conv3DTranspose", "keras.layers.Convolution3DTranspose")
class Conv3DTranspose(BaseConvTranspose):
    """Transposed convolution of volumes, as decoders enlarge them with:
    ``activation(conv_transpose(x, kernel) + bias)``.

    Shapes: ``(batch, planes, rows, columns, channels) -> (batch, new_planes, new_rows, new_columns, filters)``, or with
    the channels first; `kernel` is ``(*kernel_size, filters, channels)``, `bias` ``(filters,)``.

    Parameters
    ----------
    filters : int
        Number of output channels.
    kernel_size : int or three int
        Planes, rows and columns of the kernel.
    strides, padding, data_format, output_padding, dilation_rate, activation, use_bias
        As for `Conv2DTranspose`, for three axes.
    kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer
        As for `Conv2DTranspose`.
    kernel_constraint, bias_constraint, **options
        As for `Conv2DTranspose`.

    Raises
    ------
    ValueError
        If an argument is none of these, strides and dilation are both used, or the output would be empty.

    References
    ----------
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.

    Examples
    --------
    >>> from dl_ops import ops
    >>> Conv3DTranspose(4, 2, strides=2)(ops.ones((1, 4, 4, 4, 3))).shape
    (1, 8, 8, 8, 4)
    """

    # the order of output_padding and data_format is Keras's, and another than in the other two
    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        output_padding: Any = None,
        dilation_rate: Any = (1, 1, 1),
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
            3, filters, kernel_size, strides, padding, output_padding, data_format, dilation_rate, activation, use_bias,
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, **options,
        )  # fmt: skip
