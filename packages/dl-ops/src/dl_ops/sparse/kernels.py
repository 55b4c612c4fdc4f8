"""Ops on sparse tensors, written with ops on the values and positions that these store.

A kernel takes the backend, the op and the op's own arguments, and returns ``NotImplemented`` for what is to be
computed on dense tensors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.dtypes import is_float
from dl_ops.rules import standardize_axes, standardize_axis
from dl_ops.sparse.entries import Entries
from dl_ops.sparse.sparsity import fills

if TYPE_CHECKING:
    from dl_ops.backend.contract import Backend
    from dl_ops.op import Op


def on_values(backend: Backend, op: Op, x: Any, *rest: Any) -> Any:
    """An element-wise op that gives zero for zero."""
    x = backend.coalesced(x)
    return backend.with_values(x, op.public(backend.values(x), *rest))


def composed(backend: Backend, op: Op, *args: Any) -> Any:
    """An op whose default does, since it is composed of ops that know sparse tensors."""
    return op.function(*args)


def densified(backend: Backend, op: Op, *args: Any) -> Any:
    """An op that knows sparse results and not sparse arguments."""
    return NotImplemented


# -- two tensors, element by element --


def _both_sparse(backend: Backend, x1: Any, x2: Any) -> bool:
    return (
        backend.is_sparse(x1)
        and backend.is_sparse(x2)
        and fills(backend.shape(x1), backend.shape(x2))
        and fills(backend.shape(x2), backend.shape(x1))
    )


def appended(backend: Backend, op: Op, x1: Any, x2: Any) -> Any:
    """A linear op: the entries of one tensor after those of the other, since what comes twice is added."""
    if not _both_sparse(backend, x1, x2):
        return NotImplemented
    a, b = backend.entries(x1), backend.entries(x2)
    values = [op.public(a.values, ops.zeros_like(a.values)), op.public(ops.zeros_like(b.values), b.values)]
    return backend.from_entries(Entries(_appended(a, b), ops.concatenate(values), a.sizes))


def _appended(a: Entries, b: Entries) -> list[Any]:
    return [ops.concatenate(pair) for pair in zip(a.columns, b.columns, strict=True)]


def united(backend: Backend, op: Op, x1: Any, x2: Any) -> Any:
    """An op that gives zero for two zeros, at the positions that one of two tensors stores."""
    if not _both_sparse(backend, x1, x2):
        return NotImplemented
    x1, x2 = backend.coalesced(x1), backend.coalesced(x2)
    a, b = backend.entries(x1), backend.entries(x2)
    columns = _appended(a, b)

    def filled(*parts: Any) -> Any:
        return backend.coalesced(backend.from_entries(Entries(columns, ops.concatenate(parts), a.sizes)))

    # the same positions in the same order, with zeros where only the other one stores something
    left, right = filled(a.values, ops.zeros_like(b.values)), filled(ops.zeros_like(a.values), b.values)
    return backend.with_values(left, op.public(backend.values(left), backend.values(right)))


def multiplied(backend: Backend, op: Op, x1: Any, x2: Any) -> Any:
    """A product, in which the zeros of either tensor stay zero."""
    if backend.is_sparse(x1) and backend.is_sparse(x2):
        return united(backend, op, x1, x2)
    return divided(backend, op, x1, x2) if backend.is_sparse(x1) else divided(backend, op, x2, x1)


def divided(backend: Backend, op: Op, x1: Any, x2: Any) -> Any:
    """An op of a sparse and a dense tensor in which the zeros of the sparse one stay zero."""
    if not backend.is_sparse(x1) or backend.is_sparse(x2):
        return NotImplemented
    x1 = backend.coalesced(x1)
    others = _at_entries(backend, x1, x2)
    return NotImplemented if others is None else backend.with_values(x1, op.public(backend.values(x1), others))


def _at_entries(backend: Backend, x: Any, dense: Any) -> Any:
    """Values of a dense tensor where a sparse one stores its own; ``None`` if it is not the dense one that broadcasts,
    or too little is known of its shape.
    """
    shape, sizes = backend.shape(dense), backend.shape(x)
    if len(shape) > len(sizes) or None in shape[1:]:
        return None
    flat: Any = 0
    stride = 1
    for axis in range(-1, -len(shape) - 1, -1):
        size = shape[axis]
        if size not in (1, sizes[axis]) and None not in (size, sizes[axis]):
            return None
        if size != 1:
            if sizes[axis] == 1:
                return None
            flat = backend.entries(x).columns[axis] * stride + flat
            stride *= size or 1
    return ops.reshape(dense, ()) if isinstance(flat, int) else ops.take(ops.reshape(dense, (-1,)), flat)


# -- axes --


def transposed(backend: Backend, op: Op, x: Any, axes: Any = None) -> Any:
    """Axes in another order."""
    rank = len(backend.shape(x))
    order = reversed(range(rank)) if axes is None else [standardize_axis(axis, rank) for axis in axes]
    return _rearranged(backend, x, list(order))


def expanded(backend: Backend, op: Op, x: Any, axis: Any) -> Any:
    """With new axes of size 1."""
    rank = len(backend.shape(x)) + (1 if isinstance(axis, int) else len(axis))
    new = standardize_axes(axis, rank)
    old = iter(range(rank))
    return _rearranged(backend, x, [None if i in new else next(old) for i in range(rank)])


def squeezed(backend: Backend, op: Op, x: Any, axis: Any = None) -> Any:
    """Without axes of size 1."""
    shape = backend.shape(x)
    axes = [i for i, size in enumerate(shape) if size == 1] if axis is None else standardize_axes(axis, len(shape))
    if len(axes) == len(shape) or any(shape[i] not in (1, None) for i in axes):
        return NotImplemented
    return _rearranged(backend, x, [i for i in range(len(shape)) if i not in axes])


def summed(backend: Backend, op: Op, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """A sum: without the reduced axes' positions the entries add up by themselves."""
    rank = len(backend.shape(x))
    axes = standardize_axes(axis, rank)
    if len(axes) == rank:
        total = ops.sum(backend.values(x))
        return ops.reshape(total, (1,) * rank) if keepdims else total
    kept = [None if i in axes else i for i in range(rank)]
    return _rearranged(backend, x, kept if keepdims else [i for i in kept if i is not None])


