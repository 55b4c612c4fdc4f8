"""One step of a fully connected recurrent network."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers import activations
from dl_layers.layer import LayerOptions
from dl_layers.recurrent.cell import RecurrentCell
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor


@public("keras.layers.SimpleRNNCell")
class SimpleRNNCell(RecurrentCell):
    """One step of a fully connected recurrent network.

    Shapes: ``(batch, features)`` and a state ``(batch, units)`` give ``(batch, units)`` and the new state; `kernel` is
    ``(features, units)``, `recurrent_kernel` ``(units, units)``, `bias` ``(units,)``.

    Parameters
    ----------
    units : int
    activation : str or callable, default "tanh"
    use_bias : bool, default True
    kernel_initializer, recurrent_initializer, bias_initializer : str, dict, callable or Initializer
        Glorot's uniform, orthogonal and zeros by default.
    kernel_regularizer, recurrent_regularizer, bias_regularizer : str, dict, callable or Regularizer, optional
    kernel_constraint, recurrent_constraint, bias_constraint : str, dict, callable or Constraint, optional
    dropout, recurrent_dropout : float, default 0.0
        Rates at which features of the input and the state are dropped while training, the same ones at every step.
    seed : int, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    Elman, "Finding Structure in Time", Cognitive Science 14 (1990).

    Examples
    --------
    >>> cell = SimpleRNNCell(4)
    >>> output, states = cell(ops.ones((2, 3)), [ops.zeros((2, 4))])
    >>> output.shape, len(states)
    ((2, 4), 1)
    """

    gates = 1

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
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.activation = activations.get(activation)
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

    def call(self, sequence: Tensor, states: Any, training: bool | None = False) -> tuple[Tensor, list[Tensor]]:
        """Compute one step.

        Parameters
        ----------
        sequence : tensor, shape (batch, features)
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
        inputs, dropped = self.drop(sequence, hidden) if training else (sequence, hidden)
        z = ops.add(ops.matmul(inputs, self.kernel), ops.matmul(dropped, self.recurrent_kernel))
        output = self.activation(z if self.bias is None else ops.add(z, self.bias))
        return output, [output]
