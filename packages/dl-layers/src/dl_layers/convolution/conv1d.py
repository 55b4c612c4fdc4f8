"""Convolution of sequences."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.convolution.base import BaseConv
from dl_layers.layer import CommonOptions
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor


@public("keras.layers.Conv1D", "keras.layers.Convolution1D")
class Conv1D(BaseConv):
    """Convolution of sequences: ``activation(conv(x, kernel) + bias)``.

    Shapes: ``(batch, steps, channels) -> (batch, new_steps, filters)``, or with the
    channels first; `kernel` is ``(*kernel_size, channels // groups, filters)``, `bias` ``(filters,)``.

    Parameters
    ----------
    filters : int
        Number of output channels.
    kernel_size : int
        Steps of the kernel.
    strides : int, default 1
        Distance between the kernel's positions.
    padding : {"valid", "same", "causal"}
        Whether the kernel lies wholly inside, or zeros around the sequence keep its size (divided by the strides);
        ``"causal"`` puts all zeros in front, so that no output depends on a later step.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    dilation_rate : int, default 1
        Distance between the kernel's steps.
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

    References
    ----------
    van den Oord et al., "WaveNet: A Generative Model for Raw Audio", arXiv:1609.03499, for causal convolutions.

    Examples
    --------
    >>> Conv1D(4, 3, padding="causal")(ops.ones((1, 8, 3))).shape
    (1, 8, 4)
    """

    paddings = ("valid", "same", "causal")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
            1, filters, kernel_size, strides, padding, data_format, dilation_rate, groups, activation, use_bias,
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, **options,
        )  # fmt: skip

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """Convolve, without bias and activation.

        Parameters
        ----------
        inputs : tensor, shape (batch, steps, channels) or (batch, channels, steps)
        kernel : tensor, shape (kernel_size, channels // groups, filters)

        Returns
        -------
        tensor, shape (batch, new_steps, filters) or (batch, filters, new_steps)
        """
        if self.padding != "causal":
            return super().convolution_op(inputs, kernel)
        before = ((self.kernel_size[0] - 1) * self.dilation_rate[0], 0)
        pads = ((0, 0), before, (0, 0)) if self.data_format == "channels_last" else ((0, 0), (0, 0), before)
        return ops.conv(ops.pad(inputs, pads), kernel, self.strides, "valid", self.data_format, self.dilation_rate)
