"""Linear systems, inverses and determinants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor
from dl_backend_tf.widening import widened
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
@widened
def inv(x: Tensor) -> Tensor:
    return tf.linalg.inv(x)


@kernels.add
@widened
def det(x: Tensor) -> Tensor:
    return tf.linalg.det(x)


@kernels.add
@widened
def slogdet(x: Tensor) -> tuple[Tensor, Tensor]:
    sign, logarithm = tf.linalg.slogdet(x)
    return sign, logarithm


@kernels.add
@widened
def solve(a: Tensor, b: Tensor) -> Tensor:
    return _solved(tf.linalg.solve, a, b)


@kernels.add
@widened
def solve_triangular(a: Tensor, b: Tensor, lower: bool = False) -> Tensor:
    return _solved(lambda a, b: tf.linalg.triangular_solve(a, b, lower), a, b)


def _solved(function: Callable[[Tensor, Tensor], Any], a: Tensor, b: Tensor) -> Tensor:
    if len(b.shape) == len(a.shape):
        return function(a, b)
    return tf.squeeze(function(a, tf.expand_dims(b, -1)), -1)
