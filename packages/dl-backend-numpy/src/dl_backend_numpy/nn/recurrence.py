"""Recurrent networks: one loop over the steps, and for the gradient one back, in place and without dispatch.

Arrays are time first inside. Sigmoids are half a ``tanh`` of half the argument, plus a half, so that one call serves
all gates; halving the weights beforehand is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from dl_backend_numpy.default import default
from dl_backend_numpy.numpy.reductions import column_sums
from dl_backend_numpy.zeros import is_nothing
from dl_ops.backend import Kernels
from dl_ops.typing import Array

kernels = Kernels()


class Saved(NamedTuple):
    """What the gradient needs of a computation, time first: input, states before each step, activated gates, further
    results of each step, and what steps count.
    """

    x: Array
    hidden: Array
    gates: Array
    more: Array | None = None
    memory: Array | None = None
    keep: Array | None = None


def is_covered(*arrays: Any) -> bool:
    """Whether arrays are of a dtype in which NumPy multiplies matrices fast."""
    return all(x.dtype.char in "fd" for x in arrays if x is not None)


def _time_first(x: Array) -> Array:
    return np.ascontiguousarray(x.swapaxes(0, 1))


def _keep(mask: Array | None) -> Array | None:
    return None if mask is None else np.ascontiguousarray(mask.T)[:, :, None]


def _projected(x: Array, kernel: Array, bias: Array | None) -> Array:
    y: Array = (x.reshape(-1, x.shape[2]) @ kernel).reshape(*x.shape[:2], kernel.shape[1])
    if bias is not None:
        y += bias
    return y


def _states(x: Array, first: Array) -> Array:
    """Place for a state before each step and after the last."""
    states = np.empty((len(x) + 1, *first.shape), first.dtype)
    states[0] = first
    return states


def _halved(weights: Array | None, gates: slice) -> Array | None:
    """Weights with those of sigmoids halved."""
    if weights is None:
        return None
    halved = weights.copy()
    halved[..., gates] *= 0.5
    return halved


def _to_sigmoid(half: Array) -> None:
    """From the ``tanh`` of half an argument to the argument's sigmoid, in place."""
    half *= 0.5
    half += 0.5


# -- the networks --


@kernels.add
def simple_rnn(
    x: Array,
    hidden: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array | None = None,
    mask: Array | None = None,
) -> Any:
    if not is_covered(x, hidden, kernel, recurrent_kernel, bias):
        return default("simple_rnn", x, hidden, kernel, recurrent_kernel, bias, mask)
    return simple_rnn_and_saved(x, hidden, kernel, recurrent_kernel, bias, mask)[0]


def simple_rnn_and_saved(
    x: Array,
    hidden: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array | None = None,
    mask: Array | None = None,
) -> tuple[Any, Saved]:
    """Outputs and last state, and what `simple_rnn_gradients` needs."""
    x, keep = _time_first(x), _keep(mask)
    gates, states = _projected(x, kernel, bias), _states(x, hidden)
    for t, z in enumerate(gates):
        z += states[t] @ recurrent_kernel
        np.tanh(z, out=z)
        states[t + 1] = z if keep is None else np.where(keep[t], z, states[t])
    return _results(states), Saved(x, states, gates, keep=keep)


def simple_rnn_gradients(saved: Saved, g: Sequence[Array], kernel: Array, recurrent_kernel: Array) -> list[Any]:
    """Gradients for the inputs, the first state, the weights and the bias."""
    from_outputs, after = _of_outputs(g[0]), g[1].copy()
    # a step's result gives way to its gradient
    d = 1 - np.square(saved.gates)
    back = np.ascontiguousarray(recurrent_kernel.T)
    for t in range(len(d) - 1, -1, -1):
        if from_outputs is not None:
            after += from_outputs[t]
        d[t] *= after
        after = _before(d[t], after, saved.keep, t) + d[t] @ back
    return [*_of_weights(saved, d, d, kernel), after]


@kernels.add
def gru(
    x: Array,
    hidden: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array | None = None,
    mask: Array | None = None,
    reset_after: bool = True,
) -> Any:
    if not reset_after or not is_covered(x, hidden, kernel, recurrent_kernel, bias):
        return default("gru", x, hidden, kernel, recurrent_kernel, bias, mask, reset_after)
    return gru_and_saved(x, hidden, kernel, recurrent_kernel, bias, mask)[0]


