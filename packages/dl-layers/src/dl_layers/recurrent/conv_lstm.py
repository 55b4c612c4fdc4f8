"""Long short-term memories whose maps are convolutions, over sequences of sequences, images and volumes."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import CommonOptions, InputSpec
from dl_layers.recurrent.conv_lstm_cell import ConvLSTMCell
from dl_layers.recurrent.layer_of_cell import LayerOfCell, of_cell, options_of
from dl_ops import ops
from dl_ops.typing import Shape, Tensor


class ConvLSTM(LayerOfCell):
    """Long short-term memory over `rank` spatial axes; the layers of each rank say more.

    Parameters
    ----------
    rank : int
        Number of spatial axes.
    filters, kernel_size, …
        As for `ConvLSTM2D`.
    """

    cell: ConvLSTMCell
    use_cudnn = False

    filters = of_cell("filters")
    kernel_size = of_cell("kernel_size")
    strides = of_cell("strides")
    padding = of_cell("padding")
    data_format = of_cell("data_format")
    dilation_rate = of_cell("dilation_rate")
    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")

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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        **options: Unpack[CommonOptions],
    ) -> None:
        loop, shared = options_of(options)
        loop["unroll"] = bool(options.pop("unroll", False))  # type: ignore[typeddict-item]  # RNN's, as files have it
        cell = ConvLSTMCell(
            rank, filters, kernel_size, strides, padding, data_format, dilation_rate, activation, recurrent_activation,
            use_bias, kernel_initializer, recurrent_initializer, bias_initializer, unit_forget_bias,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed, name="conv_lstm_cell", **shared,
        )  # fmt: skip
        super().__init__(
            cell,
            return_sequences,
            return_state,
            go_backwards,
            stateful,
            **{**options, **loop, "activity_regularizer": activity_regularizer},
        )
        self.input_spec = InputSpec(ndim=rank + 3)

    def _initial_state_of(self, sequences: Tensor) -> list[Tensor]:
        return [self.cell.empty_state(sequences[:, 0])] * 2

    def _state_shapes(self, sequences_shape: Shape) -> list[Any]:
        return [self._step_output_shape(sequences_shape)] * 2

    def _step_output_shape(self, sequences_shape: Shape) -> Shape:
        batch, _, *sizes = sequences_shape
        return (batch, *self.cell.step_shape((None, *sizes))[1:])

    def _empty_output(self, steps: Tensor, states: list[Any]) -> Tensor:
        # a state is as large, and its size is known where that of the steps is not
        return ops.zeros_like(states[0])
