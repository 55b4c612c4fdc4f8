"""What LSTM and GRU layers take over whole sequences, forward and with the gradients of their weights, beside the
framework's own way: PyTorch's fused layer, a compiled loop in JAX and TensorFlow, a plain loop in NumPy.

On JAX and TensorFlow all of them are compiled, as they are in training.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
from tools.bench.timing import Row, in_turn

_BATCH, _STEPS, _FEATURES, _UNITS = 32, 64, 64, 128
_BOUND: Final = "1.10"

Ways = tuple[Callable[..., Any], Callable[..., Any]]
"""Outputs of an input, and the gradients of the weights of their sum."""


# -- by hand, on the weights in Keras's order --


def _lstm_step(m: Any, z: Any, states: Sequence[Any]) -> Any:
    i, f, c, o = m.split(z, 4)
    memory = m.sigmoid(f) * states[1] + m.sigmoid(i) * m.tanh(c)
    return m.sigmoid(o) * m.tanh(memory), memory


def _gru_step(m: Any, x: Any, z: Any, states: Sequence[Any]) -> Any:
    (update, reset, candidate), (update_z, reset_z, candidate_z) = m.split(x, 3), m.split(z, 3)
    update = m.sigmoid(update + update_z)
    candidate = m.tanh(candidate + m.sigmoid(reset + reset_z) * candidate_z)
    return (update * states[0] + (1 - update) * candidate,)


def _step(m: Any, name: str, weights: Sequence[Any], inputs: Any, states: Sequence[Any]) -> Any:
    """New states of a step, from the input times its weights."""
    _, recurrent, bias = weights
    if name == "LSTM":
        return _lstm_step(m, inputs + states[0] @ recurrent + bias, states)
    return _gru_step(m, inputs + bias[0], states[0] @ recurrent + bias[1], states)


class _NumPy:
    tanh = staticmethod(np.tanh)

    @staticmethod
    def sigmoid(x: Any) -> Any:
        return 1 / (1 + np.exp(-x))

    @staticmethod
    def split(x: Any, count: int) -> Any:
        return np.split(x, count, axis=-1)


def _numpy(name: str, weights: Sequence[Any]) -> Ways:
    kernel, recurrent, bias = weights
    zero = np.zeros((_BATCH, _UNITS), "float32")

    def forward(x: Any) -> Any:
        states: Any = (zero, zero)[: 2 if name == "LSTM" else 1]
        outputs = []
        for t in range(_STEPS):
            states = _step(_NumPy, name, weights, x[:, t] @ kernel, states)
            outputs.append(states[0])
        return np.stack(outputs, 1)

    def lstm(x: Any) -> Any:
        hidden = memory = zero
        kept = []
        for t in range(_STEPS):
            i, f, c, o = np.split(x[:, t] @ kernel + hidden @ recurrent + bias, 4, axis=-1)
            i, f, c, o = _NumPy.sigmoid(i), _NumPy.sigmoid(f), np.tanh(c), _NumPy.sigmoid(o)
            before, memory_before, memory = hidden, memory, f * memory + i * c
            hidden = o * np.tanh(memory)
            kept.append((before, memory_before, np.tanh(memory), i, f, c, o))
        found = [np.zeros_like(w) for w in weights]
        of_hidden = of_memory = zero
        for t in reversed(range(_STEPS)):
            before, memory_before, curved, i, f, c, o = kept[t]
            of_hidden = of_hidden + 1
            of_memory = of_memory + of_hidden * o * (1 - curved**2)
            parts = (
                of_memory * c * i * (1 - i),
                of_memory * memory_before * f * (1 - f),
                of_memory * i * (1 - c**2),
                of_hidden * curved * o * (1 - o),
            )
            z = np.concatenate(parts, axis=1)
            found[0] += x[:, t].T @ z
            found[1] += before.T @ z
            found[2] += z.sum(0)
            of_hidden, of_memory = z @ recurrent.T, of_memory * f
        return found

    def gru(x: Any) -> Any:
        hidden = zero
        kept = []
        for t in range(_STEPS):
            (u, r, c), (uz, rz, cz) = (
                np.split(a, 3, axis=-1) for a in (x[:, t] @ kernel + bias[0], hidden @ recurrent + bias[1])
            )
            u, r = _NumPy.sigmoid(u + uz), _NumPy.sigmoid(r + rz)
            c = np.tanh(c + r * cz)
            kept.append((hidden, u, r, c, cz))
            hidden = u * hidden + (1 - u) * c
        found = [np.zeros_like(w) for w in weights]
        of_hidden = zero
        for t in reversed(range(_STEPS)):
            before, u, r, c, cz = kept[t]
            of_hidden = of_hidden + 1
            of_candidate = of_hidden * (1 - u) * (1 - c**2)
            gates = (of_hidden * (before - c) * u * (1 - u), of_candidate * cz * r * (1 - r))
            z = np.concatenate((*gates, of_candidate), axis=1)
            state_z = np.concatenate((*gates, of_candidate * r), axis=1)
            found[0] += x[:, t].T @ z
            found[1] += before.T @ state_z
            found[2] += np.stack([z.sum(0), state_z.sum(0)])
            of_hidden = of_hidden * u + state_z @ recurrent.T
        return found

    return forward, lstm if name == "LSTM" else gru


def _jax(name: str, weights: Sequence[Any]) -> Ways:
    import jax
    import jax.numpy as jnp

    class M:
        tanh, sigmoid = jnp.tanh, jax.nn.sigmoid

        @staticmethod
        def split(x: Any, count: int) -> Any:
            return jnp.split(x, count, axis=-1)

    values = [jnp.asarray(w) for w in weights]
    zeros = (jnp.zeros((_BATCH, _UNITS)),) * (2 if name == "LSTM" else 1)

    def run(values: Any, x: Any) -> Any:
        def step(states: Any, inputs: Any) -> Any:
            states = _step(M, name, values, inputs, states)
            return states, states[0]

        return jnp.swapaxes(jax.lax.scan(step, zeros, jnp.swapaxes(x @ values[0], 0, 1))[1], 0, 1)

    forward, backward = jax.jit(run), jax.jit(jax.grad(lambda values, x: jnp.sum(run(values, x))))
    return lambda x: forward(values, x), lambda x: backward(values, x)


def _torch(name: str, weights: Sequence[Any]) -> Ways:
    import torch

    layer = getattr(torch.nn, name)(_FEATURES, _UNITS, batch_first=True)
    kernel, recurrent, bias = weights
    if name == "GRU":
        # PyTorch has the reset gate first
        order = np.concatenate([np.arange(_UNITS, 2 * _UNITS), np.arange(_UNITS), np.arange(2 * _UNITS, 3 * _UNITS)])
        kernel, recurrent, bias = kernel[:, order], recurrent[:, order], bias[:, order]
    biases = bias if name == "GRU" else (bias, np.zeros_like(bias))
    for parameter, value in zip(layer.parameters(), (kernel.T, recurrent.T, *biases), strict=True):
        parameter.data.copy_(torch.from_numpy(np.ascontiguousarray(value)))

    def backward(x: Any) -> Any:
        return torch.autograd.grad(layer(x)[0].sum(), list(layer.parameters()))

    return lambda x: layer(x)[0].detach(), backward


def _tensorflow(name: str, weights: Sequence[Any]) -> Ways:
    import tensorflow as tf

    class M:
        tanh, sigmoid = tf.tanh, tf.sigmoid

        @staticmethod
        def split(x: Any, count: int) -> Any:
            return tf.split(x, count, axis=-1)

    values = [tf.Variable(w) for w in weights]
    zeros = (tf.zeros((_BATCH, _UNITS)),) * (2 if name == "LSTM" else 1)

    def run(x: Any) -> Any:
        rows = tf.TensorArray(tf.float32, _STEPS).unstack(tf.transpose(x @ values[0], (1, 0, 2)))
        outputs = tf.TensorArray(tf.float32, _STEPS, element_shape=(_BATCH, _UNITS))

        def turn(t: Any, outputs: Any, *states: Any) -> Any:
            states = _step(M, name, values, rows.read(t), states)
            return t + 1, outputs.write(t, states[0]), *states

        _, outputs, *_ = tf.while_loop(lambda t, *_: t < _STEPS, turn, (0, outputs, *zeros))
        return tf.transpose(outputs.stack(), (1, 0, 2))

    def backward(x: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(run(x))
        return tape.gradient(loss, values)

    return tf.function(run), tf.function(backward)


_BARE: Final = {"numpy": _numpy, "jax": _jax, "torch": _torch, "tensorflow": _tensorflow}


# -- layers --


def _dl(layer: Any, backend: str) -> Ways:
    import dl

    def gradients(x: Any) -> Any:
        return dl.ops.value_and_grad(lambda x: dl.ops.sum(layer(x)), layer.trainable_variables)(x)[1]

    if backend in ("numpy", "torch"):
        return layer, gradients
    forward, backward = (layer.weights[0].backend.compile_step(way, layer.variables) for way in (layer, gradients))
    return forward, backward


def _keras(layer: Any, backend: str) -> tuple[Callable[..., Any], Callable[..., Any] | None]:
    if backend == "numpy":  # without gradients
        return layer, None
    if backend == "torch":
        import torch

        values = [w.value for w in layer.trainable_variables]
        return layer, lambda x: torch.autograd.grad(layer(x).sum(), values)
    if backend == "tensorflow":
        import tensorflow as tf

        def backward(x: Any) -> Any:
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(layer(x))
            return tape.gradient(loss, [w.value for w in layer.trainable_variables])

        return tf.function(layer), tf.function(backward)
    import jax

    weights, rest = ([w.value for w in part] for part in (layer.trainable_variables, layer.non_trainable_variables))
    forward = jax.jit(lambda weights, x: layer.stateless_call(weights, rest, x)[0])
    gradients = jax.jit(jax.grad(lambda weights, x: jax.numpy.sum(layer.stateless_call(weights, rest, x)[0])))
    return partial(forward, weights), partial(gradients, weights)


def _waiting(backend: str, function: Callable[..., Any], x: Any) -> Callable[[], Any]:
    """Function that waits for what it computes in the background."""
    if backend != "jax":
        return partial(function, x)
    import jax

    return lambda: jax.block_until_ready(function(x))  # type: ignore[no-untyped-call]


def measure(backend: str) -> list[Row]:
    """Rows for one backend; Keras must have been told to use the same one."""
    import keras

    import dl

    dl.config.set_backend(backend)
    array = np.random.default_rng(0).standard_normal((_BATCH, _STEPS, _FEATURES), dtype="float32")
    rows = []
    for name in ("LSTM", "GRU"):
        ours, theirs = (getattr(namespace.layers, name)(_UNITS, return_sequences=True) for namespace in (dl, keras))
        x = dl.ops.convert_to_tensor(array)
        ours(x), theirs(x)
        weights = ours.get_weights()
        theirs.set_weights(weights)
        functions = {
            "bare": _BARE[backend](name, weights),
            "dl": _dl(ours, backend),
            "keras": _keras(theirs, backend),
        }
        for place, what in enumerate(("forward", "forward and backward")):
            chosen = {way: pair[place] for way, pair in functions.items()}
            ways = {way: _waiting(backend, function, x) for way, function in chosen.items() if function is not None}
            results = {way: _first(function()) for way, function in ways.items()}
            for way, result in results.items():
                if result.shape == results["bare"].shape and not np.allclose(result, results["bare"], 1e-3, 1e-3):
                    raise AssertionError(f"{backend}: {way} computes another {name}, {what}")
            rows.append(Row(f"{backend}: {name}, {what}", in_turn(ways, calls=1, rounds=21), _BOUND))
    return rows


def _first(result: Any) -> Any:
    """The outputs, or the gradient of the first weights."""
    first = result[0] if isinstance(result, (list, tuple)) else result
    return np.asarray(first.detach() if hasattr(first, "detach") else first)


if __name__ == "__main__":
    from tools.bench.report import emit

    emit(measure(sys.argv[1]))