def averaged(backend: Backend, op: Op, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """A mean."""
    sizes = backend.entries(x).sizes
    count: Any = 1
    for i in standardize_axes(axis, len(sizes)):
        count = sizes[i] * count
    total = ops.sum(x, axis=axis, keepdims=keepdims)
    return ops.divide(total, ops.cast(count, ops.dtype(total)))


def _rearranged(backend: Backend, x: Any, axes: Sequence[int | None]) -> Any:
    """Tensor with some of the axes of another, in any order; ``None`` stands for a new one of size 1."""
    old = backend.entries(x)
    zero = ops.zeros_like(old.columns[0])
    columns = [zero if axis is None else old.columns[axis] for axis in axes]
    sizes = [1 if axis is None else old.sizes[axis] for axis in axes]
    return backend.from_entries(Entries(columns, old.values, sizes))


def reshaped(backend: Backend, op: Op, x: Any, newshape: Any) -> Any:
    """The same elements in another shape."""
    from dl_ops.symbolic.inference import infer

    old = backend.entries(x)
    shape = infer(op, {"x": x, "newshape": newshape}).shape
    if not shape or None in shape or not all(isinstance(size, int) for size in old.sizes):
        return NotImplemented
    flat = _flat(old.columns, old.sizes)
    columns = []
    for i, size in enumerate(shape):
        columns.append(ops.mod(ops.floor_divide(flat, math.prod(shape[i + 1 :])), max(size, 1)))
    return backend.from_entries(Entries(columns, old.values, shape))


def _flat(columns: Sequence[Any], sizes: Sequence[Any]) -> Any:
    flat = columns[0]
    for column, size in zip(columns[1:], sizes[1:], strict=True):
        flat = flat * size + column
    return flat


def concatenated(backend: Backend, op: Op, xs: Sequence[Any], axis: int = 0) -> Any:
    """Tensors joined along an axis."""
    if not all(backend.is_sparse(x) for x in xs):
        return NotImplemented
    parts = [backend.entries(x) for x in xs]
    axis = standardize_axis(axis, len(parts[0].sizes))
    moved = []
    length: Any = 0
    for part in parts:
        moved.append([column + length if i == axis else column for i, column in enumerate(part.columns)])
        length = part.sizes[axis] + length
    columns = [ops.concatenate(pieces) for pieces in zip(*moved, strict=True)]
    sizes = [length if i == axis else size for i, size in enumerate(parts[0].sizes)]
    return backend.from_entries(Entries(columns, ops.concatenate([part.values for part in parts]), sizes))


# -- products of matrices --


def matrix_product(backend: Backend, op: Op, x1: Any, x2: Any) -> Any:
    """``x1 @ x2`` where one is sparse: in terms of a sparse and a dense matrix, and these in terms of rows."""
    rank1, rank2 = len(backend.shape(x1)), len(backend.shape(x2))
    if backend.is_sparse(x1) and backend.is_sparse(x2):
        return _widened(op, x1, x2) if rank1 == rank2 == 2 else NotImplemented
    if backend.is_sparse(x2):
        if rank2 != 2:
            return NotImplemented
        lead, features = backend.shape(x1)[:-1], backend.shape(x1)[-1]
        if lead.count(None) > 1:
            return NotImplemented
        flat = ops.transpose(ops.reshape(x1, (-1, features)))
        y = ops.transpose(op.public(ops.transpose(x2), flat))
        return ops.reshape(y, [-1 if size is None else size for size in (*lead, backend.shape(x2)[-1])])
    if rank2 == 1:
        return ops.squeeze(op.public(x1, ops.expand_dims(x2, -1)), -1)
    if rank2 != 2 or rank1 < 2:
        return NotImplemented
    if rank1 > 2:
        lead, features = backend.shape(x1)[:-1], backend.shape(x1)[-1]
        if lead.count(None) > 1:
            return NotImplemented
        y = op.public(ops.reshape(x1, (-1, features)), x2)
        return ops.reshape(y, [-1 if size is None else size for size in (*lead, backend.shape(x2)[-1])])
    rows, columns = backend.entries(x1).columns
    values = ops.expand_dims(backend.values(x1), -1)
    terms = ops.multiply(values, ops.take(x2, columns, axis=0))
    return ops.segment_sum(terms, rows, num_segments=backend.shape(x1)[0])


def _widened(op: Op, x1: Any, x2: Any) -> Any:
    """Product of two sparse matrices in the dtype that a backend has a kernel for."""
    dtype = ops.dtype(x1)
    wide = "float32" if is_float(dtype) else "float64"
    return NotImplemented if dtype == wide else ops.cast(op.public(ops.cast(x1, wide), ops.cast(x2, wide)), dtype)


def dot_product(backend: Backend, op: Op, x1: Any, x2: Any) -> Any:
    """``dot`` of what `matmul` and `multiply` know."""
    ranks = {len(backend.shape(x1)), len(backend.shape(x2))}
    if ranks <= {1, 2}:
        return ops.cast(ops.matmul(x1, x2), ops.dtype(x1))
    return ops.multiply(x1, x2) if 0 in ranks else NotImplemented
