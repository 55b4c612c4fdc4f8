"""Fully connected recurrent network over sequences."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import CommonOptions
from dl_layers.recurrent.layer_of_cell import LayerOfCell, options_of
from dl_layers.recurrent.simple_rnn_cell import SimpleRNNCell
from dl_ops.nn.recurrence import simple_rnn
from dl_ops.objects import public


@public("keras.layers.SimpleRNN")
class SimpleRNN(LayerOfCell):
    """Fully connected recurrent network over sequences.

    Shapes: ``(batch, steps, features) -> (batch, units)``, or ``(batch, steps, units)`` with `return_sequences`.
    The weights are the cell's, see `SimpleRNNCell`.

    Parameters
    ----------
    units : int
    activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer
        As for `SimpleRNNCell`.
    kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
    bias_constraint
        As for `SimpleRNNCell`.
    activity_regularizer : str, dict, callable or Regularizer, optional
        Penalty on the output.
    dropout, recurrent_dropout, seed
        As for `SimpleRNNCell`.
    return_sequences, return_state, go_backwards, stateful, unroll
        As for `RNN`.
    **options
        As for `Layer`, and `zero_output_for_mask` as for `RNN`.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    Elman, "Finding Structure in Time", Cognitive Science 14 (1990).

    Examples
    --------
    >>> from dl_ops import ops
    >>> SimpleRNN(4, return_sequences=True)(ops.ones((2, 5, 3))).shape
    (2, 5, 4)
    """

    cell: SimpleRNNCell
    whole_sequences = staticmethod(simple_rnn)

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        loop, shared = options_of(options)
        cell = SimpleRNNCell(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint,
            recurrent_constraint, bias_constraint, dropout, recurrent_dropout, seed,
            name="simple_rnn_cell", **shared,
        )  # fmt: skip
        super().__init__(
            cell,
            return_sequences,
            return_state,
            go_backwards,
            stateful,
            unroll,
            **{**options, **loop, "activity_regularizer": activity_regularizer},
        )
