"""What separable convolutions of any rank have in common."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.convolution.spatial import SpatialConvolution, stand_in
from dl_layers.layer import CommonOptions
from dl_layers.layer.validation import positive_integer
from dl_ops import ops
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


class BaseSeparableConv(SpatialConvolution):
    """Convolution of each channel by itself over `rank` spatial axes, then a mixing of the channels:
    ``activation(separable_conv(x, depthwise_kernel, pointwise_kernel) + bias)``.

    Parameters
    ----------
    rank : int
        Number of spatial axes.
    depth_multiplier : int
        Number of channels before the mixing for each input channel.
    filters : int
        Number of output channels.
    kernel_size, strides, dilation_rate : int or sequence of `rank` int
    padding : {"valid", "same"}
    data_format : {"channels_last", "channels_first"}, optional
    activation, use_bias, depthwise_initializer, pointwise_initializer, …
        As for `Dense`.

    Raises
    ------
    ValueError
        If an argument is none of these.
    """

    depthwise_kernel: Variable
    pointwise_kernel: Variable

    def __init__(
        self,
        rank: int,
        depth_multiplier: int,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
            rank, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            strides_or_dilation=False, **{**options, "activity_regularizer": activity_regularizer},
        )  # fmt: skip
        self.depth_multiplier = positive_integer(depth_multiplier, "depth_multiplier", self)
        self.filters = positive_integer(filters, "filters", self)
        self.set_weight_options(
            depthwise_initializer=depthwise_initializer,
            pointwise_initializer=pointwise_initializer,
            bias_initializer=bias_initializer,
            depthwise_regularizer=depthwise_regularizer,
            pointwise_regularizer=pointwise_regularizer,
            bias_regularizer=bias_regularizer,
            depthwise_constraint=depthwise_constraint,
            pointwise_constraint=pointwise_constraint,
            bias_constraint=bias_constraint,
        )

    def build(self, input_shape: Shape) -> None:
        depthwise, pointwise = self._kernel_shapes(self._known_channels(input_shape))
        self.depthwise_kernel = self.add_named_weight("depthwise_kernel", depthwise, of="depthwise")
        self.pointwise_kernel = self.add_named_weight("pointwise_kernel", pointwise, of="pointwise")
        self._add_bias(self.filters)

    def _kernel_shapes(self, channels: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return (
            (*self.kernel_size, channels, self.depth_multiplier),
            (*(1,) * self.rank, channels * self.depth_multiplier, self.filters),
        )

    def call(self, inputs: Tensor) -> Tensor:
        return self._biased_and_activated(self._separable(inputs, self.depthwise_kernel, self.pointwise_kernel))

    def _separable(self, inputs: Tensor, depthwise: Tensor, pointwise: Tensor) -> Tensor:
        return ops.separable_conv(
            inputs, depthwise, pointwise, self.strides, self.padding, self.data_format, self.dilation_rate
        )

    def _output_shape(self, inputs: KerasTensor, channels: int | None) -> Shape:
        depthwise, pointwise = self._kernel_shapes(channels or 1)
        shape: Shape = self._separable(inputs, stand_in(*depthwise), stand_in(*pointwise)).shape
        return shape

    def get_config(self) -> dict[str, Any]:
        return self._config(depth_multiplier=self.depth_multiplier, filters=self.filters)
