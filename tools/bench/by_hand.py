"""Training loops written by hand, one for each framework, that do the work of `fit` in `training`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

RATE, BETA_1, BETA_2, EPSILON = 1e-3, 0.9, 0.999, 1e-7


def weights(features: int, hidden: int, classes: int) -> list[Any]:
    """Initial weights of the network."""
    generator = np.random.default_rng(1)
    shapes = [(features, hidden), (hidden,), (hidden, classes), (classes,)]
    return [(generator.standard_normal(shape) * 0.1).astype("float32") for shape in shapes]


def batches(x: Any, y: Any, size: int) -> Iterator[tuple[Any, Any]]:
    """Shuffled batches."""
    order = np.random.permutation(len(x))
    x, y = x[order], y[order]
    for start in range(0, len(x), size):
        yield x[start : start + size], y[start : start + size]


def epoch(backend: str, x: Any, y: Any, *, batch: int, hidden: int, classes: int) -> Callable[[], object]:
    """Function that trains for one epoch and returns loss and accuracy."""
    start = weights(x.shape[1], hidden, classes)
    return _LOOPS[backend](x, y, batch, start)


def _numpy(x: Any, y: Any, batch: int, parameters: list[Any]) -> Callable[[], object]:
    means = [np.zeros_like(p) for p in parameters]
    squares = [np.zeros_like(p) for p in parameters]
    t = 0

    def run() -> tuple[float, float]:
        nonlocal t
        total, correct = 0.0, 0
        for xb, yb in batches(x, y, batch):
            w1, b1, w2, b2 = parameters
            hidden = np.maximum(xb @ w1 + b1, 0)
            logits = hidden @ w2 + b2
            shifted = logits - logits.max(axis=1, keepdims=True)
            exponentials = np.exp(shifted)
            sums = exponentials.sum(axis=1, keepdims=True)
            rows = np.arange(len(yb))
            total += float((np.log(sums[:, 0]) - shifted[rows, yb]).mean())
            correct += int((logits.argmax(axis=1) == yb).sum())
            gradient = exponentials / sums
            gradient[rows, yb] -= 1
            gradient /= len(yb)
            back = (gradient @ w2.T) * (hidden > 0)
            gradients = [xb.T @ back, back.sum(axis=0), hidden.T @ gradient, gradient.sum(axis=0)]
            t += 1
            scale = RATE * np.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
            for p, g, m, v in zip(parameters, gradients, means, squares, strict=True):
                m += (g - m) * (1 - BETA_1)
                v += (g * g - v) * (1 - BETA_2)
                p -= np.float32(scale) * m / (np.sqrt(v) + EPSILON)
        return total, correct / len(x)

    return run


def _jax(x: Any, y: Any, batch: int, start: list[Any]) -> Callable[[], object]:
    import jax
    import jax.numpy as jnp

    def loss_of(parameters: list[Any], xb: Any, yb: Any) -> Any:
        w1, b1, w2, b2 = parameters
        logits = jax.nn.relu(xb @ w1 + b1) @ w2 + b2
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), yb[:, None], 1)), logits

    def step(state: Any, xb: Any, yb: Any) -> Any:
        parameters, means, squares, t, total, correct = state
        (loss, logits), gradients = jax.value_and_grad(loss_of, has_aux=True)(parameters, xb, yb)
        t = t + 1
        scale = RATE * jnp.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
        means = [m + (g - m) * (1 - BETA_1) for m, g in zip(means, gradients, strict=True)]
        squares = [v + (g * g - v) * (1 - BETA_2) for v, g in zip(squares, gradients, strict=True)]
        parameters = [
            p - scale * m / (jnp.sqrt(v) + EPSILON) for p, m, v in zip(parameters, means, squares, strict=True)
        ]
        return parameters, means, squares, t, total + loss, correct + jnp.sum(jnp.argmax(logits, 1) == yb)

    compiled = jax.jit(step, donate_argnums=0)
    parameters = [jnp.asarray(p) for p in start]
    zeros: Callable[[], list[Any]] = lambda: [jnp.zeros_like(p) for p in parameters]  # noqa: E731  # used twice below
    state = (parameters, zeros(), zeros(), jnp.zeros(()), jnp.zeros(()), jnp.zeros((), "int32"))

    def run() -> tuple[float, float]:
        nonlocal state
        state = (*state[:4], jnp.zeros(()), jnp.zeros((), "int32"))
        for xb, yb in batches(x, y, batch):
            state = compiled(state, xb, yb)
        return float(state[4]), float(state[5]) / len(x)

    return run


def _torch(x: Any, y: Any, batch: int, start: list[Any]) -> Callable[[], object]:
    import torch

    w1, b1, w2, b2 = (torch.nn.Parameter(torch.from_numpy(p)) for p in start)
    optimizer = torch.optim.Adam([w1, b1, w2, b2], lr=RATE, eps=EPSILON)

    def run() -> tuple[float, float]:
        total, correct = torch.zeros(()), torch.zeros((), dtype=torch.int64)
        for xb, yb in batches(x, y, batch):
            inputs, labels = torch.from_numpy(xb), torch.from_numpy(yb).long()
            logits = torch.relu(inputs @ w1 + b1) @ w2 + b2
            loss = torch.nn.functional.cross_entropy(logits, labels)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # Torch's own is untyped
            optimizer.step()
            with torch.no_grad():
                total += loss
                correct += (logits.argmax(1) == labels).sum()
        return float(total), float(correct) / len(x)

    return run


def _tensorflow(x: Any, y: Any, batch: int, start: list[Any]) -> Callable[[], object]:
    import tensorflow as tf

    parameters = [tf.Variable(p) for p in start]
    means = [tf.Variable(tf.zeros_like(p)) for p in parameters]
    squares = [tf.Variable(tf.zeros_like(p)) for p in parameters]
    t, total, correct = tf.Variable(0.0), tf.Variable(0.0), tf.Variable(0, dtype=tf.int32)

    @tf.function  # type: ignore[untyped-decorator]  # TensorFlow has no types
    def step(xb: Any, yb: Any) -> None:
        with tf.GradientTape() as tape:
            w1, b1, w2, b2 = parameters
            logits = tf.nn.relu(xb @ w1 + b1) @ w2 + b2
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(yb, logits))
        gradients = tape.gradient(loss, parameters)
        t.assign_add(1.0)
        scale = RATE * tf.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
        for p, g, m, v in zip(parameters, gradients, means, squares, strict=True):
            m.assign_add((g - m) * (1 - BETA_1))
            v.assign_add((g * g - v) * (1 - BETA_2))
            p.assign_sub(scale * m / (tf.sqrt(v) + EPSILON))
        total.assign_add(loss)
        correct.assign_add(tf.reduce_sum(tf.cast(tf.argmax(logits, 1, tf.int32) == yb, tf.int32)))

    def run() -> tuple[float, float]:
        total.assign(0.0)
        correct.assign(0)
        for xb, yb in batches(x, y, batch):
            step(tf.convert_to_tensor(xb), tf.convert_to_tensor(yb))
        return float(total.numpy()), float(correct.numpy()) / len(x)

    return run


_LOOPS: dict[str, Callable[[Any, Any, int, list[Any]], Callable[[], object]]] = {
    "numpy": _numpy,
    "jax": _jax,
    "torch": _torch,
    "tensorflow": _tensorflow,
}
