"""What convolutions of any rank have in common."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers import activations, regularizers
from dl_layers.layer import CommonOptions, InputSpec, Layer
from dl_layers.layer.named_weights import NamedWeights
from dl_layers.layer.validation import integer_tuple, known_size, one_of, positive_integer
from dl_ops import ops
from dl_ops.config import standardize_data_format
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


class BaseConv(NamedWeights, Layer):
    """Convolution over `rank` spatial axes: ``activation(conv(x, kernel) + bias)``.

    Parameters
    ----------
    rank : int
        Number of spatial axes.
    filters : int
        Number of output channels.
    kernel_size, strides, dilation_rate : int or sequence of `rank` int
    padding : {"valid", "same"}
    data_format : {"channels_last", "channels_first"}, optional
    groups : int, default 1
        Number of parts that the channels are split into and convolved separately.
    activation, use_bias, kernel_initializer, …
        As for `Dense`.

    Raises
    ------
    ValueError
        If an argument is none of these, strides and dilation are both used, or `filters` is not divisible by `groups`.
    """

    kernel: Variable
    bias: Variable | None

    def __init__(
        self,
        rank: int,
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
        super().__init__(**{**options, "activity_regularizer": activity_regularizer})
        self.rank = rank
        self.filters = positive_integer(filters, "filters", self)
        self.groups = positive_integer(groups, "groups", self)
        self.kernel_size = integer_tuple(kernel_size, rank, "kernel_size", self)
        self.strides = integer_tuple(strides, rank, "strides", self)
        self.dilation_rate = integer_tuple(dilation_rate, rank, "dilation_rate", self)
        self.padding = one_of(padding, ("valid", "same"), "padding", self)
        self.data_format = standardize_data_format(data_format)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"{type(self).__name__}(strides={self.strides}, dilation_rate={self.dilation_rate}): "
                "only one of them may exceed 1"
            )
        if self.filters % self.groups:
            raise ValueError(
                f"{type(self).__name__}(filters={filters}, groups={groups}): filters must be divisible by groups"
            )
        self.set_weight_options(
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
        )
        self.input_spec = InputSpec(min_ndim=rank + 2)

    @property
    def _channel_axis(self) -> int:
        return -1 if self.data_format == "channels_last" else 1

    def build(self, input_shape: Shape) -> None:
        channels = known_size(input_shape, self._channel_axis, self)
        if channels % self.groups:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the input has {channels} channels, "
                f"which groups={self.groups} does not divide"
            )
        self.kernel = self.add_named_weight("kernel", (*self.kernel_size, channels // self.groups, self.filters))
        self.bias = self.add_named_weight("bias", (self.filters,)) if self.use_bias else None
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={self._channel_axis: channels})

    def call(self, inputs: Tensor) -> Tensor:
        y = ops.conv(inputs, self.kernel, self.strides, self.padding, self.data_format, self.dilation_rate)
        if self.bias is not None:
            if self.data_format == "channels_last":
                y = ops.add(y, self.bias)
            else:
                y = ops.add(y, ops.reshape(self.bias, (1, self.filters, *(1,) * self.rank)))
        return y if self.activation is activations.linear else self.activation(y)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "groups": self.groups,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **self.weight_config(),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
        }
