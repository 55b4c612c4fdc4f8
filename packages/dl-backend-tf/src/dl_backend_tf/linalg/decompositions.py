"""Decompositions."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor
from dl_backend_tf.widening import widened
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
@widened
def cholesky(x: Tensor, upper: bool = False) -> Tensor:
    factor = tf.linalg.cholesky(x)
    return tf.linalg.adjoint(factor) if upper else factor


@kernels.add
@widened
def qr(x: Tensor, mode: str = "reduced") -> tuple[Tensor, Tensor]:
    q, r = tf.linalg.qr(x, full_matrices={"complete": True, "reduced": False}[mode])
    return q, r


@kernels.add
@widened
def eig(x: Tensor) -> tuple[Tensor, Tensor]:
    values, vectors = tf.linalg.eig(x)
    return values, vectors


@kernels.add
@widened
def eigh(x: Tensor) -> tuple[Tensor, Tensor]:
    values, vectors = tf.linalg.eigh(x)
    return values, vectors


@kernels.add
@widened
def svd(x: Tensor, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    if not compute_uv:
        return tf.linalg.svd(x, compute_uv=False)
    values, left, right = tf.linalg.svd(x, full_matrices)
    return left, values, tf.linalg.adjoint(right)
