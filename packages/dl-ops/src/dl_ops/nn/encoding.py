"""Class indices as vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_ops import ops
from dl_ops.backend.registry import current_backend
from dl_ops.core.tensors import known_size
from dl_ops.dtypes import standardize_dtype
from dl_ops.op import op
from dl_ops.rules import requested, standardize_axis
from dl_ops.sparse import Entries
from dl_ops.typing import DTypeLike, IndicesLike, Shape, Tensor

__all__ = ["multi_hot", "one_hot"]


def _with_classes(x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Shape:
    if not hasattr(num_classes, "__index__") or num_classes < 1:
        raise ValueError(f"num_classes={num_classes}: expected a positive integer")
    position = standardize_axis(axis, len(x.shape) + 1)
    return (*x.shape[:position], num_classes, *x.shape[position:])


@op(shape=_with_classes, dtype=requested)
def one_hot(x: IndicesLike, num_classes: int, axis: int = -1, dtype: DTypeLike = None, sparse: bool = False) -> Tensor:
    """Vector with a 1 at the place of each index, and 0 elsewhere.

    Parameters
    ----------
    x : tensor_like of int, shape (...)
        Indices outside ``range(num_classes)`` give a vector of zeros.
    num_classes : int
        Length of the vectors.
    axis : int, default -1
        Axis of the result along which the vectors lie.
    dtype : str, optional
        By default the default float.
    sparse : bool, default False
        Whether the result is a sparse tensor, where the backend has them.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If `axis` or `num_classes` is out of range.

    Examples
    --------
    >>> one_hot([0, 2, -1], 3).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """
    shape = _with_classes(x, num_classes, axis, dtype, sparse)
    position = standardize_axis(axis, len(shape))
    if sparse:
        return _sparse_one_hot(x, num_classes, position, dtype)
    classes = ops.reshape(ops.arange(num_classes), [num_classes if i == position else 1 for i in range(len(shape))])
    return ops.cast(ops.equal(ops.expand_dims(x, position), classes), standardize_dtype(dtype))


def _sparse_one_hot(x: Any, num_classes: int, position: int, dtype: DTypeLike) -> Tensor:
    shape = [known_size(x, i) for i in range(ops.ndim(x))]
    flat = ops.reshape(x, (-1,))
    inside = ops.logical_and(ops.greater_equal(flat, 0), ops.less(flat, num_classes))
    columns = [ops.convert_to_tensor(places.ravel()) for places in np.indices(shape, "int32")]
    columns.insert(position, ops.cast(ops.where(inside, flat, 0), "int32"))
    sizes = [*shape[:position], num_classes, *shape[position:]]
    y: Tensor = current_backend().from_entries(Entries(columns, ops.cast(inside, standardize_dtype(dtype)), sizes))
    return y


def _multi_hot_shape(
    inputs: Any, num_classes: int | None = None, axis: int = -1, dtype: Any = None, sparse: bool = False, **kwargs: Any
) -> Shape:
    shape = inputs.shape[:1] + inputs.shape[2:] if len(inputs.shape) > 1 else ()
    position = standardize_axis(axis, len(shape) + 1)
    return (*shape[:position], _number_of_classes(num_classes, kwargs), *shape[position:])


def _number_of_classes(num_classes: int | None, kwargs: dict[str, Any]) -> int:
    if num_classes is None and "num_tokens" in kwargs:
        num_classes = kwargs["num_tokens"]
    if not isinstance(num_classes, int) or num_classes < 1:
        raise ValueError(f"num_classes={num_classes}: expected a positive integer")
    if kwargs.keys() - {"num_tokens"}:
        raise ValueError(f"unexpected arguments {sorted(kwargs.keys() - {'num_tokens'})}")
    return num_classes


@op(shape=_multi_hot_shape, dtype=requested)
def multi_hot(
    inputs: IndicesLike,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: DTypeLike = None,
    sparse: bool = False,
    **kwargs: Any,
) -> Tensor:
    """Vector with a 1 at the places of all of a sample's indices, and 0 elsewhere.

    Parameters
    ----------
    inputs : tensor_like of int, shape (indices,) or (batch, indices, ...)
        Indices outside ``range(num_classes)`` are left out.
    num_classes : int
        Length of the vectors.
    axis : int, default -1
        Axis of the result along which the vectors lie.
    dtype : str, optional
        By default the default float.
    sparse : bool, default False
        Whether the result is a sparse tensor, where the backend has them.
    **kwargs
        ``num_tokens``, an older name of `num_classes`.

    Returns
    -------
    tensor, shape (num_classes,) or (batch, ..., num_classes)

    Raises
    ------
    ValueError
        If `axis` or `num_classes` is out of range.

    Examples
    --------
    >>> multi_hot([[0, 2], [1, 1]], 4).tolist()
    [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0]]
    """
    classes = _number_of_classes(num_classes, kwargs)
    if sparse:
        counts = ops.sum(one_hot(inputs, classes, dtype="int32", sparse=True), axis=1 if ops.ndim(inputs) > 1 else 0)
        return ops.moveaxis(ops.cast(ops.cast(counts, "bool"), standardize_dtype(dtype)), -1, axis)
    vectors = one_hot(inputs, classes, dtype=dtype)
    summarized = ops.max(vectors, axis=1 if len(vectors.shape) > 2 else 0)
    return ops.moveaxis(summarized, -1, axis)
