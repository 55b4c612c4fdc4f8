"""What heavy ops take beside the framework's own functions on the same work."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
from tools.bench.timing import Row, in_turn

_BOUND: Final = "1.03"


def _work(random: np.random.Generator) -> dict[str, tuple[Callable[..., Any], tuple[Any, ...]]]:
    def draw(*shape: int) -> Any:
        return random.standard_normal(shape, dtype="float32")

    heads = (4, 256, 8, 64)
    return {
        "matmul, 512 x 512": (lambda ops, a, b: ops.matmul(a, b), (draw(512, 512), draw(512, 512))),
        "conv, 3 x 3, 32 to 64, 8 x 56 x 56": (
            lambda ops, x, k: ops.conv(x, k, padding="same", data_format="channels_last"),
            (draw(8, 56, 56, 32), draw(3, 3, 32, 64)),
        ),
        "attention, 4 x 256, 8 heads of 64": (
            lambda ops, q, k, v: ops.dot_product_attention(q, k, v),
            (draw(*heads), draw(*heads), draw(*heads)),
        ),
        "softmax, 1024 x 1024": (lambda ops, x: ops.softmax(x), (draw(1024, 1024),)),
        "resize, 8 x 224 x 224 x 3 to 112 x 112": (
            lambda ops, x: ops.image.resize(x, (112, 112), data_format="channels_last"),
            (draw(8, 224, 224, 3),),
        ),
        "sort, a million": (lambda ops, x: ops.sort(x), (draw(1_000_000),)),
    }


# -- by hand: each framework's own functions, as its users write them --


def _softmax(x: Any) -> Any:
    exponentials = np.exp(x - x.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


def _numpy() -> tuple[Callable[[Any], Any], list[Callable[..., Any]]]:
    def conv(x: Any, k: Any) -> Any:
        x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (1, 2)).transpose(0, 1, 2, 4, 5, 3)
        return windows.reshape(*windows.shape[:3], -1) @ k.reshape(-1, k.shape[-1])

    def attention(q: Any, k: Any, v: Any) -> Any:
        q, k, v = (x.transpose(0, 2, 1, 3) for x in (q, k, v))
        return (_softmax(q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1])) @ v).transpose(0, 2, 1, 3)

    def resize(x: Any) -> Any:
        for axis in (1, 2):
            places = np.clip((np.arange(112) + 0.5) * 2 - 0.5, 0, 223)
            before = np.minimum(places.astype(int), 222)
            weight = (places - before).astype("float32").reshape((-1, 1) if axis == 2 else (-1, 1, 1))
            x = x.take(before, axis) * (1 - weight) + x.take(before + 1, axis) * weight
        return x

    return np.asarray, [np.matmul, conv, attention, _softmax, resize, np.sort]


def _jax() -> tuple[Callable[[Any], Any], list[Callable[..., Any]]]:
    import jax
    import jax.numpy as jnp
    from jax import lax

    @jax.jit
    def conv(x: Any, k: Any) -> Any:
        return lax.conv_general_dilated(x, k, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    @jax.jit
    def resize(x: Any) -> Any:
        return jax.image.resize(x, (8, 112, 112, 3), "linear", antialias=False)

    attention = jax.jit(jax.nn.dot_product_attention)
    return jnp.asarray, [jnp.matmul, conv, attention, jax.jit(jax.nn.softmax), resize, jnp.sort]


def _torch() -> tuple[Callable[[Any], Any], list[Callable[..., Any]]]:
    import torch
    from torch.nn import functional

    def conv(x: Any, k: Any) -> Any:
        y = functional.conv2d(x.permute(0, 3, 1, 2), k.permute(3, 2, 0, 1), padding=1)
        return y.permute(0, 2, 3, 1)

    def attention(q: Any, k: Any, v: Any) -> Any:
        q, k, v = (x.transpose(1, 2) for x in (q, k, v))
        return functional.scaled_dot_product_attention(q, k, v).transpose(1, 2)

    def resize(x: Any) -> Any:
        y = functional.interpolate(x.permute(0, 3, 1, 2), (112, 112), mode="bilinear", align_corners=False)
        return y.permute(0, 2, 3, 1)

    functions: list[Callable[..., Any]] = [
        torch.matmul,
        conv,
        attention,
        partial(torch.softmax, dim=-1),
        resize,
        lambda x: torch.sort(x)[0],
    ]
    return torch.from_numpy, functions


def _tensorflow() -> tuple[Callable[[Any], Any], list[Callable[..., Any]]]:
    import tensorflow as tf

    def attention(q: Any, k: Any, v: Any) -> Any:
        q, k, v = (tf.transpose(x, (0, 2, 1, 3)) for x in (q, k, v))
        weights = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / math.sqrt(q.shape[-1]))
        return tf.transpose(tf.matmul(weights, v), (0, 2, 1, 3))

    def conv(x: Any, k: Any) -> Any:
        return tf.nn.conv2d(x, k, 1, "SAME")

    def resize(x: Any) -> Any:
        return tf.image.resize(x, (112, 112))

    return tf.constant, [tf.matmul, conv, attention, tf.nn.softmax, resize, tf.sort]


_BARE: Final = {"numpy": _numpy, "jax": _jax, "torch": _torch, "tensorflow": _tensorflow}


def _waiting(backend: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Function that waits for what it computes in the background."""
    return lambda *args: function(*args).block_until_ready() if backend == "jax" else function(*args)


def measure(backend: str) -> list[Row]:
    """Rows for one backend; Keras must have been told to use the same one."""
    import keras

    import dl

    dl.config.set_backend(backend)
    to_tensor, functions = _BARE[backend]()
    rows = []
    for (name, (op, arrays)), bare in zip(_work(np.random.default_rng(0)).items(), functions, strict=True):
        args = [to_tensor(x) for x in arrays]
        candidates: dict[str, Callable[..., Any]] = {
            "bare": bare,
            "dl": partial(op, dl.ops),
            "keras": partial(op, keras.ops),
        }
        ways = {}
        expected = np.asarray(bare(*args))
        for way, function in candidates.items():
            try:
                result = np.asarray(function(*args))
            except NotImplementedError:  # Keras, here and there
                continue
            if not np.allclose(result, expected, atol=1e-3):
                raise AssertionError(f"{backend}: {way} computes another {name}")
            ways[way] = partial(_waiting(backend, function), *args)
        rows.append(Row(f"{backend}: {name}", in_turn(ways, calls=3, rounds=15), _BOUND))
    return rows


if __name__ == "__main__":
    from tools.bench.report import emit

    emit(measure(sys.argv[1]))
