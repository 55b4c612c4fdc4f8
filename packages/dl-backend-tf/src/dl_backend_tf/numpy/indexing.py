"""Choosing elements by index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, default_of, sizes
from dl_ops.backend import Kernels
from dl_ops.numpy.indexing import TENSOR
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
    plain = [entry for entry in key if entry is not TENSOR]
    if len(indices) == 1 and not any(isinstance(entry, int) or entry is None for entry in plain):
        # one tensor among slices: they first, then the elements along its axis
        place = key.index(TENSOR)
        axis = place if ... not in key[:place] else len(x.shape) - (len(key) - place)
        (index,) = indices
        if not index.dtype.is_bool:
            return take(x[tuple(slice(None) if entry is TENSOR else entry for entry in key)], index, axis)
        if len(index.shape) == 1 or ... not in key[:place]:
            return _masked(x, index, key, axis)
    return default_of("gather_item")(x, indices, key)


def _masked(x: Tensor, mask: Tensor, key: tuple[Any, ...], axis: int) -> Tensor:
    covered = [slice(None)] * len(mask.shape)
    place = key.index(TENSOR)
    return tf.boolean_mask(x[(*key[:place], *covered, *key[place + 1 :])], mask, axis=axis)
