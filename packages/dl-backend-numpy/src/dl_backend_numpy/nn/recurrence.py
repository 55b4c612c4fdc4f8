"""Recurrent networks: one loop over the steps, and for the gradient one back, in place and without dispatch.

Arrays are time first inside. Sigmoids are half a ``tanh`` of half the argument, plus a half, so that one call serves
all gates; halving the weights beforehand is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from dl_backend_numpy.default import default
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
    return all(type(x) is np.ndarray and x.dtype.char in "fd" for x in arrays if x is not None)


def _time_first(x: Array) -> Array:
    return np.ascontiguousarray(x.swapaxes(0, 1))


def _keep(mask: Array | None) -> Array | None:
    return None if mask is None else np.ascontiguousarray(mask.T)[:, :, None]


def _projected(x: Array, kernel: Array, bias: Array | None) -> Array:
    y: Array = (x.reshape(-1, x.shape[2]) @ kernel).reshape(*x.shape[:2], -1)
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
) -> tuple[Any, Saved | None]:
    """Outputs and last state, and what `simple_rnn_gradients` needs."""
    if not is_covered(x, hidden, kernel, recurrent_kernel, bias):
        return default("simple_rnn", x, hidden, kernel, recurrent_kernel, bias, mask), None
    x, keep = _time_first(x), _keep(mask)
    gates, states = _projected(x, kernel, bias), _states(x, hidden)
    for t, z in enumerate(gates):
        z += states[t] @ recurrent_kernel
        np.tanh(z, out=z)
        states[t + 1] = z if keep is None else np.where(keep[t], z, states[t])
    return _results(states), Saved(x, states, gates, keep=keep)


def simple_rnn_gradients(saved: Saved, g: Sequence[Array], kernel: Array, recurrent_kernel: Array) -> list[Array]:
    """Gradients for the inputs, the first state, the weights and the bias."""
    from_outputs, after = _time_first(g[0]), g[1].copy()
    # a step's result gives way to its gradient
    d = 1 - np.square(saved.gates)
    back = np.ascontiguousarray(recurrent_kernel.T)
    for t in range(len(d) - 1, -1, -1):
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
) -> tuple[Any, Saved | None]:
    """Outputs and last state, and what `gru_gradients` needs."""
    if not reset_after or not is_covered(x, hidden, kernel, recurrent_kernel, bias):
        return default("gru", x, hidden, kernel, recurrent_kernel, bias, mask, reset_after), None
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


def gru_gradients(saved: Saved, g: Sequence[Array], kernel: Array, recurrent_kernel: Array) -> list[Array]:
    """Gradients for the inputs, the first state, the weights and the two biases."""
    from_outputs, after, units = _time_first(g[0]), g[1].copy(), len(recurrent_kernel)
    assert saved.more is not None
    back = np.ascontiguousarray(recurrent_kernel.T)
    of_input, of_state = np.empty_like(saved.gates), np.empty_like(saved.gates)
    first, second, last = (slice(i * units, (i + 1) * units) for i in range(3))
    for t in range(len(of_input) - 1, -1, -1):
        z, d = saved.gates[t], of_input[t]
        update, reset, candidate = z[:, first], z[:, second], z[:, last]
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
) -> tuple[Any, Saved | None]:
    """Outputs and last states, and what `lstm_gradients` needs."""
    if not is_covered(x, hidden, memory, kernel, recurrent_kernel, bias):
        return default("lstm", x, hidden, memory, kernel, recurrent_kernel, bias, mask), None
    units = hidden.shape[1]
    both, third, last = slice(2 * units), slice(2 * units, 3 * units), slice(3 * units, None)
    for gates in (both, last):
        kernel, recurrent_kernel, bias = (_halved(w, gates) for w in (kernel, recurrent_kernel, bias))  # type: ignore[assignment]  # the first two are arrays
    x, keep = _time_first(x), _keep(mask)
    gates_of, states, memories = _projected(x, kernel, bias), _states(x, hidden), _states(x, memory)
    curved = np.empty_like(memories[1:])
    for t, z in enumerate(gates_of):
        z += states[t] @ recurrent_kernel
        np.tanh(z, out=z)
        _to_sigmoid(z[:, both])
        _to_sigmoid(z[:, last])
        after = memories[t + 1]
        np.multiply(z[:, units : 2 * units], memories[t], out=after)
        after += z[:, :units] * z[:, third]
        np.tanh(after, out=curved[t])
        np.multiply(z[:, last], curved[t], out=states[t + 1])
        if keep is not None:
            np.copyto(after, memories[t], where=~keep[t])
            np.copyto(states[t + 1], states[t], where=~keep[t])
    return (*_results(states), memories[-1].copy()), Saved(x, states, gates_of, curved, memories, keep)


def lstm_gradients(saved: Saved, g: Sequence[Array], kernel: Array, recurrent_kernel: Array) -> list[Array]:
    """Gradients for the inputs, the first states, the weights and the bias."""
    from_outputs, after, memory, units = _time_first(g[0]), g[1].copy(), g[2].copy(), len(recurrent_kernel)
    assert saved.more is not None
    assert saved.memory is not None
    back = np.ascontiguousarray(recurrent_kernel.T)
    of_gates = np.empty_like(saved.gates)
    first, second, third, last = (slice(i * units, (i + 1) * units) for i in range(4))
    for t in range(len(of_gates) - 1, -1, -1):
        z, d, curved = saved.gates[t], of_gates[t], saved.more[t]
        after += from_outputs[t]
        slope = curved * curved
        np.subtract(1, slope, out=slope)
        slope *= z[:, last]
        slope *= after
        slope += memory
        # of sigmoids y (1 - y), of tanh 1 - y^2
        np.subtract(1, z, out=d)
        d *= z
        np.multiply(z[:, third], z[:, third], out=d[:, third])
        np.subtract(1, d[:, third], out=d[:, third])
        d[:, first] *= z[:, third]
        d[:, first] *= slope
        d[:, second] *= saved.memory[t]
        d[:, second] *= slope
        d[:, third] *= z[:, first]
        d[:, third] *= slope
        d[:, last] *= curved
        d[:, last] *= after
        kept = _before(d, after, saved.keep, t)
        slope *= z[:, second]
        memory = slope if saved.keep is None else np.where(saved.keep[t], slope, memory)
        after = d @ back
        after += kept
    return [*_of_weights(saved, of_gates, of_gates, kernel), after, memory]


# -- what they share --


def _results(states: Array) -> tuple[Array, Array]:
    return states[1:].swapaxes(0, 1), states[-1].copy()


def _before(d: Array, after: Array, keep: Array | None, t: int) -> Any:
    """Gradient that a state gets by being kept; steps that are not computed have none."""
    if keep is None:
        return 0
    d *= keep[t]
    return np.where(keep[t], after.dtype.type(0), after)


def _of_weights(saved: Saved, of_input: Array, of_state: Array, kernel: Array) -> list[Array]:
    """Gradients for inputs, kernels and biases, each one product over all steps."""
    flat, flat_state = (d.reshape(-1, d.shape[2]) for d in (of_input, of_state))
    x, hidden = saved.x.reshape(-1, saved.x.shape[2]), saved.hidden[:-1].reshape(len(flat), -1)
    bias = flat.sum(0)
    if of_state is not of_input:
        bias = np.stack([bias, flat_state.sum(0)])
    inputs = (flat @ kernel.T).reshape(saved.x.shape).swapaxes(0, 1)
    return [inputs, x.T @ flat, hidden.T @ flat_state, bias]


GRADIENTS: dict[str, Callable[..., list[Array]]] = {
    "simple_rnn": simple_rnn_gradients,
    "gru": gru_gradients,
    "lstm": lstm_gradients,
}
