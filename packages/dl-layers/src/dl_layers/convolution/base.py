"""What convolutions of any rank have in common."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.convolution.spatial import SpatialConvolution, stand_in
from dl_layers.layer import CommonOptions
from dl_layers.layer.validation import positive_integer
from dl_layers.quantization import LowRankUpdates
from dl_ops import ops
from dl_ops.nn.affine import biased_conv
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


class BaseConv(LowRankUpdates, SpatialConvolution):
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
    activation, use_bias, kernel_initializer, …, lora_rank, lora_alpha
        As for `Dense`.

    Raises
    ------
    ValueError
        If an argument is none of these, strides and dilation are both used, or `filters` is not divisible by `groups`.
    """

    _kernel: Variable

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
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        super().__init__(
            rank, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            **{**options, "activity_regularizer": activity_regularizer},
        )  # fmt: skip
        self.filters = positive_integer(filters, "filters", self)
        self.groups = positive_integer(groups, "groups", self)
        self._set_low_rank(lora_rank, lora_alpha)
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

    def build(self, input_shape: Shape) -> None:
        channels = self._known_channels(input_shape)
        if channels % self.groups:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the input has {channels} channels, "
                f"which groups={self.groups} does not divide"
            )
        self._kernel = self.add_named_weight("kernel", (*self.kernel_size, channels // self.groups, self.filters))
        self._add_bias(self.filters)
        self._enable_given_rank()

    @property
    def kernel(self) -> Any:
        """The kernel: a variable; with an update of low rank, their sum."""
        return self._current_kernel()

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """Convolve, without bias and activation; to be overridden where the kernel is used otherwise.

        Parameters
        ----------
        inputs : tensor, shape (batch, *spatial, channels) or (batch, channels, *spatial)
        kernel : tensor, shape (*kernel_size, channels // groups, filters)

        Returns
        -------
        tensor, shape (batch, *new_spatial, filters) or (batch, filters, *new_spatial)
        """
        return ops.conv(inputs, kernel, self.strides, self.padding, self.data_format, self.dilation_rate)

    def call(self, inputs: Tensor) -> Tensor:
        if self.bias is not None and not self._altered and type(self).convolution_op is BaseConv.convolution_op:
            options = (self.strides, self.padding, self.data_format, self.dilation_rate)
            return self._activated(biased_conv(inputs, self._kernel, self.bias, *options))
        kernel = self._effective_kernel() if self._altered else self._kernel
        return self._biased_and_activated(self.convolution_op(inputs, kernel))

    def _output_shape(self, inputs: KerasTensor, channels: int | None) -> Shape:
        per_group = 1 if channels is None else max(channels // self.groups, 1)
        shape: Shape = self.convolution_op(inputs, stand_in(*self.kernel_size, per_group, self.filters)).shape
        return shape

    def get_config(self) -> dict[str, Any]:
        return {**self._config(filters=self.filters, groups=self.groups), **self._low_rank_config()}
