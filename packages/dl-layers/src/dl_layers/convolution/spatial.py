"""What layers that convolve have in common, whatever their kernels."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers import activations, regularizers
from dl_layers.layer import InputSpec, Layer, LayerOptions
from dl_layers.layer.named_weights import NamedWeights
from dl_layers.layer.validation import data_format_of, integer_tuple, known_size, one_of
from dl_ops import ops
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


class SpatialConvolution(NamedWeights, Layer):
    """Convolution of some kind over `rank` spatial axes, with a bias for each channel and an activation.

    A subclass creates its kernels in `build` and defines `call` and `_output_shape`.

    Parameters
    ----------
    rank : int
        Number of spatial axes.
    kernel_size, strides, dilation_rate : int or sequence of `rank` int
    padding : str
        One of the class's `paddings`.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    activation : str or callable, optional
    use_bias : bool
    strides_or_dilation : bool
        Whether strides and dilation exclude each other.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.
    """

    paddings: tuple[str, ...] = ("valid", "same")

    bias: Variable | None

    def __init__(
        self,
        rank: int,
        kernel_size: Any,
        strides: Any,
        padding: str,
        data_format: str | None,
        dilation_rate: Any,
        activation: Any,
        use_bias: bool,
        *,
        strides_or_dilation: bool = True,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.rank = rank
        self.kernel_size = integer_tuple(kernel_size, rank, "kernel_size", self)
        self.strides = integer_tuple(strides, rank, "strides", self)
        self.dilation_rate = integer_tuple(dilation_rate, rank, "dilation_rate", self)
        self.padding = one_of(padding, self.paddings, "padding", self)
        self.data_format = data_format_of(data_format, self)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        if strides_or_dilation and max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"{type(self).__name__}(strides={self.strides}, dilation_rate={self.dilation_rate}): "
                "only one of them may exceed 1"
            )
        self.input_spec = InputSpec(min_ndim=rank + 2)

    @property
    def _channel_axis(self) -> int:
        return -1 if self.data_format == "channels_last" else 1

    def _known_channels(self, input_shape: Shape) -> int:
        """Channels of the inputs, which from now on have as many."""
        channels = known_size(input_shape, self._channel_axis, self)
        if len(input_shape) != self.rank + 2:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} takes inputs of {self.rank + 2} dimensions, "
                f"got shape {tuple(input_shape)}"
            )
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={self._channel_axis: channels})
        return channels

    def _add_bias(self, channels: int) -> None:
        self.bias = self.add_named_weight("bias", (channels,)) if self.use_bias else None

    def _biased(self, y: Tensor) -> Tensor:
        if self.bias is None:
            return y
        if self.data_format == "channels_last":
            return ops.add(y, self.bias)
        return ops.add(y, ops.reshape(self.bias, (1, -1, *(1,) * self.rank)))

    def _biased_and_activated(self, y: Tensor) -> Tensor:
        return self._activated(self._biased(y))

    def _activated(self, y: Tensor) -> Tensor:
        return y if self.activation is activations.linear else self.activation(y)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        shape = self._output_shape(KerasTensor(input_shape, record_history=False), input_shape[self._channel_axis])
        if any(size == 0 for size in shape):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: inputs of shape {tuple(input_shape)} "
                f"would give outputs of shape {shape}, without a single pixel"
            )
        return shape

    def _output_shape(self, inputs: KerasTensor, channels: int | None) -> Shape:
        """Shape of the outputs for inputs of this many channels, which may be unknown; the weights need not exist."""
        raise NotImplementedError

    def _config(self, **sizes: Any) -> dict[str, Any]:
        """Configuration with the arguments in which the kinds of convolutions differ."""
        return {
            **super().get_config(),
            **sizes,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **self.weight_config(),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
        }


def stand_in(*shape: int) -> KerasTensor:
    """A kernel of which only the shape counts."""
    return KerasTensor(shape, record_history=False)
