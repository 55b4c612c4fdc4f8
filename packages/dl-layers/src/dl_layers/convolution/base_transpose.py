"""What transposed convolutions of any rank have in common."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.convolution.spatial import SpatialConvolution, stand_in
from dl_layers.layer import CommonOptions
from dl_layers.layer.validation import integer_tuple, positive_integer
from dl_ops import ops
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


class BaseConvTranspose(SpatialConvolution):
    """Transposed convolution over `rank` spatial axes: ``activation(conv_transpose(x, kernel) + bias)``.

    Parameters
    ----------
    rank : int
        Number of spatial axes.
    filters : int
        Number of output channels.
    kernel_size, strides, dilation_rate : int or sequence of `rank` int
    padding : {"valid", "same"}
    output_padding : int or sequence of `rank` int, optional
        How much larger than smallest the output is, less than the strides.
    data_format : {"channels_last", "channels_first"}, optional
    activation, use_bias, kernel_initializer, …
        As for `Dense`.

    Raises
    ------
    ValueError
        If an argument is none of these, strides and dilation are both used, or `output_padding` is not below the
        strides.
    """

    kernel: Variable

    def __init__(
        self,
        rank: int,
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
            rank, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            **{**options, "activity_regularizer": activity_regularizer},
        )  # fmt: skip
        self.filters = positive_integer(filters, "filters", self)
        self.output_padding = (
            None if output_padding is None else integer_tuple(output_padding, rank, "output_padding", self, minimum=0)
        )
        if self.output_padding is not None and any(
            added >= stride for added, stride in zip(self.output_padding, self.strides, strict=True)
        ):
            raise ValueError(
                f"{type(self).__name__}(output_padding={output_padding!r}): "
                f"expected less than the strides, {self.strides}"
            )
        self.set_weight_options(
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
        )

    def build(self, input_shape: Shape) -> None:
        channels = self._known_channels(input_shape)
        self.compute_output_shape(input_shape)  # for its error
        self.kernel = self.add_named_weight("kernel", (*self.kernel_size, self.filters, channels))
        self._add_bias(self.filters)

    def call(self, inputs: Tensor) -> Tensor:
        return self._biased_and_activated(self._transposed(inputs, self.kernel))

    def _transposed(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        return ops.conv_transpose(
            inputs, kernel, self.strides, self.padding, self.output_padding, self.data_format, self.dilation_rate
        )

    def _output_shape(self, inputs: KerasTensor, channels: int | None) -> Shape:
        shape: Shape = self._transposed(inputs, stand_in(*self.kernel_size, self.filters, channels or 1)).shape
        return shape

    def get_config(self) -> dict[str, Any]:
        return self._config(filters=self.filters, output_padding=self.output_padding)
