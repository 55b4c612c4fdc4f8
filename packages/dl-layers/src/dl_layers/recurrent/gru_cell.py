"""One step of a gated recurrent unit."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers import activations
from dl_layers.layer import LayerOptions
from dl_layers.recurrent.cell import RecurrentCell
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor


@public("keras.layers.GRUCell")
class GRUCell(RecurrentCell):
    """One step of a gated recurrent unit: an update and a reset gate.

    Shapes: ``(batch, features)`` and a state ``(batch, units)`` give ``(batch, units)`` and the new state; `kernel` is
    ``(features, 3 * units)``, `recurrent_kernel` ``(units, 3 * units)``, each in the order update, reset, candidate.
    `bias` is ``(2, 3 * units)``, for the input and for the state, or ``(3 * units,)`` if `reset_after` is false.

    Parameters
    ----------
    units : int
    activation : str or callable, default "tanh"
        Of the candidate for the output.
    recurrent_activation : str or callable, default "sigmoid"
        Of the gates.
    use_bias : bool, default True
    kernel_initializer, recurrent_initializer, bias_initializer : str, dict, callable or Initializer
        Glorot's uniform, orthogonal and zeros by default.
    kernel_regularizer, recurrent_regularizer, bias_regularizer : str, dict, callable or Regularizer, optional
    kernel_constraint, recurrent_constraint, bias_constraint : str, dict, callable or Constraint, optional
    dropout, recurrent_dropout : float, default 0.0
        Rates at which features of the input and the state are dropped while training, the same ones at every step.
    reset_after : bool, default True
        Whether the reset gate multiplies the state after its matrix product, as cuDNN does, not before.
    seed : int, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation",
    arXiv:1406.1078.

    Examples
    --------
    >>> cell = GRUCell(4)
    >>> output, states = cell(ops.ones((2, 3)), [ops.zeros((2, 4))])
    >>> output.shape, len(states)
    ((2, 4), 1)
    """

    gates = 3
    own_options = ("reset_after",)

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
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: int | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.activation = activations.get(activation)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after
        self._set_up(
            units,
            dropout,
            recurrent_dropout,
            seed,
            use_bias,
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

    def _bias_shape(self, size: int) -> tuple[int, ...]:
        # after the product the candidate's part of the state has a bias of its own
        return (2, size) if self.reset_after else (size,)

    def call(self, inputs: Tensor, states: Any, training: bool | None = False) -> tuple[Tensor, list[Tensor]]:
        """Compute one step.

        Parameters
        ----------
        inputs : tensor, shape (batch, features)
        states : tensor, or list of one, shape (batch, units)
            Output of the step before.
        training : bool, optional

        Returns
        -------
        output : tensor, shape (batch, units)
        states : list of one tensor
            The output again.
        """
        (hidden,) = self._checked(states)
        inputs, dropped = self.drop(inputs, hidden) if training else (inputs, hidden)
        of_input, units, gate = ops.matmul(inputs, self.kernel), self.units, self.recurrent_activation
        if self.bias is not None:
            of_input = ops.add(of_input, self.bias[0] if self.reset_after else self.bias)
        to_update, to_reset, to_candidate = ops.split(of_input, 3, axis=1)
        if self.reset_after:
            of_state = ops.matmul(dropped, self.recurrent_kernel)
            if self.bias is not None:
                of_state = ops.add(of_state, self.bias[1])
            state_to_update, state_to_reset, state_to_candidate = ops.split(of_state, 3, axis=1)
            reset = gate(ops.add(to_reset, state_to_reset))
            from_state = ops.multiply(reset, state_to_candidate)
        else:
            of_state = ops.matmul(dropped, self.recurrent_kernel[:, : 2 * units])
            state_to_update, state_to_reset = ops.split(of_state, 2, axis=1)
            reset = gate(ops.add(to_reset, state_to_reset))
            from_state = ops.matmul(ops.multiply(reset, dropped), self.recurrent_kernel[:, 2 * units :])
        update = gate(ops.add(to_update, state_to_update))
        candidate = self.activation(ops.add(to_candidate, from_state))
        output = ops.add(ops.multiply(update, hidden), ops.multiply(ops.subtract(1.0, update), candidate))
        return output, [output]
