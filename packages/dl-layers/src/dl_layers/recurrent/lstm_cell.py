"""One step of a long short-term memory."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers import activations
from dl_layers.layer import LayerOptions
from dl_layers.recurrent.cell import RecurrentCell
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor


@public("keras.layers.LSTMCell")
class LSTMCell(RecurrentCell):
    """One step of a long short-term memory: input, forget and output gates around a memory.

    Shapes: ``(batch, features)`` and two states ``(batch, units)`` give ``(batch, units)`` and the new states;
    `kernel` is ``(features, 4 * units)``, `recurrent_kernel` ``(units, 4 * units)``, `bias` ``(4 * units,)``, each
    in the order input, forget, memory, output.

    Parameters
    ----------
    units : int
    activation : str or callable, default "tanh"
        Of the memory.
    recurrent_activation : str or callable, default "sigmoid"
        Of the gates.
    use_bias : bool, default True
    kernel_initializer, recurrent_initializer, bias_initializer : str, dict, callable or Initializer
        Glorot's uniform, orthogonal and zeros by default.
    unit_forget_bias : bool, default True
        Whether the forget gate's bias starts at 1.
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
    Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9 (1997); Gers et al., "Learning to
    Forget" (2000).

    Examples
    --------
    >>> cell = LSTMCell(4)
    >>> output, states = cell(ops.ones((2, 3)), [ops.zeros((2, 4)), ops.zeros((2, 4))])
    >>> output.shape, len(states)
    ((2, 4), 2)
    """

    gates = 4
    state_names = ("output", "memory")
    own_options = ("unit_forget_bias",)

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
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
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

    def build(self, input_shape: Shape) -> None:
        super().build(input_shape)
        if self.bias is not None and self.unit_forget_bias:
            start = self.bias.numpy()
            start[self.units : 2 * self.units] = 1.0
            self.bias.assign(start)

    def call(self, inputs: Tensor, states: Any, training: bool | None = False) -> tuple[Tensor, list[Tensor]]:
        """Compute one step.

        Parameters
        ----------
        inputs : tensor, shape (batch, features)
        states : pair of tensors, shape (batch, units)
            Output and memory of the step before.
        training : bool, optional

        Returns
        -------
        output : tensor, shape (batch, units)
        states : list of two tensors
            The output again, and the memory.
        """
        hidden, memory = self._checked(states)
        if training:
            inputs, hidden = self.drop(inputs, hidden)
        z = ops.add(ops.matmul(inputs, self.kernel), ops.matmul(hidden, self.recurrent_kernel))
        if self.bias is not None:
            z = ops.add(z, self.bias)
        return gated(z, memory, self.activation, self.recurrent_activation)


def gated(z: Tensor, memory: Tensor, activation: Any, gate: Any, axis: int = -1) -> tuple[Tensor, list[Tensor]]:
    """Output, and both states, of a step of a long short-term memory.

    Parameters
    ----------
    z : tensor
        Along `axis`, what the input, the forget gate, the memory and the output gate are made of.
    memory : tensor
        Of the step before.
    activation, gate : callable
        Activations of the memory and of the gates.
    axis : int

    Returns
    -------
    output : tensor, of the memory's shape
    states : list of two tensors
        The output again, and the memory.
    """
    to_input, to_forget, to_memory, to_output = ops.split(z, 4, axis=axis)
    memory = ops.add(ops.multiply(gate(to_forget), memory), ops.multiply(gate(to_input), activation(to_memory)))
    output = ops.multiply(gate(to_output), activation(memory))
    return output, [output, memory]
