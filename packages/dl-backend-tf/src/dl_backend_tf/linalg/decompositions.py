"""Decompositions."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, default_of
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
def lu_factor(x: Tensor) -> tuple[Tensor, Tensor]:
    if x.shape[-1] != x.shape[-2]:
        return default_of("lu_factor")(x)  # type: ignore[no-any-return]
    lu, rows = tf.linalg.lu(x)
    # the order of the rows as the exchanges, one after the other, that lead to it
    size = x.shape[-1]
    order = tf.broadcast_to(tf.range(size), tf.shape(rows))
    exchanges = []
    for i in range(size):
        wanted = rows[..., i : i + 1]
        place = tf.argmax(order == wanted, -1, tf.int32)
        exchanges.append(place)
        there = tf.one_hot(place, size, on_value=True, off_value=False)
        order = tf.where(there, order[..., i : i + 1], order)
        order = tf.where(tf.range(size) == i, wanted, order)
    return lu, tf.stack(exchanges, -1)


@kernels.add
@widened
def qr(x: Tensor, mode: str = "reduced") -> tuple[Tensor, Tensor]:
    q, r = tf.linalg.qr(x, full_matrices=mode == "complete")
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
