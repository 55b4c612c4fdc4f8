"""What one eager call of an op costs above the framework's own function, on eight floats."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from tools.bench.timing import Row, in_turn


def bare_functions(backend: str) -> tuple[Any, dict[str, Callable[..., Any]]]:
    """Eight floats as the framework's tensor, and its own functions for the ops measured."""
    x = np.linspace(0.1, 0.8, 8, dtype="float32")
    if backend == "numpy":
        return x, {"add": np.add, "exp": np.exp, "sum": np.sum, "reshape": np.reshape}
    if backend == "jax":
        import jax.numpy as jnp

        return jnp.asarray(x), {"add": jnp.add, "exp": jnp.exp, "sum": jnp.sum, "reshape": jnp.reshape}
    if backend == "torch":
        import torch

        return torch.from_numpy(x), {"add": torch.add, "exp": torch.exp, "sum": torch.sum, "reshape": torch.reshape}
    import tensorflow as tf

    return tf.constant(x), {"add": tf.add, "exp": tf.exp, "sum": tf.reduce_sum, "reshape": tf.reshape}


def measure(backend: str) -> list[Row]:
    """Rows for one backend; Keras must have been told to use the same one."""
    import keras

    import dl

    dl.config.set_backend(backend)
    x, bare = bare_functions(backend)
    arguments: dict[str, tuple[Any, ...]] = {"add": (x, x), "exp": (x,), "sum": (x,), "reshape": (x, (2, 4))}
    rows = []
    for name, args in arguments.items():
        ways = {
            "bare": partial(bare[name], *args),
            "dl": partial(getattr(dl.ops, name), *args),
            "keras": partial(getattr(keras.ops, name), *args),
        }
        bound = "3 us above bare" if name == "add" and backend != "tensorflow" else ""
        rows.append(Row(f"{backend}: ops.{name}, eight floats", in_turn(ways, calls=2000), bound))
    return rows


if __name__ == "__main__":
    from tools.bench.report import emit

    emit(measure(sys.argv[1]))
