"""Stretches of a signal, taken out of it and put together again."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import known_size
from dl_ops.core.tensors import shape as shape_of
from dl_ops.math.fourier import fitted
from dl_ops.op import op
from dl_ops.rules import kept
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["extract_sequences"]


def check_positive(**numbers: Any) -> None:
    """Raise a ``ValueError`` that names the first number that is not a positive integer."""
    for name, number in numbers.items():
        if not isinstance(number, (int, np.integer)) or number < 1:
            raise ValueError(f"{name}={number!r}: expected a positive integer")


def sequence_count(samples: int | None, length: int, stride: int) -> int | None:
    """How many stretches fit into a signal; ``None`` where its length is unknown."""
    return None if samples is None else max((samples - length) // stride + 1, 0)


def _sequences_shape(x: Any, sequence_length: int, sequence_stride: int) -> Shape:
    check_positive(sequence_length=sequence_length, sequence_stride=sequence_stride)
    if not x.shape:
        raise ValueError("x is a scalar: expected at least one dimension")
    *stack, samples = x.shape
    return (*stack, sequence_count(samples, sequence_length, sequence_stride), sequence_length)


@op(shape=_sequences_shape, dtype=kept)
def extract_sequences(x: TensorLike, sequence_length: int, sequence_stride: int) -> Tensor:
    """Stretches of equal length of the last axis, which may overlap.

    Parameters
    ----------
    x : tensor_like, shape (..., samples)
    sequence_length : int
        Number of samples in each.
    sequence_stride : int
        Number of samples from the beginning of one to that of the next.

    Returns
    -------
    tensor, shape (..., sequences, sequence_length)
        As many as fit; samples that are left over at the end are left out.

    Raises
    ------
    ValueError
        If length or stride are not positive, or `x` is a scalar.

    Examples
    --------
    >>> extract_sequences([1, 2, 3, 4, 5, 6], 3, 2).tolist()
    [[1, 2, 3], [3, 4, 5]]
    """
    check_positive(sequence_length=sequence_length, sequence_stride=sequence_stride)
    count = sequence_count(known_size(x, -1), sequence_length, sequence_stride) or 0
    starts = sequence_stride * np.arange(count)
    places = starts[:, None] + np.arange(sequence_length)
    return ops.take(x, places.astype("int32"), axis=-1)


def overlap_add(x: Any, stride: int) -> Any:
    """Sum of stretches, each shifted by `stride` against the one before it: what undoes `extract_sequences` where its
    stretches do not overlap, and its transpose everywhere.

    Parameters
    ----------
    x : tensor, shape (..., sequences, length)
    stride : int

    Returns
    -------
    tensor, shape (..., (sequences - 1) * stride + length)

    Examples
    --------
    >>> overlap_add(ops.convert_to_tensor([[1, 2, 3], [10, 20, 30]]), 2).tolist()
    [1, 2, 13, 20, 30]
    """
    *stack, count, length = [-1 if size is None else size for size in shape_of(x)]
    if count == 0:
        return ops.zeros((*stack, 0), dtype=dtype_of(x))
    parts = math.ceil(length / stride)
    # part p of sequence i belongs to place i + p. With `parts` zeros after each row, and read in rows one shorter,
    # each row of the table (p, i) is moved by one place more than the row above it
    table = ops.swapaxes(ops.reshape(fitted(x, parts * stride), (*stack, count, parts, stride)), -2, -3)
    padded = ops.pad(table, [(0, 0)] * (len(stack) + 1) + [(0, parts), (0, 0)])
    flat = ops.reshape(padded, (*stack, -1 if count < 0 else parts * (count + parts), stride))[..., :-parts, :]
    moved = ops.reshape(flat, (*stack, parts, count if count < 0 else count + parts - 1, stride))
    total = ops.cast(ops.sum(moved, axis=-3), dtype_of(x))
    line = ops.reshape(total, (*stack, count if count < 0 else (count + parts - 1) * stride))
    beyond = parts * stride - length
    return line[..., :-beyond] if beyond else line
