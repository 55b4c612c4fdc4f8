"""Long short-term memory over sequences."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import CommonOptions
from dl_layers.recurrent.layer_of_cell import LayerOfCell, of_cell, options_of
from dl_layers.recurrent.lstm_cell import LSTMCell
from dl_ops.nn.recurrence import lstm
from dl_ops.objects import public


@public("keras.layers.LSTM")
class LSTM(LayerOfCell):
    """Long short-term memory over sequences.

    Shapes: ``(batch, steps, features) -> (batch, units)``, or ``(batch, steps, units)`` with `return_sequences`.
    The weights are the cell's, see `LSTMCell`.

    Parameters
    ----------
    units : int
    activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
    unit_forget_bias
        As for `LSTMCell`.
    kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
    bias_constraint
        As for `LSTMCell`.
    activity_regularizer : str, dict, callable or Regularizer, optional
        Penalty on the output.
    dropout, recurrent_dropout, seed
        As for `LSTMCell`.
    return_sequences, return_state, go_backwards, stateful, unroll
        As for `RNN`.
    use_cudnn : bool or "auto", default "auto"
        Whether the framework's fused kernel may be used; if it is ``True``, it must.
    **options
        As for `Layer`, and `zero_output_for_mask` as for `RNN`.

    Raises
    ------
    ValueError
        If an argument is out of range, or `use_cudnn` is ``True`` and other arguments rule a fused kernel out.

    References
    ----------
    Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9 (1997); Gers et al., "Learning to
    Forget" (2000).

    Examples
    --------
    >>> from dl_ops import ops
    >>> output, hidden, memory = LSTM(4, return_sequences=True, return_state=True)(ops.ones((2, 5, 3)))
    >>> output.shape, hidden.shape, memory.shape
    ((2, 5, 4), (2, 4), (2, 4))
    """

    cell: LSTMCell
    whole_sequences = staticmethod(lstm)
    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")

    def __init__(
        self,
        units: int,
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
        unroll: bool = False,
        use_cudnn: bool | str = "auto",
        **options: Unpack[CommonOptions],
    ) -> None:
        loop, shared = options_of(options)
        cell = LSTMCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer,
            kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout, seed,
            name="lstm_cell", **shared,
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
        self.set_use_cudnn(use_cudnn)
