"""Gated recurrent unit over sequences."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import CommonOptions
from dl_layers.recurrent.gru_cell import GRUCell
from dl_layers.recurrent.layer_of_cell import LayerOfCell, of_cell, options_of
from dl_ops.nn.recurrence import gru
from dl_ops.objects import public
from dl_ops.typing import Tensor


@public("keras.layers.GRU")
class GRU(LayerOfCell):
    """Gated recurrent unit over sequences.

    Shapes: ``(batch, steps, features) -> (batch, units)``, or ``(batch, steps, units)`` with `return_sequences`.
    The weights are the cell's, see `GRUCell`.

    Parameters
    ----------
    units : int
    activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
    reset_after
        As for `GRUCell`.
    kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
    bias_constraint
        As for `GRUCell`.
    activity_regularizer : str, dict, callable or Regularizer, optional
        Penalty on the output.
    dropout, recurrent_dropout, seed
        As for `GRUCell`.
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
    Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation",
    arXiv:1406.1078.

    Examples
    --------
    >>> from dl_ops import ops
    >>> output, state = GRU(4, return_sequences=True, return_state=True)(ops.ones((2, 5, 3)))
    >>> output.shape, state.shape
    ((2, 5, 4), (2, 4))
    """

    cell: GRUCell
    recurrent_activation = of_cell("recurrent_activation")
    reset_after = of_cell("reset_after")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
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
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        reset_after: bool = True,
        use_cudnn: bool | str = "auto",
        **options: Unpack[CommonOptions],
    ) -> None:
        loop, shared = options_of(options)
        cell = GRUCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, kernel_regularizer, recurrent_regularizer, bias_regularizer,
            kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout,
            reset_after, seed,
            name="gru_cell", **shared,
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

    def _whole(self, sequences: Tensor, states: Any, mask: Any) -> tuple[Any, ...]:
        cell = self.cell
        return gru(sequences, states[0], cell.kernel, cell.recurrent_kernel, cell.bias, mask, cell.reset_after)