def gru_and_saved(
    x: Array,
    hidden: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array | None = None,
    mask: Array | None = None,
    reset_after: bool = True,
) -> tuple[Any, Saved]:
    """Outputs and last state, and what `gru_gradients` needs."""
    units = hidden.shape[1]
    both, last = slice(2 * units), slice(2 * units, None)
    kernel, recurrent_kernel, bias = (_halved(w, both) for w in (kernel, recurrent_kernel, bias))  # type: ignore[assignment]  # the first two are arrays
    x, keep = _time_first(x), _keep(mask)
    gates, states = _projected(x, kernel, None if bias is None else bias[0]), _states(x, hidden)
    candidates = np.empty_like(gates[:, :, last])
    for t, z in enumerate(gates):
        before, of_state = states[t], states[t] @ recurrent_kernel
        if bias is not None:
            of_state += bias[1]
        z[:, both] += of_state[:, both]
        np.tanh(z[:, both], out=z[:, both])
        _to_sigmoid(z[:, both])
        candidates[t] = of_state[:, last]
        z[:, last] += z[:, units : 2 * units] * candidates[t]
        np.tanh(z[:, last], out=z[:, last])
        after = states[t + 1]
        np.subtract(before, z[:, last], out=after)
        after *= z[:, :units]
        after += z[:, last]
        if keep is not None:
            np.copyto(after, before, where=~keep[t])
    return _results(states), Saved(x, states, gates, candidates, keep=keep)


def gru_gradients(saved: Saved, g: Sequence[Array], kernel: Array, recurrent_kernel: Array) -> list[Any]:
    """Gradients for the inputs, the first state, the weights and the two biases."""
    from_outputs, after, units = _of_outputs(g[0]), g[1].copy(), len(recurrent_kernel)
    assert saved.more is not None
    back = np.ascontiguousarray(recurrent_kernel.T)
    of_input, of_state = np.empty_like(saved.gates), np.empty_like(saved.gates)
    first, second, last = (slice(i * units, (i + 1) * units) for i in range(3))
    for t in range(len(of_input) - 1, -1, -1):
        z, d = saved.gates[t], of_input[t]
        update, reset, candidate = z[:, first], z[:, second], z[:, last]
        if from_outputs is not None:
            after += from_outputs[t]
        np.subtract(1, z[:, : 2 * units], out=d[:, : 2 * units])
        np.multiply(after, d[:, first], out=d[:, last])
        d[:, last] *= 1 - candidate * candidate
        d[:, : 2 * units] *= z[:, : 2 * units]
        d[:, first] *= saved.hidden[t] - candidate
        d[:, first] *= after
        d[:, second] *= saved.more[t]
        d[:, second] *= d[:, last]
        kept = _before(d, after, saved.keep, t)
        of_state[t, :, : 2 * units] = d[:, : 2 * units]
        np.multiply(d[:, last], reset, out=of_state[t, :, last])
        passed = after * update
        if saved.keep is not None:
            passed *= saved.keep[t]
            passed += kept
        after = passed
        after += of_state[t] @ back
    return [*_of_weights(saved, of_input, of_state, kernel), after]


@kernels.add
def lstm(
    x: Array,
    hidden: Array,
    memory: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array | None = None,
    mask: Array | None = None,
) -> Any:
    if not is_covered(x, hidden, memory, kernel, recurrent_kernel, bias):
        return default("lstm", x, hidden, memory, kernel, recurrent_kernel, bias, mask)
    return lstm_and_saved(x, hidden, memory, kernel, recurrent_kernel, bias, mask)[0]


def lstm_and_saved(
    x: Array,
    hidden: Array,
    memory: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array | None = None,
    mask: Array | None = None,
) -> tuple[Any, Saved]:
    """Outputs and last states, and what `lstm_gradients` needs."""
    batch, units = hidden.shape
    kernel, recurrent_kernel, bias = (_arranged(w, units) for w in (kernel, recurrent_kernel, bias))  # type: ignore[assignment]  # the first two are arrays
    x, keep = _time_first(x), _keep(mask)
    gates, states, memories = _projected(x, kernel, bias), _states(x, hidden), _states(x, memory)
    of_state, curved = np.empty((batch, 4 * units), hidden.dtype), np.empty_like(hidden)
    # from a tanh to a sigmoid, but for the first gate: in whole rows this takes half the time
    factor = np.full(4 * units, 0.5, hidden.dtype)
    factor[:units] = 1
    shift = 1 - factor
    for t, z in enumerate(gates):
        np.dot(states[t], recurrent_kernel, out=of_state)
        z += of_state
        np.tanh(z, out=z)
        z *= factor
        z += shift
        candidate, opened, kept, shown = _by_gate(z)
        after = memories[t + 1]
        np.multiply(kept, memories[t], out=after)
        np.multiply(opened, candidate, out=curved)
        after += curved
        np.tanh(after, out=curved)
        np.multiply(shown, curved, out=states[t + 1])
        if keep is not None:
            np.copyto(after, memories[t], where=~keep[t])
            np.copyto(states[t + 1], states[t], where=~keep[t])
    return (*_results(states), memories[-1].copy()), Saved(x, states, gates, memory=memories, keep=keep)


