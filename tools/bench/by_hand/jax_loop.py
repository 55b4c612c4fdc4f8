"""Training by hand in JAX: a jitted pure step, whose state is donated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np
from tools.bench.by_hand.loop import BETA_1, BETA_2, EPSILON, LAYER_EPSILON, RATE, Loop

Weights = Sequence[Any]


def _mlp(weights: Weights, x: Any) -> Any:
    w1, b1, w2, b2 = weights
    return jax.nn.relu(x @ w1 + b1) @ w2 + b2


def _convolutional(weights: Weights, x: Any) -> Any:
    *convolutions, kernel, bias = weights
    for filters, b in zip(convolutions[::2], convolutions[1::2], strict=True):
        x = jax.lax.conv_general_dilated(x, filters, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        x = jax.nn.relu(x + b)
        x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return x.reshape(len(x), -1) @ kernel + bias


def _normalized(x: Any, gamma: Any, beta: Any) -> Any:
    mean, variance = jnp.mean(x, -1, keepdims=True), jnp.var(x, -1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + LAYER_EPSILON) * gamma + beta


def _block(weights: Weights, x: Any) -> Any:
    wq, bq, wk, bk, wv, bv, wo, bo, gamma1, beta1, w1, b1, w2, b2, gamma2, beta2 = weights
    query, key, value = (jnp.einsum("btd,dhe->bthe", x, w) + b for w, b in ((wq, bq), (wk, bk), (wv, bv)))
    attended = jax.nn.dot_product_attention(query, key, value)
    x = _normalized(x + jnp.einsum("bthe,hed->btd", attended, wo) + bo, gamma1, beta1)
    return _normalized(x + jax.nn.relu(x @ w1 + b1) @ w2 + b2, gamma2, beta2)


def _transformer(weights: Weights, tokens: Any) -> Any:
    table, *blocks, kernel, bias = weights
    x = table[tokens]
    for start in range(0, len(blocks), 16):
        x = _block(blocks[start : start + 16], x)
    return x.mean(1) @ kernel + bias


def _recurrent(weights: Weights, x: Any) -> Any:
    w, u, b, kernel, bias = weights
    zero = jnp.zeros((len(x), len(u)))

    def step(states: Any, z: Any) -> Any:
        hidden, memory = states
        i, f, c, o = jnp.split(z + hidden @ u, 4, axis=-1)
        memory = jax.nn.sigmoid(f) * memory + jax.nn.sigmoid(i) * jnp.tanh(c)
        return (jax.nn.sigmoid(o) * jnp.tanh(memory), memory), None

    (hidden, _), _ = jax.lax.scan(step, (zero, zero), jnp.swapaxes(x @ w + b, 0, 1))
    return hidden @ kernel + bias


_FORWARD: Final[Mapping[str, Callable[[Weights, Any], Any]]] = {
    "mlp": _mlp,
    "convolutional": _convolutional,
    "transformer": _transformer,
    "recurrent": _recurrent,
}


def make(network: str, weights: Sequence[Any]) -> Loop:
    """Loop for a network."""
    forward = _FORWARD[network]

    def loss_of(parameters: Weights, x: Any, y: Any) -> Any:
        logits = forward(parameters, x)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1)), logits

    def pure(state: Any, x: Any, y: Any) -> Any:
        parameters, means, squares, t, total, correct, count = state
        (loss, logits), gradients = jax.value_and_grad(loss_of, has_aux=True)(parameters, x, y)
        t = t + 1
        scale = RATE * jnp.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
        means = [m + (g - m) * (1 - BETA_1) for m, g in zip(means, gradients, strict=True)]
        squares = [v + (g * g - v) * (1 - BETA_2) for v, g in zip(squares, gradients, strict=True)]
        parameters = [
            p - scale * m / (jnp.sqrt(v) + EPSILON) for p, m, v in zip(parameters, means, squares, strict=True)
        ]
        correct = correct + jnp.sum(jnp.argmax(logits, 1) == y)
        return parameters, means, squares, t, total + loss * len(y), correct, count + len(y)

    def scanned(state: Any, xs: Any, ys: Any) -> Any:
        return jax.lax.scan(lambda state, batch: (pure(state, *batch), None), state, (xs, ys))[0]

    one, many, outputs = jax.jit(pure, donate_argnums=0), jax.jit(scanned, donate_argnums=0), jax.jit(forward)
    parameters = [jnp.array(w) for w in weights]
    moments = [[jnp.zeros_like(p) for p in parameters] for _ in range(2)]
    state: Any = (parameters, *moments, jnp.zeros(()), jnp.zeros(()), jnp.zeros((), "int32"), jnp.zeros((), "int32"))

    def reset() -> None:
        nonlocal state
        state = (*state[:4], jnp.zeros(()), jnp.zeros((), "int32"), jnp.zeros((), "int32"))

    def step(x: Any, y: Any) -> None:
        nonlocal state
        state = one(state, x, y)

    def several(xs: Any, ys: Any) -> None:
        nonlocal state
        state = many(state, xs, ys)

    def numbers() -> tuple[float, float]:
        return float(state[4]) / int(state[6]), float(state[5]) / int(state[6])

    return Loop(
        call=lambda x: outputs(state[0], x),
        tensor=jnp.asarray,
        predict=lambda x: np.asarray(outputs(state[0], x)),
        step=step,
        numbers=numbers,
        reset=reset,
        several=several,
    )
