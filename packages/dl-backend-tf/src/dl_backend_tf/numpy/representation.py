"""How numbers are stored, and what complex ones are made of."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, default_of, dtype_of, sizes
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def view(x: Tensor, dtype: Any = None) -> Tensor:
    wanted = x.dtype if dtype is None else dtype_of(dtype)
    if wanted is x.dtype:
        return x
    # the raw op does not take booleans
    if x.dtype.is_bool:
        x = tf.cast(x, tf.uint8)
    if wanted.is_bool:
        return tf.cast(view(x, "uint8"), tf.bool)
    if wanted.size == x.dtype.size:
        return tf.bitcast(x, wanted)
    if not len(x.shape):
        raise ValueError("there is no axis to change the size of")
    # shorter numbers get an axis of their own, longer ones use one up
    *leading, last = sizes(x)
    if wanted.size > x.dtype.size:
        count = wanted.size // x.dtype.size
        return tf.bitcast(tf.reshape(x, [*leading, last // count, count]), wanted)
    return tf.reshape(tf.bitcast(x, wanted), [*leading, last * (x.dtype.size // wanted.size)])


@kernels.add
def nextafter(x1: Tensor, x2: Tensor) -> Tensor:
    if x1.dtype not in (tf.float32, tf.float64):
        return default_of("nextafter")(x1, x2)
    return tf.stop_gradient(tf.math.nextafter(x1, x2))


@kernels.add
def real(x: Tensor) -> Tensor:
    return tf.math.real(x) if x.dtype.is_complex else x


@kernels.add
def imag(x: Tensor) -> Tensor:
    return tf.math.imag(x) if x.dtype.is_complex else tf.zeros_like(x)


@kernels.add
def conj(x: Tensor) -> Tensor:
    return tf.math.conj(x) if x.dtype.is_complex else x


def _complex(real: Tensor, imaginary: Tensor) -> Tensor:
    return tf.complex(real, imaginary)


# a function of that name would hide the built-in one here
kernels.register("complex", _complex)
