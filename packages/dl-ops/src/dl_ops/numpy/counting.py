"""Which elements occur, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import cast, ndim
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import shape as shape_of
from dl_ops.dtypes import WEAK_FLOAT, is_int, promote, standardize_dtype
from dl_ops.interchange import convert_to_numpy, convert_to_tensor
from dl_ops.op import op
from dl_ops.rules import DtypeRule, kept, standardize_axis
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.typing import Array

__all__ = [
    "bincount",
    "histogram",
    "unique",
]


def _counts(x: KerasTensor, weights: KerasTensor | None = None, minlength: int = 0, sparse: bool = False) -> Shape:
    if not is_int(standardize_dtype(x.dtype)) and standardize_dtype(x.dtype) != "bool":
        raise TypeError(f"x has dtype {standardize_dtype(x.dtype)}: expected integers")
    if len(x.shape) not in (1, 2):
        raise ValueError(f"x must have one or two dimensions, got shape {x.shape}")
    if minlength < 0:
        raise ValueError(f"minlength={minlength}: expected a number that is not negative")
    if weights is not None and weights.shape != x.shape and None not in (*x.shape, *weights.shape):
        raise ValueError(f"weights of shape {weights.shape} must have the shape of x, {x.shape}")
    return (*x.shape[:-1], None)


@op(
    shape=_counts,
    dtype=DtypeRule(
        kept.common,
        lambda dtype, arguments: (
            "int32" if arguments["weights"] is None else promote(dtype, dtype_of(arguments["weights"]))
        ),
    ),
)
def bincount(x: TensorLike, weights: TensorLike | None = None, minlength: int = 0, sparse: bool = False) -> Tensor:
    """How often each number from 0 on occurs.

    Parameters
    ----------
    x : tensor_like of int, shape (n,) or (batch, n)
        Numbers that are not negative; with two dimensions each row is counted by itself.
    weights : tensor_like, optional
        Of the shape of `x`: added up instead of counting.
    minlength : int, default 0
        Smallest length of the result.
    sparse : bool, default False
        Must be false: results are dense.

    Returns
    -------
    tensor, shape (max(minlength, max(x) + 1),), with the batch before it
        int32, or of the promoted dtype of `x` and `weights`.

    Raises
    ------
    ValueError
        If the shapes do not fit, or `sparse` is true.

    Examples
    --------
    >>> bincount([0, 2, 2]).tolist()
    [1, 0, 2]
    """
    if sparse:
        raise ValueError("bincount(sparse=True): sparse results are not supported")
    _counts(x, weights, minlength)  # type: ignore[arg-type]  # any tensor has a shape and a dtype
    dtype = "int32" if weights is None else promote(dtype_of(x), dtype_of(weights))
    x = cast(x, "int32")
    length = max(minlength, int(convert_to_numpy(ops.max(x, initial=-1))) + 1)
    values = ops.ones_like(x) if weights is None else cast(weights, dtype)
    if ndim(x) == 1:
        return ops.scatter(ops.expand_dims(x, -1), values, (length,))
    batch = shape_of(x)[0]
    rows = ops.broadcast_to(ops.reshape(ops.arange(batch, dtype="int32"), (-1, 1)), shape_of(x))
    return ops.scatter(ops.stack([rows, x], axis=-1), values, (batch, length))


def _histogram(x: KerasTensor, bins: int = 10, range: Sequence[float] | None = None) -> tuple[KerasTensor, KerasTensor]:
    if len(x.shape) != 1:
        raise ValueError(f"x must have one dimension, got shape {x.shape}")
    if type(bins) is not int:
        raise TypeError(f"bins={bins!r}: expected an integer")
    if bins < 1:
        raise ValueError(f"bins={bins}: expected a positive number")
    if range is not None and (len(range) != 2 or not range[0] <= range[1]):
        raise ValueError(f"range={range!r}: expected a lower and an upper end")
    dtype = _to_float(standardize_dtype(x.dtype))
    return KerasTensor((bins,), dtype, record_history=False), KerasTensor((bins + 1,), dtype, record_history=False)


@op(spec=_histogram, dtype=kept)
def histogram(x: TensorLike, bins: int = 10, range: Sequence[float] | None = None) -> tuple[Tensor, Tensor]:
    """How many elements fall into each of several bins of equal width.

    Parameters
    ----------
    x : tensor_like, shape (n,)
        Integers are promoted to the default float.
    bins : int, default 10
        How many bins.
    range : tuple of float, optional
        Lower end of the first bin and upper end of the last one; what lies outside is not counted. By default the
        smallest and the largest element. Where they are equal, 0.5 is added on both sides.

    Returns
    -------
    tuple of tensor, shapes (bins,) and (bins + 1,)
        Counts and edges, floats both. An element on an edge is in the bin above it; on the last one, in the last bin.

    Raises
    ------
    TypeError, ValueError
        If `bins` is not an integer, or not positive; if `x` has not one dimension, or `range` is not ascending.

    Examples
    --------
    >>> counts, edges = histogram([1, 2, 2, 5], bins=2)
    >>> counts.tolist(), edges.tolist()
    ([3.0, 1.0], [1.0, 3.0, 5.0])
    """
    _histogram(x, bins, range)  # type: ignore[arg-type]  # any tensor has a shape and a dtype
    dtype = _to_float(dtype_of(x))
    # counts and edges are inexact in narrow dtypes
    values = cast(x, promote(dtype, "float32"))
    low, high = _ends(values, range)
    alike = cast(ops.equal(low, high), dtype_of(values))
    edges = ops.linspace(ops.subtract(low, ops.multiply(0.5, alike)), ops.add(high, ops.multiply(0.5, alike)), bins + 1)
    edges = cast(edges, dtype_of(values))
    inside = ops.logical_and(ops.greater_equal(values, edges[0]), ops.less_equal(values, edges[-1]))
    index = ops.clip(ops.subtract(ops.searchsorted(edges, values, side="right"), 1), 0, bins - 1)
    counts = ops.scatter(ops.expand_dims(index, -1), cast(inside, "int32"), (bins,))
    return cast(counts, dtype), cast(edges, dtype)


def _ends(x: Any, range: Sequence[float] | None) -> tuple[Any, Any]:
    if range is None and shape_of(x)[0] != 0:
        return ops.min(x), ops.max(x)
    low, high = (0.0, 1.0) if range is None else range
    return cast(low, dtype_of(x)), cast(high, dtype_of(x))


def _to_float(dtype: str) -> str:
    return promote(dtype, WEAK_FLOAT)


def _uniques(
    x: KerasTensor,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    if axis is None:
        values: Shape = (size,)
        inverse = x.shape
    else:
        along = standardize_axis(axis, len(x.shape))
        values = (*x.shape[:along], size, *x.shape[along + 1 :])
        inverse = (x.shape[along],)
    specs = [KerasTensor(values, x.dtype, record_history=False)]
    for wanted, shape in ((return_index, (size,)), (return_inverse, inverse), (return_counts, (size,))):
        if wanted:
            specs.append(KerasTensor(shape, "int32", record_history=False))
    return specs[0] if len(specs) == 1 else tuple(specs)


@op(spec=_uniques, dtype=kept)
def unique(
    x: TensorLike,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: float | None = None,
) -> Any:
    """Elements without repetitions.

    Parameters
    ----------
    x : tensor_like
    sorted : bool, default True
        Whether they must be in ascending order; they are in any case.
    return_index, return_inverse, return_counts : bool, default False
        Whether to return the index where each first occurs, the index among them of each element of `x`, and how often
        each occurs.
    axis : int, optional
        Compare slices along an axis; by default elements.
    size : int, optional
        How many to return: the rest is cut off, missing ones are filled in. Compiled code needs it.
    fill_value : float, optional
        What is filled in; by default the smallest element.

    Returns
    -------
    tensor, or a tuple of it and int32 tensors for what else was asked for

    Examples
    --------
    >>> unique([3, 1, 3]).tolist()
    [1, 3]
    >>> values, counts = unique([3, 1, 3], return_counts=True)
    >>> counts.tolist()
    [1, 2]
    """
    # frameworks agree in little of this, and the number of results depends on the values: it is done on the host
    values, *others = np.unique(
        convert_to_numpy(x), return_index=True, return_inverse=True, return_counts=True, axis=axis
    )
    found = values.shape[axis or 0]
    if size is not None:
        values = _resized(values, size, axis or 0, fill_value)
        others = [_resized(others[0], size, 0, None), others[1], _resized(others[2], size, 0, 0)]
        others[1] = np.minimum(others[1], size - 1) if found > size else others[1]
    wanted = [
        convert_to_tensor(indices, "int32")
        for indices, flag in zip(others, (return_index, return_inverse, return_counts), strict=True)
        if flag
    ]
    tensor = convert_to_tensor(values, dtype_of(x))
    return (tensor, *wanted) if wanted else tensor


def _resized(values: Array, size: int, axis: int, fill_value: float | None) -> Array:
    """Array cut off, or filled up with a number or its first element, along an axis."""
    values = np.take(values, np.arange(min(size, values.shape[axis])), axis)
    missing = size - values.shape[axis]
    filler = np.take(values, np.zeros(missing, "int64"), axis)
    if fill_value is not None:
        filler = np.full_like(filler, fill_value)
    return np.concatenate([values, filler], axis)