def lstm_gradients(saved: Saved, g: Sequence[Array], kernel: Array, recurrent_kernel: Array) -> list[Any]:
    """Gradients for the inputs, the first states, the weights and the bias; what was saved is used up."""
    from_outputs, after, memory, units = _of_outputs(g[0]), g[1].copy(), g[2].copy(), len(recurrent_kernel)
    assert saved.memory is not None
    kernel, recurrent_kernel = (w.reshape(-1, 4, units)[:, _ORDER].reshape(w.shape) for w in (kernel, recurrent_kernel))
    back = np.ascontiguousarray(recurrent_kernel.T)
    gate = np.empty((4, *after.shape), after.dtype)
    d, curved, slope = np.empty_like(gate), np.empty_like(after), np.empty_like(after)
    candidate, opened, kept, shown = gate
    for t in range(len(saved.gates) - 1, -1, -1):
        # each gate by itself is faster to compute with; a step's gates give way to their gradients
        of_gates = _by_gate(saved.gates[t])
        np.copyto(gate, of_gates)
        np.tanh(saved.memory[t + 1], out=curved)
        if from_outputs is not None:
            after += from_outputs[t]
        np.multiply(curved, curved, out=slope)
        np.subtract(1, slope, out=slope)
        slope *= shown
        slope *= after
        slope += memory
        # of tanh 1 - y^2, of sigmoids y (1 - y)
        np.multiply(candidate, candidate, out=d[0])
        np.subtract(1, d[0], out=d[0])
        np.subtract(1, gate[1:], out=d[1:])
        d[1:] *= gate[1:]
        d[0] *= opened
        d[1] *= candidate
        d[2] *= saved.memory[t]
        d[3] *= curved
        np.multiply(d[:3], slope, out=of_gates[:3])
        np.multiply(d[3], after, out=of_gates[3])
        if saved.keep is None:
            np.multiply(slope, kept, out=memory)
            np.dot(saved.gates[t], back, out=after)
        else:
            passed = _before(saved.gates[t], after, saved.keep, t)
            memory = np.where(saved.keep[t], slope * kept, memory)
            np.dot(saved.gates[t], back, out=after)
            after += passed
    inputs, *weights = _of_weights(saved, saved.gates, saved.gates, kernel)
    weights = [w.reshape(-1, 4, units)[:, _PLACES].reshape(w.shape) for w in weights]
    return [inputs, *weights, after, memory]


# -- what they share --


# of an LSTM's gates: the only one that is no sigmoid comes first, so that the others lie together
_ORDER: Final = (2, 0, 1, 3)
_PLACES: Final = (1, 2, 0, 3)


def _arranged(weights: Array | None, units: int) -> Array | None:
    """An LSTM's weights in the order of computation, those of sigmoids halved."""
    if weights is None:
        return None
    arranged = weights.reshape(-1, 4, units)[:, _ORDER]
    arranged[:, 1:] *= 0.5
    return arranged.reshape(weights.shape)


def _by_gate(z: Array) -> Array:
    return z.reshape(len(z), 4, z.shape[1] // 4).swapaxes(0, 1)


def _of_outputs(g: Array) -> Array | None:
    """Gradients of the outputs, time first; ``None`` if nothing depends on any but the last."""
    return None if is_nothing(g) else _time_first(g)


def _results(states: Array) -> tuple[Array, Array]:
    return states[1:].swapaxes(0, 1), states[-1].copy()


def _before(d: Array, after: Array, keep: Array | None, t: int) -> Any:
    """Gradient that a state gets by being kept; steps that are not computed have none."""
    if keep is None:
        return 0
    d *= keep[t]
    return np.where(keep[t], after.dtype.type(0), after)


def _of_weights(saved: Saved, of_input: Array, of_state: Array, kernel: Array) -> list[Any]:
    """Gradients for inputs, as a function, kernels and biases, each one product over all steps."""
    flat, flat_state = (d.reshape(-1, d.shape[2]) for d in (of_input, of_state))
    x, hidden = saved.x.reshape(-1, saved.x.shape[2]), saved.hidden[:-1].reshape(len(flat), saved.hidden.shape[2])
    bias = column_sums(flat)
    if of_state is not of_input:
        bias = np.stack([bias, column_sums(flat_state)])

    def inputs() -> Array:
        return (flat @ kernel.T).reshape(saved.x.shape).swapaxes(0, 1)

    return [inputs, x.T @ flat, hidden.T @ flat_state, bias]


GRADIENTS: dict[str, Callable[..., list[Any]]] = {
    "simple_rnn": simple_rnn_gradients,
    "gru": gru_gradients,
    "lstm": lstm_gradients,
}
