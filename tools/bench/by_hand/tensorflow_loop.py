"""Training by hand in TensorFlow: a step as a graph over variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import tensorflow as tf
from tools.bench.by_hand.loop import BETA_1, BETA_2, EPSILON, LAYER_EPSILON, RATE, Loop

Weights = Sequence[Any]


def _mlp(weights: Weights, x: Any) -> Any:
    w1, b1, w2, b2 = weights
    return tf.nn.bias_add(tf.nn.relu(tf.nn.bias_add(x @ w1, b1)) @ w2, b2)


def _convolutional(weights: Weights, x: Any) -> Any:
    *convolutions, kernel, bias = weights
    for filters, b in zip(convolutions[::2], convolutions[1::2], strict=True):
        x = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, filters, 1, "SAME"), b))
        x = tf.nn.max_pool2d(x, 2, 2, "VALID")
    return tf.nn.bias_add(tf.reshape(x, (-1, kernel.shape[0])) @ kernel, bias)


def _normalized(x: Any, gamma: Any, beta: Any) -> Any:
    mean, variance = tf.nn.moments(x, -1, keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, LAYER_EPSILON)


def _dense(x: Any, w: Any, b: Any) -> Any:
    """Affine map of the last axis, as one product of matrices."""
    rows, columns = w.shape[0], w.shape[1]
    y = tf.nn.bias_add(tf.reshape(x, (-1, rows)) @ w, b)
    return tf.reshape(y, (-1, x.shape[1], columns))


def _block(weights: Weights, x: Any) -> Any:
    wq, bq, wk, bk, wv, bv, wo, bo, gamma1, beta1, w1, b1, w2, b2, gamma2, beta2 = weights
    width, heads, size = wq.shape

    def projected(w: Any, b: Any) -> Any:
        y = _dense(x, tf.reshape(w, (width, width)), tf.reshape(b, (width,)))
        return tf.transpose(tf.reshape(y, (-1, x.shape[1], heads, size)), (0, 2, 1, 3))

    query, key, value = (projected(w, b) for w, b in ((wq, bq), (wk, bk), (wv, bv)))
    scores = tf.nn.softmax(tf.matmul(query * size**-0.5, key, transpose_b=True))
    attended = tf.reshape(tf.transpose(scores @ value, (0, 2, 1, 3)), (-1, x.shape[1], width))
    x = _normalized(x + _dense(attended, tf.reshape(wo, (width, width)), bo), gamma1, beta1)
    return _normalized(x + _dense(tf.nn.relu(_dense(x, w1, b1)), w2, b2), gamma2, beta2)


def _transformer(weights: Weights, tokens: Any) -> Any:
    table, *blocks, kernel, bias = weights
    x = tf.gather(table, tokens)
    for start in range(0, len(blocks), 16):
        x = _block(blocks[start : start + 16], x)
    return tf.nn.bias_add(tf.reduce_mean(x, 1) @ kernel, bias)


def _recurrent(weights: Weights, x: Any) -> Any:
    w, u, b, kernel, bias = weights
    steps = x.shape[1]
    rows = tf.TensorArray(tf.float32, steps).unstack(tf.transpose(_dense(x, w, b), (1, 0, 2)))
    zero = tf.zeros((tf.shape(x)[0], u.shape[0]))

    def turn(t: Any, hidden: Any, memory: Any) -> Any:
        i, f, c, o = tf.split(rows.read(t) + hidden @ u, 4, axis=-1)
        memory = tf.sigmoid(f) * memory + tf.sigmoid(i) * tf.tanh(c)
        return t + 1, tf.sigmoid(o) * tf.tanh(memory), memory

    _, hidden, _ = tf.while_loop(lambda t, *_: t < steps, turn, (0, zero, zero))
    return tf.nn.bias_add(hidden @ kernel, bias)


_FORWARD: Final[Mapping[str, Callable[[Weights, Any], Any]]] = {
    "mlp": _mlp,
    "convolutional": _convolutional,
    "transformer": _transformer,
    "recurrent": _recurrent,
}


def make(network: str, weights: Sequence[Any]) -> Loop:
    """Loop for a network."""
    forward = _FORWARD[network]
    parameters = [tf.Variable(w) for w in weights]
    means, squares = ([tf.Variable(tf.zeros_like(p)) for p in parameters] for _ in range(2))
    t, total, correct, count = tf.Variable(0.0), tf.Variable(0.0), tf.Variable(0), tf.Variable(0)

    def train(x: Any, y: Any) -> None:
        values = [tf.convert_to_tensor(p) for p in parameters]
        with tf.GradientTape() as tape:
            tape.watch(values)
            logits = forward(values, x)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        gradients = tape.gradient(loss, values)
        t.assign_add(1.0)
        scale = RATE * tf.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
        for p, g, m, v in zip(parameters, gradients, means, squares, strict=True):
            g = tf.convert_to_tensor(g)
            m.assign_add((g - m) * (1 - BETA_1))
            v.assign_add((g * g - v) * (1 - BETA_2))
            p.assign_sub(scale * m / (tf.sqrt(v) + EPSILON))
        size = tf.shape(y)[0]
        total.assign_add(loss * tf.cast(size, tf.float32))
        correct.assign_add(tf.reduce_sum(tf.cast(tf.argmax(logits, 1, tf.int32) == y, tf.int32)))
        count.assign_add(size)

    def train_all(xs: Any, ys: Any) -> None:
        for i in tf.range(len(xs)):
            train(xs[i], ys[i])

    one, many = tf.function(train, autograph=False), tf.function(train_all)
    outputs = tf.function(lambda x: forward(parameters, x))

    def reset() -> None:
        for variable in (total, correct, count):
            variable.assign(tf.zeros_like(variable))

    def numbers() -> tuple[float, float]:
        size = int(count.numpy())
        return float(total.numpy()) / size, float(correct.numpy()) / size

    return Loop(
        call=lambda x: forward(parameters, x),
        tensor=tf.convert_to_tensor,
        predict=lambda x: outputs(tf.convert_to_tensor(x)).numpy(),
        step=lambda x, y: one(tf.convert_to_tensor(x), tf.convert_to_tensor(y)),
        numbers=numbers,
        reset=reset,
        several=lambda xs, ys: many(tf.convert_to_tensor(xs), tf.convert_to_tensor(ys)),
    )
