"""What calling twelve typical layers costs above the ops that they compute with, on a few numbers.

"Bare" are the ops of `dl` in a plain function, on the layer's weights; "above" is what the layer takes longer than
that. Keras's layers are compared with the same function over Keras's ops. That it reads the weights, as any program
does, counts on TensorFlow, where it is an op of its own; elsewhere it is not to be seen.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
from tools.bench.timing import Row, in_turn

_HEADS, _KEY_DIM, _UNITS = 2, 3, 3
_BOUND: Final = "10 us above bare, a third of Keras's"


class Subject(NamedTuple):
    """A layer, what it is called on, and a function of ops, values of the weights and inputs that does its work."""

    options: dict[str, Any]
    inputs: Sequence[Any]
    plain: Callable[..., Any]


def _dense(ops: Any, weights: Sequence[Any], x: Any) -> Any:
    kernel, bias = weights
    return ops.add(ops.matmul(x, kernel), bias)


def _conv(ops: Any, weights: Sequence[Any], x: Any) -> Any:
    kernel, bias = weights
    return ops.add(ops.conv(x, kernel, (1, 1), "valid", "channels_last", (1, 1)), bias)


def _max_pool(ops: Any, weights: Sequence[Any], x: Any) -> Any:
    return ops.max_pool(x, (2, 2), (2, 2), "valid", "channels_last")


def _batch_normalization(ops: Any, weights: Sequence[Any], x: Any) -> Any:
    gamma, beta, mean, variance = weights
    return ops.batch_normalization(x, mean, variance, -1, offset=beta, scale=gamma, epsilon=0.001)


def _layer_normalization(ops: Any, weights: Sequence[Any], x: Any) -> Any:
    gamma, beta = weights
    return ops.layer_normalization(x, gamma, beta, axis=-1, epsilon=0.001)


def _same(ops: Any, weights: Sequence[Any], x: Any) -> Any:
    return x


def _flatten(ops: Any, weights: Sequence[Any], x: Any) -> Any:
    return ops.reshape(x, (2, 12))


def _activation(ops: Any, weights: Sequence[Any], x: Any) -> Any:
    return ops.relu(x)


def _embedding(ops: Any, weights: Sequence[Any], x: Any) -> Any:
    return ops.take(weights[0], x, axis=0)


def _add(ops: Any, weights: Sequence[Any], xs: Sequence[Any]) -> Any:
    return ops.add(xs[0], xs[1])


def _lstm(ops: Any, weights: Sequence[Any], x: Any) -> Any:
    if ops.__name__.startswith("dl"):
        return _whole_lstm(ops, weights, x)
    kernel, recurrent_kernel, bias = weights
    steps = ops.transpose(x, (1, 0, 2))
    hidden = memory = ops.zeros((2, _UNITS))
    outputs = []
    for i in range(2):
        z = ops.add(ops.add(ops.matmul(steps[i], kernel), ops.matmul(hidden, recurrent_kernel)), bias)
        to_input, to_forget, to_memory, to_output = ops.split(z, 4, axis=1)
        kept = ops.multiply(ops.sigmoid(to_forget), memory)
        memory = ops.add(kept, ops.multiply(ops.sigmoid(to_input), ops.tanh(to_memory)))
        hidden = ops.multiply(ops.sigmoid(to_output), ops.tanh(memory))
        outputs.append(hidden)
    return ops.stack(outputs)[-1]


def _whole_lstm(ops: Any, weights: Sequence[Any], x: Any) -> Any:
    from dl_ops.nn.recurrence import lstm

    zeros = ops.zeros((2, _UNITS))
    return lstm(x, zeros, zeros, *weights)[1]


def _attention(ops: Any, weights: Sequence[Any], x: Any, y: Any) -> Any:
    query, query_bias, key, key_bias, value, value_bias, output, output_bias = weights
    queries = ops.add(ops.einsum("abc,cde->abde", x, query), query_bias)
    keys = ops.add(ops.einsum("abc,cde->abde", y, key), key_bias)
    values = ops.add(ops.einsum("abc,cde->abde", y, value), value_bias)
    result = ops.dot_product_attention(queries, keys, values, scale=1 / _KEY_DIM**0.5)
    return ops.add(ops.einsum("abcd,cde->abe", result, output), output_bias)


def subjects() -> dict[str, Subject]:
    """The layers by class name."""
    row, image = np.ones((2, 3), "float32"), np.ones((2, 4, 4, 3), "float32")
    sequence, tokens = np.ones((2, 2, 3), "float32"), np.ones((2, 3), "int32")
    return {
        "Dense": Subject({"units": 4}, [row], _dense),
        "Conv2D": Subject({"filters": 2, "kernel_size": 2}, [image], _conv),
        "MaxPooling2D": Subject({}, [image], _max_pool),
        "BatchNormalization": Subject({}, [row], _batch_normalization),
        "LayerNormalization": Subject({}, [row], _layer_normalization),
        "Dropout": Subject({"rate": 0.5}, [row], _same),
        "Flatten": Subject({}, [np.ones((2, 3, 4), "float32")], _flatten),
        "Activation": Subject({"activation": "relu"}, [row], _activation),
        "Embedding": Subject({"input_dim": 4, "output_dim": 2}, [tokens], _embedding),
        "Add": Subject({}, [[row, row]], _add),
        # unrolled, as Keras's loop of the framework is compiled anew in every call; here the whole sequence is an op
        "LSTM": Subject({"units": _UNITS, "unroll": True}, [sequence], _lstm),
        "MultiHeadAttention": Subject({"num_heads": _HEADS, "key_dim": _KEY_DIM}, [sequence, sequence], _attention),
    }


def overheads(namespace: Any, subject: Subject, name: str) -> dict[str, Callable[[], object]]:
    """The layer's call, and the plain function on the values of its weights."""

    def tensor(x: Any) -> Any:
        return [tensor(item) for item in x] if isinstance(x, list) else namespace.ops.convert_to_tensor(x)

    layer = getattr(namespace.layers, name)(**subject.options)
    inputs = [tensor(x) for x in subject.inputs]
    layer(*inputs)
    plain = partial(subject.plain, namespace.ops, layer.weights, *inputs)
    expected, found = (namespace.ops.convert_to_numpy(x) for x in (plain(), layer(*inputs)))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    return {"layer": partial(layer, *inputs), "plain": plain}


def measure(backend: str, names: Sequence[str] = ()) -> list[Row]:
    """Rows for one backend; Keras must have been told to use the same one."""
    import keras

    import dl

    dl.config.set_backend(backend)
    rows = []
    for name, subject in subjects().items():
        if names and name not in names:
            continue
        ways = {
            f"{library.__name__} {way}": function
            for library in (dl, keras)
            for way, function in overheads(library, subject, name).items()
        }
        times = in_turn(ways, calls=20, rounds=60, of=min)
        above = times["dl layer"] - times["dl plain"]
        above_keras = times["keras layer"] - times["keras plain"]
        note = f"above: dl {above:.1f}, Keras {above_keras:.1f}; {_BOUND}"
        microseconds = {"bare": times["dl plain"], "dl": times["dl layer"], "keras": times["keras layer"]}
        rows.append(Row(f"{backend}: {name}()", microseconds, note))
    return rows


if __name__ == "__main__":
    from tools.bench.report import emit

    emit(measure(sys.argv[1], sys.argv[2:]))
