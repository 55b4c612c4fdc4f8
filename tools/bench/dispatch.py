"""What one eager call of twelve typical ops costs above the framework's own functions, on eight floats."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np
from tools.bench.timing import Row, in_turn

_BOUNDS: Final = {"numpy": "3 us above bare", "jax": "3 us above bare", "torch": "3 us above bare"}
_TENSORFLOW: Final = "10 us above bare"


def arguments(x: Any) -> dict[str, tuple[Any, ...]]:
    """Arguments of each op for eight floats as the framework's tensor."""
    matrix = x.reshape((2, 4)) if hasattr(x, "reshape") else _reshaped(x)
    return {
        "add": (x, x),
        "multiply": (x, x),
        "exp": (x,),
        "relu": (x,),
        "softmax": (matrix,),
        "sum": (x,),
        "mean": (matrix, -1),
        "matmul": (matrix, matrix.T if hasattr(matrix, "T") else _reshaped(x, (4, 2))),
        "reshape": (x, (2, 4)),
        "transpose": (matrix,),
        "concatenate": ([x, x],),
        "where": (x > 0.5, x, x),
    }


def _reshaped(x: Any, shape: tuple[int, ...] = (2, 4)) -> Any:
    import tensorflow as tf

    return tf.reshape(x, shape)


def _softmax(x: Any) -> Any:
    exponentials = np.exp(x - x.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


def _of_numpy() -> tuple[Any, Mapping[str, Callable[..., Any]]]:
    own = {"relu": lambda x: np.maximum(x, 0), "softmax": _softmax}
    return np.asarray, {name: own.get(name) or getattr(np, name) for name in arguments(np.ones(8))}


def _of_jax() -> tuple[Any, Mapping[str, Callable[..., Any]]]:
    import jax
    import jax.numpy as jnp

    own = {"relu": jax.nn.relu, "softmax": jax.nn.softmax}
    return jnp.asarray, {name: own.get(name) or getattr(jnp, name) for name in arguments(np.ones(8))}


def _of_torch() -> tuple[Any, Mapping[str, Callable[..., Any]]]:
    import torch

    own: dict[str, Callable[..., Any]] = {
        "softmax": lambda x: torch.softmax(x, -1),
        "concatenate": torch.cat,
        "transpose": lambda x: x.permute(1, 0),
    }
    return torch.from_numpy, {name: own.get(name) or getattr(torch, name) for name in arguments(np.ones(8))}


def _of_tensorflow() -> tuple[Any, Mapping[str, Callable[..., Any]]]:
    import tensorflow as tf

    own: dict[str, Callable[..., Any]] = {
        "relu": tf.nn.relu,
        "softmax": tf.nn.softmax,
        "sum": tf.reduce_sum,
        "mean": tf.reduce_mean,
        "concatenate": lambda xs: tf.concat(xs, 0),
    }
    return tf.constant, {name: own.get(name) or getattr(tf, name) for name in arguments(np.ones(8))}


_BARE: Final = {"numpy": _of_numpy, "jax": _of_jax, "torch": _of_torch, "tensorflow": _of_tensorflow}


def measure(backend: str) -> list[Row]:
    """Rows for one backend; Keras must have been told to use the same one."""
    import keras

    import dl

    dl.config.set_backend(backend)
    to_tensor, bare = _BARE[backend]()
    x = to_tensor(np.linspace(0.1, 0.8, 8, dtype="float32"))
    rows = []
    for name, args in arguments(x).items():
        ways = {
            "bare": partial(bare[name], *args),
            "dl": partial(getattr(dl.ops, name), *args),
            "keras": partial(getattr(keras.ops, name), *args),
        }
        bound = _BOUNDS.get(backend, _TENSORFLOW)
        rows.append(Row(f"{backend}: ops.{name}, eight floats", in_turn(ways, calls=1000), bound))
    return rows


if __name__ == "__main__":
    from tools.bench.report import emit

    emit(measure(sys.argv[1]))
