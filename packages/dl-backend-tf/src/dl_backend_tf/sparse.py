"""TensorFlow's sparse tensors: ``tf.SparseTensor``, and ``tf.IndexedSlices``, whose rows are entries."""

from __future__ import annotations

from typing import Any, Final

import tensorflow as tf

from dl_ops.backend import Kernels
from dl_ops.sparse import Entries

kernels = Kernels()

TYPES: Final[tuple[type, ...]] = (tf.SparseTensor, tf.IndexedSlices)


def to_dense(x: Any) -> Any:
    """Dense tensor with the elements of a sparse one."""
    if isinstance(x, tf.IndexedSlices):
        return tf.convert_to_tensor(x)
    if x.dtype is tf.string:
        return tf.sparse.to_dense(tf.sparse.reorder(x), validate_indices=False)
    y = _over_integers(lambda values: tf.scatter_nd(x.indices, values, x.dense_shape), x.values)
    y.set_shape(x.shape)
    return y


def _over_integers(function: Any, values: Any) -> Any:
    # booleans are not added
    if values.dtype is tf.bool:
        return tf.cast(function(tf.cast(values, tf.int32)), tf.bool)
    return function(values)


def stored(x: Any) -> Any:
    """`x` as a ``tf.SparseTensor``."""
    return tf.sparse.from_dense(to_dense(x)) if isinstance(x, tf.IndexedSlices) else x


def coalesced(x: Any) -> Any:
    """`x` sorted, with its duplicates added up."""
    x = stored(x)
    rank = x.shape.rank
    strides = tf.math.cumprod(x.dense_shape, exclusive=True, reverse=True)
    keys = tf.linalg.matvec(x.indices, strides) if rank else x.indices[:, 0]
    if tf.executing_eagerly() and bool(tf.reduce_all(keys[1:] > keys[:-1])):
        return x
    order = tf.argsort(keys, stable=True)
    keys = tf.gather(keys, order)
    is_first = tf.concat([tf.ones_like(keys[:1], tf.bool), keys[1:] != keys[:-1]], 0)
    segments = tf.cumsum(tf.cast(is_first, tf.int64)) - 1
    indices = tf.boolean_mask(tf.gather(x.indices, order), is_first)
    values = tf.gather(x.values, order)
    count = tf.shape(indices)[0]
    values = _over_integers(lambda values: tf.math.unsorted_segment_sum(values, segments, count), values)
    return tf.SparseTensor(indices, values, x.dense_shape)


def with_values(x: Any, values: Any) -> Any:
    """Sparse tensor with other values."""
    x = stored(x)
    return tf.SparseTensor(x.indices, values, x.dense_shape)


def cast(x: Any, dtype: Any) -> Any:
    """`x` with another dtype."""
    x = coalesced(x)
    values = tf.math.real(x.values) if x.dtype.is_complex and not dtype.is_complex else x.values
    return with_values(x, tf.cast(values, dtype))


def entries(x: Any) -> Entries:
    """Parts of a sparse tensor."""
    x = stored(x)
    rank = x.shape.rank
    sizes = [x.dense_shape[i] if size is None else size for i, size in enumerate(x.shape.as_list())]
    return Entries([x.indices[:, i] for i in range(rank)], x.values, sizes)


def from_entries(parts: Entries) -> Any:
    """Sparse tensor of parts, sorted and without duplicates, as TensorFlow's functions want it."""
    indices = tf.stack([tf.cast(column, tf.int64) for column in parts.columns], axis=-1)
    sizes = [tf.cast(size, tf.int64) for size in parts.sizes]
    if all(isinstance(size, int) for size in parts.sizes):
        shape = tf.constant(parts.sizes, tf.int64)
    else:
        shape = tf.stack(sizes)
    return coalesced(tf.SparseTensor(indices, parts.values, shape))


@kernels.add
def reshape(x: Any, newshape: Any) -> Any:
    newshape = (newshape,) if isinstance(newshape, int) else tuple(newshape)
    return tf.sparse.reshape(stored(x), newshape) if newshape else NotImplemented


@kernels.add
def matmul(x1: Any, x2: Any) -> Any:
    if len(x1.shape) != 2 or len(x2.shape) != 2:
        return NotImplemented
    if isinstance(x1, TYPES) and isinstance(x2, TYPES):
        return _sparse_product(entries(x1), entries(coalesced(x2)))
    if isinstance(x1, tf.SparseTensor) and x1.dtype in _MULTIPLIED:
        return tf.sparse.sparse_dense_matmul(x1, x2)
    return NotImplemented


_MULTIPLIED: Final = (tf.bfloat16, tf.int32, tf.float32, tf.float64, tf.complex64, tf.complex128)


def _sparse_product(a: Entries, b: Entries) -> Any:
    """Each entry of `a` times the row of `b` that it is for; `b` is sorted. TensorFlow's own is not differentiable."""
    rows, columns = b.columns
    starts = tf.searchsorted(rows, a.columns[1], side="left", out_type=tf.int64)
    counts = tf.searchsorted(rows, a.columns[1], side="right", out_type=tf.int64) - starts
    entry = tf.repeat(tf.range(tf.shape(counts)[0]), counts)
    shift = starts - tf.cumsum(counts, exclusive=True)
    other = tf.range(tf.reduce_sum(counts)) + tf.gather(shift, entry)
    values = tf.gather(a.values, entry) * tf.gather(b.values, other)
    return from_entries(
        Entries([tf.gather(a.columns[0], entry), tf.gather(columns, other)], values, [a.sizes[0], b.sizes[1]])
    )
