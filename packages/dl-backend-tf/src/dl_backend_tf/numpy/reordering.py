"""Repetition and order of elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, axes_of, default_of
from dl_ops.backend import Kernels
from dl_ops.numpy.reordering import pad_widths
from dl_ops.rules import standardize_axes
from dl_ops.typing import Axis

kernels = Kernels()


@kernels.add
def flip(x: Tensor, axis: Axis = None) -> Tensor:
    return tf.reverse(x, standardize_axes(axis, len(x.shape)))


@kernels.add
def pad(
    x: Tensor, pad_width: int | Sequence[Any], mode: str = "constant", constant_values: float | None = None
) -> Tensor:
    widths = pad_widths(pad_width, len(x.shape))
    if not widths:
        return x
    if mode == "constant":
        value: Any = 0 if constant_values is None else constant_values
        value = tf.constant(value, tf.float64) if isinstance(value, float) else value
        return tf.pad(x, widths, constant_values=tf.cast(value, x.dtype))
    return default_of("pad")(x, widths, mode, constant_values)


@kernels.add
def tile(x: Tensor, repeats: int | Sequence[int]) -> Tensor:
    counts = [repeats] if isinstance(repeats, int) else list(repeats)
    rank = len(x.shape)
    for _ in range(len(counts) - rank):
        x = tf.expand_dims(x, 0)
    return tf.tile(x, [1] * (rank - len(counts)) + counts)


@kernels.add
def repeat(x: Tensor, repeats: int | Sequence[int], axis: int | None = None) -> Tensor:
    return tf.repeat(x, repeats, axis)


@kernels.add
def roll(x: Tensor, shift: int | Sequence[int], axis: Axis = None) -> Tensor:
    if axis is None:
        total = shift if isinstance(shift, int) else sum(shift)
        return tf.reshape(tf.roll(tf.reshape(x, [-1]), total, 0), tf.shape(x))
    axes = axes_of(axis)
    return tf.roll(x, [shift] * len(axes) if isinstance(axes, list) and isinstance(shift, int) else shift, axes)
