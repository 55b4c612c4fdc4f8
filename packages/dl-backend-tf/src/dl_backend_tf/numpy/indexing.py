"""Choosing elements by index."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, sizes
from dl_ops.backend import Kernels
from dl_ops.numpy.indexing import split_key
from dl_ops.rules import standardize_axis

kernels = Kernels()


@kernels.add
def take(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    if axis is None:
        x, axis = tf.reshape(x, [-1]), 0
    return tf.gather(x, _counted(indices, sizes(x)[axis]), axis=axis)


def _counted(indices: Tensor, size: Any) -> Tensor:
    """Indices counted from the front; TensorFlow knows no negative ones."""
    if indices.dtype.is_unsigned:
        return tf.cast(indices, tf.int64)
    if indices.dtype.size < 4:
        indices = tf.cast(indices, tf.int32)
    return tf.where(indices < 0, indices + tf.cast(size, indices.dtype), indices)


@kernels.add
def take_along_axis(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    if axis is None:
        x, indices, axis = tf.reshape(x, [-1]), tf.reshape(indices, [-1]), 0
    rank = len(x.shape)
    along = standardize_axis(axis, rank)
    order = [*(i for i in range(rank) if i != along), along]
    back = sorted(range(rank), key=order.__getitem__)
    x, indices = tf.transpose(x, order), tf.transpose(indices, order)
    own, chosen = tf.shape(x), tf.shape(indices)
    if x.shape[:-1] != indices.shape[:-1] or not x.shape[:-1].is_fully_defined():
        common = tf.broadcast_dynamic_shape(own[:-1], chosen[:-1])
        x = tf.broadcast_to(x, tf.concat([common, own[-1:]], 0))
        indices = tf.broadcast_to(indices, tf.concat([common, chosen[-1:]], 0))
    y = tf.gather(x, _counted(indices, own[-1]), axis=-1, batch_dims=rank - 1)
    return tf.transpose(y, back)


@kernels.add
def get_item(x: Tensor, key: tuple[Any, ...]) -> Tensor:
    return x[key]


@kernels.add
def gather_item(x: Tensor, indices: Sequence[Tensor], key: tuple[Any, ...]) -> Tensor:
    entries, start = split_key(key, indices, tuple(x.shape))
    tensors = [i for i, entry in enumerate(entries) if not (entry is None or isinstance(entry, slice))]
    if len(tensors) == 1 and isinstance(entries[tensors[0]], tf.Tensor) and not entries[tensors[0]].dtype.is_bool:
        axis = tensors[0]
        plain = tuple(slice(None) if i == axis else entry for i, entry in enumerate(entries))
        return take(x[plain], entries[axis], axis)
    # axes that tensors choose from come first, and what they choose goes to where it belongs afterwards
    plain_entries: list[Any] = []
    chosen: list[int] = []
    positions: list[Any] = []
    for entry in entries:
        if entry is None or isinstance(entry, slice):
            plain_entries.append(entry)
            continue
        is_mask = isinstance(entry, tf.Tensor) and entry.dtype.is_bool
        for position in tf.unstack(tf.where(entry), num=len(entry.shape), axis=1) if is_mask else [entry]:
            chosen.append(len(plain_entries))
            plain_entries.append(slice(None))
            positions.append(position)
    parts = x[tuple(plain_entries)]
    own = sizes(parts)
    rest = [i for i in range(len(own)) if i not in chosen]
    counted = [_counted(tf.cast(p, tf.int64), own[axis]) for axis, p in zip(chosen, positions, strict=True)]
    common = functools.reduce(tf.broadcast_dynamic_shape, [tf.shape(p) for p in counted])
    where = tf.stack([tf.broadcast_to(p, common) for p in counted], -1)
    y = tf.gather_nd(tf.transpose(parts, [*chosen, *rest]), where)
    width = len(where.shape) - 1
    order = list(range(width, width + len(rest)))
    order[start:start] = range(width)
    return tf.transpose(y, order)
