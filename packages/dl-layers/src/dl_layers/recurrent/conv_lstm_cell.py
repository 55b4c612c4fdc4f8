"""One step of a long short-term memory whose maps are convolutions."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers import activations
from dl_layers.convolution.spatial import SpatialConvolution, stand_in
from dl_layers.layer import LayerOptions
from dl_layers.layer.validation import fraction, positive_integer
from dl_layers.recurrent.dropout import RecurrentDropout
from dl_layers.recurrent.lstm_cell import gated
from dl_ops import ops
from dl_ops.random import SeedGenerator
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


class ConvLSTMCell(RecurrentDropout, SpatialConvolution):
    """One step of a long short-term memory over `rank` spatial axes: as `LSTMCell`, with convolutions of the input and
    of the output of the step before in the place of matrix products.

    Shapes: ``(batch, *spatial, channels)`` and two states ``(batch, *new_spatial, filters)`` give
    ``(batch, *new_spatial, filters)`` and the new states, or all of them with the channels first; `kernel` is
    ``(*kernel_size, channels, 4 * filters)``, `recurrent_kernel` ``(*kernel_size, filters, 4 * filters)``, `bias`
    ``(4 * filters,)``, each in the order input, forget, memory, output.

    Parameters
    ----------
    rank : int
        Number of spatial axes.
    filters : int
        Number of channels of the output and of each state.
    kernel_size, strides, padding, data_format, dilation_rate
        Of the convolution of the input, as for `Conv2D`. That of the output has the same kernel size, no strides, no
        dilation, and zeros around it.
    activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, …
        As for `LSTMCell`.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is out of range, or strides and dilation are both used.
    """

    kernel: Variable
    recurrent_kernel: Variable

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(
            rank, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, **options
        )
        self.filters = positive_integer(filters, "filters", self)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self.set_weight_options(
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
        )
        self.dropout = fraction(dropout, "dropout", self)
        self.recurrent_dropout = fraction(recurrent_dropout, "recurrent_dropout", self)
        self.seed = seed
        if self.dropout or self.recurrent_dropout:
            self.seed_generator = SeedGenerator(seed)
        self.state_size = self._sizes((None,) * (rank + 2))

    def build(self, input_shape: Shape) -> None:
        channels, size = self._known_channels(input_shape), 4 * self.filters
        self.state_size = self._sizes(self.step_shape(input_shape))
        self.kernel = self.add_named_weight("kernel", (*self.kernel_size, channels, size))
        self.recurrent_kernel = self.add_named_weight(
            "recurrent_kernel", (*self.kernel_size, self.filters, size), of="recurrent"
        )
        self._add_bias(size)
        if self.bias is not None and self.unit_forget_bias:
            start = self.bias.numpy()
            start[self.filters : 2 * self.filters] = 1.0
            self.bias.assign(start)

    def _sizes(self, shape: Shape) -> list[tuple[int | None, ...]]:
        return [tuple(shape[1:])] * 2

    def step_shape(self, input_shape: Shape) -> Shape:
        """Shape of the output, and of each state, for inputs of this shape."""
        return super().compute_output_shape(input_shape)

    def compute_output_shape(self, input_shape: Shape, states_shape: Any = None) -> Any:
        shape = self.step_shape(input_shape)
        return shape, [shape, shape]

    def _output_shape(self, inputs: KerasTensor, channels: int | None) -> Shape:
        shape: Shape = self._convolved(inputs, stand_in(*self.kernel_size, channels or 1, self.filters)).shape
        return shape

    def _convolved(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        return ops.conv(inputs, kernel, self.strides, self.padding, self.data_format, self.dilation_rate)

    def call(self, inputs: Tensor, states: Any, training: bool | None = False) -> tuple[Tensor, list[Tensor]]:
        """Compute one step.

        Parameters
        ----------
        inputs : tensor, shape (batch, *spatial, channels) or (batch, channels, *spatial)
        states : pair of tensors, shape (batch, *new_spatial, filters) or (batch, filters, *new_spatial)
            Output and memory of the step before.
        training : bool, optional

        Returns
        -------
        output : tensor, of the states' shape
        states : list of two tensors
            The output again, and the memory.
        """
        hidden, memory = states
        if training:
            inputs, hidden = self.drop(inputs, hidden)
        z = self._biased(self._convolved(inputs, self.kernel))
        z = ops.add(z, ops.conv(hidden, self.recurrent_kernel, 1, "same", self.data_format))
        return gated(z, memory, self.activation, self.recurrent_activation, self._channel_axis)

    def empty_state(self, inputs: Tensor) -> Tensor:
        """Zeros of the shape of the output for these inputs, whose sizes may be known when it runs only."""
        shape = self.step_shape(inputs.shape)[1:]
        if None not in shape:
            return ops.zeros((ops.shape(inputs)[0], *shape), dtype=self.compute_dtype)
        kernel = ops.zeros((*self.kernel_size, inputs.shape[self._channel_axis], self.filters), self.compute_dtype)
        return self._convolved(ops.zeros_like(inputs), kernel)

    def get_initial_state(self, batch_size: Any = None) -> list[Tensor]:
        """Zero states for a batch; the cell must be built, for images of a known size."""
        if any(None in size for size in self.state_size):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the sizes of the images must be known for the states, "
                f"got {self.state_size[0]} for one"
            )
        return [ops.zeros((batch_size, *size), dtype=self.compute_dtype) for size in self.state_size]

    def get_config(self) -> dict[str, Any]:
        config = self._config(
            filters=self.filters,
            recurrent_activation=activations.serialize(self.recurrent_activation),
            unit_forget_bias=self.unit_forget_bias,
            dropout=self.dropout,
            recurrent_dropout=self.recurrent_dropout,
            seed=self.seed,
        )
        del config["activity_regularizer"]
        return config
