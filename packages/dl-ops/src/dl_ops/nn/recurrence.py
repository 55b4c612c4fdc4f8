"""Recurrent networks over whole sequences, which layers are made of: ops that Keras does not have, and so in none of
the public namespaces.

On accelerators the input is multiplied by its weights for all steps at once, so that only what depends on the step
before is left in the loop; a processor is faster if it need not keep all the products. Gates are in Keras's order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dl_ops import ops
from dl_ops.backend.registry import current_backend
from dl_ops.op import op
from dl_ops.rules import floating, may_be_equal
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import ConditionLike, Tensor, TensorLike

__all__ = ["gru", "lstm", "simple_rnn"]

States = tuple[Tensor, ...]


def _fits(name: str, x: Any, *wanted: int | None) -> None:
    shape = tuple(x.shape)
    if not may_be_equal(shape, wanted):
        raise ValueError(f"{name} has shape {shape}: expected {wanted}")


def _specs(
    x: Any,
    states: dict[str, Any],
    kernel: Any,
    recurrent_kernel: Any,
    bias: Any,
    mask: Any,
    gates: int,
    biases: int = 1,
) -> tuple[KerasTensor, ...]:
    """Outputs and last states, if all shapes fit together."""
    if len(x.shape) != 3:
        raise ValueError(f"x has shape {tuple(x.shape)}: expected (batch, steps, features)")
    batch, steps, features = x.shape
    if len(recurrent_kernel.shape) != 2:
        raise ValueError(f"recurrent_kernel has shape {tuple(recurrent_kernel.shape)}: expected two axes")
    units = recurrent_kernel.shape[0]
    size = None if units is None else gates * units
    _fits("recurrent_kernel", recurrent_kernel, units, size)
    _fits("kernel", kernel, features, size)
    for name, state in states.items():
        _fits(name, state, batch, units)
    if bias is not None:
        _fits("bias", bias, *((size,) if biases == 1 else (biases, size)))
    if mask is not None:
        _fits("mask", mask, batch, steps)
    shapes = [(batch, steps, units), *[(batch, units)] * len(states)]
    return tuple(KerasTensor(shape, x.dtype, record_history=False) for shape in shapes)


def _units(recurrent_kernel: Any, gates: int) -> int:
    # the second axis, as in graphs the first may be unknown
    size: int = recurrent_kernel.shape[1]
    return size // gates


def _on_accelerator() -> bool:
    return not current_backend().devices()[0].startswith("cpu")


def _over_steps(
    step: Callable[[Tensor, Sequence[Tensor]], States],
    states: Sequence[Any],
    x: Any,
    kernel: Any,
    bias: Any,
    mask: Any,
) -> States:
    """Outputs of all steps and the last states of ``step(inputs, states)``, whose first state is the output, and whose
    inputs are those of a step times their weights.
    """

    def projected(inputs: Any) -> Tensor:
        y = ops.matmul(inputs, kernel)
        return y if bias is None else ops.add(y, bias)

    def run(before: Any, row: Any) -> tuple[Any, Tensor]:
        inputs, keep = (row, None) if mask is None else row
        after = step(inputs if at_once else projected(inputs), before)
        if keep is not None:
            after = tuple(ops.where(keep, new, old) for new, old in zip(after, before, strict=True))
        return after, after[0]

    # time first, as loops go over the first axis
    rows: Any = ops.swapaxes(x, 0, 1)
    at_once = _on_accelerator()
    if at_once:
        rows = projected(rows)
    if mask is not None:
        rows = (rows, ops.expand_dims(ops.swapaxes(mask, 0, 1), -1))
    last, outputs = ops.scan(run, tuple(states), rows)
    return (ops.swapaxes(outputs, 0, 1), *last)


def _simple_spec(x: Any, hidden: Any, kernel: Any, recurrent_kernel: Any, bias: Any = None, mask: Any = None) -> Any:
    return _specs(x, {"hidden": hidden}, kernel, recurrent_kernel, bias, mask, gates=1)


@op(spec=_simple_spec, dtype=floating)
def simple_rnn(
    x: TensorLike,
    hidden: TensorLike,
    kernel: TensorLike,
    recurrent_kernel: TensorLike,
    bias: TensorLike | None = None,
    mask: ConditionLike | None = None,
) -> tuple[Tensor, Tensor]:
    """Fully connected recurrent network with ``tanh``.

    Parameters
    ----------
    x : tensor_like, shape (batch, steps, features)
    hidden : tensor_like, shape (batch, units)
        Output before the first step.
    kernel : tensor_like, shape (features, units)
    recurrent_kernel : tensor_like, shape (units, units)
    bias : tensor_like, shape (units,), optional
    mask : tensor_like of bool, shape (batch, steps), optional
        Where it is false, states stay as they are.

    Returns
    -------
    outputs : tensor, shape (batch, steps, units)
    hidden : tensor, shape (batch, units)
        The last output.

    Raises
    ------
    ValueError
        If shapes do not fit together.

    Examples
    --------
    >>> outputs, last = simple_rnn(ops.ones((1, 3, 2)), ops.zeros((1, 1)), ops.zeros((2, 1)), ops.ones((1, 1)))
    >>> outputs.shape, last.tolist()
    ((1, 3, 1), [[0.0]])
    """

    def step(inputs: Tensor, states: Sequence[Tensor]) -> States:
        return (ops.tanh(ops.add(inputs, ops.matmul(states[0], recurrent_kernel))),)

    return _over_steps(step, [hidden], x, kernel, bias, mask)  # type: ignore[return-value]  # of two


def _gru_spec(
    x: Any,
    hidden: Any,
    kernel: Any,
    recurrent_kernel: Any,
    bias: Any = None,
    mask: Any = None,
    reset_after: bool = True,
) -> Any:
    return _specs(x, {"hidden": hidden}, kernel, recurrent_kernel, bias, mask, gates=3, biases=2 if reset_after else 1)


@op(spec=_gru_spec, dtype=floating)
def gru(
    x: TensorLike,
    hidden: TensorLike,
    kernel: TensorLike,
    recurrent_kernel: TensorLike,
    bias: TensorLike | None = None,
    mask: ConditionLike | None = None,
    reset_after: bool = True,
) -> tuple[Tensor, Tensor]:
    """Gated recurrent unit; gates in the order update, reset, candidate.

    Parameters
    ----------
    x : tensor_like, shape (batch, steps, features)
    hidden : tensor_like, shape (batch, units)
        Output before the first step.
    kernel : tensor_like, shape (features, 3 * units)
    recurrent_kernel : tensor_like, shape (units, 3 * units)
    bias : tensor_like, shape (2, 3 * units), or (3 * units,) if `reset_after` is false, optional
    mask : tensor_like of bool, shape (batch, steps), optional
        Where it is false, states stay as they are.
    reset_after : bool, default True
        Whether the reset gate multiplies the state after its matrix product, not before.

    Returns
    -------
    outputs : tensor, shape (batch, steps, units)
    hidden : tensor, shape (batch, units)
        The last output.

    Raises
    ------
    ValueError
        If shapes do not fit together.

    References
    ----------
    Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation",
    arXiv:1406.1078.

    Examples
    --------
    >>> outputs, last = gru(ops.ones((1, 3, 2)), ops.ones((1, 1)), ops.zeros((2, 3)), ops.zeros((1, 3)))
    >>> outputs.tolist(), last.tolist()
    ([[[0.5], [0.25], [0.125]]], [[0.125]])
    """
    of_input, of_state = (None, None) if bias is None else (bias[0], bias[1]) if reset_after else (bias, None)  # type: ignore[index]  # a tensor

    def reset_before(inputs: Tensor, states: Sequence[Tensor]) -> States:
        before = states[0]
        to_update, to_reset, to_candidate = ops.split(inputs, 3, axis=1)
        state_to_update, state_to_reset = ops.split(ops.matmul(before, for_gates), 2, axis=1)
        reset = ops.sigmoid(ops.add(to_reset, state_to_reset))
        from_state = ops.matmul(ops.multiply(reset, before), for_candidate)
        return mixed(before, ops.add(to_update, state_to_update), ops.add(to_candidate, from_state))

    def reset_afterwards(inputs: Tensor, states: Sequence[Tensor]) -> States:
        before = states[0]
        z = ops.matmul(before, recurrent_kernel)
        if of_state is not None:
            z = ops.add(z, of_state)
        # the gradient of one split is one array, that of a slice an array of zeros each
        to_update, to_reset, to_candidate = ops.split(inputs, 3, axis=1)
        state_to_update, state_to_reset, state_to_candidate = ops.split(z, 3, axis=1)
        from_state = ops.multiply(ops.sigmoid(ops.add(to_reset, state_to_reset)), state_to_candidate)
        return mixed(before, ops.add(to_update, state_to_update), ops.add(to_candidate, from_state))

    def mixed(before: Tensor, to_update: Tensor, to_candidate: Tensor) -> States:
        update, candidate = ops.sigmoid(to_update), ops.tanh(to_candidate)
        return (ops.add(ops.multiply(update, before), ops.multiply(ops.subtract(1.0, update), candidate)),)

    if not reset_after:
        units = _units(recurrent_kernel, gates=3)
        for_gates, for_candidate = recurrent_kernel[:, : 2 * units], recurrent_kernel[:, 2 * units :]  # type: ignore[index, call-overload]  # a tensor
    step = reset_afterwards if reset_after else reset_before
    return _over_steps(step, [hidden], x, kernel, of_input, mask)  # type: ignore[return-value]  # of two


def _lstm_spec(
    x: Any, hidden: Any, memory: Any, kernel: Any, recurrent_kernel: Any, bias: Any = None, mask: Any = None
) -> Any:
    return _specs(x, {"hidden": hidden, "memory": memory}, kernel, recurrent_kernel, bias, mask, gates=4)


@op(spec=_lstm_spec, dtype=floating)
def lstm(
    x: TensorLike,
    hidden: TensorLike,
    memory: TensorLike,
    kernel: TensorLike,
    recurrent_kernel: TensorLike,
    bias: TensorLike | None = None,
    mask: ConditionLike | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Long short-term memory; gates in the order input, forget, memory, output.

    Parameters
    ----------
    x : tensor_like, shape (batch, steps, features)
    hidden, memory : tensor_like, shape (batch, units)
        Output and memory before the first step.
    kernel : tensor_like, shape (features, 4 * units)
    recurrent_kernel : tensor_like, shape (units, 4 * units)
    bias : tensor_like, shape (4 * units,), optional
    mask : tensor_like of bool, shape (batch, steps), optional
        Where it is false, states stay as they are.

    Returns
    -------
    outputs : tensor, shape (batch, steps, units)
    hidden, memory : tensor, shape (batch, units)
        The last ones.

    Raises
    ------
    ValueError
        If shapes do not fit together.

    References
    ----------
    Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9 (1997).

    Examples
    --------
    >>> zero = ops.zeros((1, 1))
    >>> _, _, memory = lstm(ops.ones((1, 3, 2)), zero, zero + 1.0, ops.zeros((2, 4)), ops.zeros((1, 4)))
    >>> memory.tolist()
    [[0.125]]
    """

    def step(inputs: Tensor, states: Sequence[Tensor]) -> States:
        before, memory = states
        z = ops.add(inputs, ops.matmul(before, recurrent_kernel))
        # the gradient of one split is one array, that of a slice an array of zeros each
        to_input, to_forget, candidate, to_output = ops.split(z, 4, axis=1)
        kept = ops.multiply(ops.sigmoid(to_forget), memory)
        memory = ops.add(kept, ops.multiply(ops.sigmoid(to_input), ops.tanh(candidate)))
        return ops.multiply(ops.sigmoid(to_output), ops.tanh(memory)), memory

    return _over_steps(step, [hidden, memory], x, kernel, bias, mask)  # type: ignore[return-value]  # of three
