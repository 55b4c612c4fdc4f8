"""What convolutions of each channel by itself have in common, in any rank."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.convolution.spatial import SpatialConvolution, stand_in
from dl_layers.layer import CommonOptions
from dl_layers.layer.validation import positive_integer
from dl_ops import ops
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


class BaseDepthwiseConv(SpatialConvolution):
    """Convolution of each channel by itself over `rank` spatial axes:
    ``activation(depthwise_conv(x, kernel) + bias)``.

    Parameters
    ----------
    rank : int
        Number of spatial axes.
    depth_multiplier : int
        Number of output channels for each input channel.
    kernel_size, strides, dilation_rate : int or sequence of `rank` int
    padding : {"valid", "same"}
    data_format : {"channels_last", "channels_first"}, optional
    activation, use_bias, depthwise_initializer, …
        As for `Dense`.

    Raises
    ------
    ValueError
        If an argument is none of these.
    """

    kernel: Variable

    def __init__(
        self,
        rank: int,
        depth_multiplier: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
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
            rank, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            strides_or_dilation=False, **{**options, "activity_regularizer": activity_regularizer},
        )  # fmt: skip
        self.depth_multiplier = positive_integer(depth_multiplier, "depth_multiplier", self)
        self.set_weight_options(
            depthwise_initializer=depthwise_initializer,
            bias_initializer=bias_initializer,
            depthwise_regularizer=depthwise_regularizer,
            bias_regularizer=bias_regularizer,
            depthwise_constraint=depthwise_constraint,
            bias_constraint=bias_constraint,
        )

    def build(self, input_shape: Shape) -> None:
        channels = self._known_channels(input_shape)
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.kernel = self.add_named_weight("kernel", shape, of="depthwise")
        self._add_bias(channels * self.depth_multiplier)

    def call(self, inputs: Tensor) -> Tensor:
        return self._biased_and_activated(self._depthwise(inputs, self.kernel))

    def _depthwise(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        return ops.depthwise_conv(inputs, kernel, self.strides, self.padding, self.data_format, self.dilation_rate)

    def _output_shape(self, inputs: KerasTensor, channels: int | None) -> Shape:
        shape: Shape = self._depthwise(inputs, stand_in(*self.kernel_size, channels or 1, self.depth_multiplier)).shape
        if channels is not None:
            return shape
        axis = self._channel_axis % len(shape)
        return (*shape[:axis], None, *shape[axis + 1 :])

    def get_config(self) -> dict[str, Any]:
        return self._config(depth_multiplier=self.depth_multiplier)
