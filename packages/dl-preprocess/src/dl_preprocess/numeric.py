"""Labels and vectors in the form that models take."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_ops import ops
from dl_ops.symbolic import is_keras_tensor


def _is_array(x: Any) -> bool:
    """Whether `x` is an array or list, and no framework's tensor nor a symbolic one."""
    return isinstance(x, np.ndarray) or not (ops.is_tensor(x) or is_keras_tensor(x))


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """One-hot rows for class indices.

    Parameters
    ----------
    x : array, tensor or nested list of int, shape (...) or (..., 1)
        Indices from 0 to ``num_classes - 1``.
    num_classes : int, optional
        The largest index and one, by default.

    Returns
    -------
    array of float64, or tensor of the default float, shape (..., num_classes)
        A tensor for a tensor, whose indices are not checked.

    Raises
    ------
    ValueError
        If an index is negative or not less than `num_classes`, or something is no integer.

    Examples
    --------
    >>> to_categorical([0, 2], num_classes=3).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    if not _is_array(x):
        if len(x.shape) > 1 and x.shape[-1] == 1:
            x = ops.squeeze(x, -1)
        classes = num_classes if num_classes is not None else int(ops.convert_to_numpy(x).max(initial=-1)) + 1
        return ops.one_hot(x, classes)
    indices = np.asarray(x)
    if not np.issubdtype(indices.dtype, np.integer):
        whole = indices.astype(np.int64)
        if not np.array_equal(whole, indices):
            raise ValueError(f"to_categorical(x of dtype {indices.dtype}): expected integers, the indices of classes")
        indices = whole
    if indices.ndim > 1 and indices.shape[-1] == 1:
        indices = indices[..., 0]
    classes = num_classes if num_classes is not None else int(indices.max(initial=-1)) + 1
    if indices.size and not 0 <= indices.min() <= indices.max() < classes:
        raise ValueError(
            f"to_categorical(num_classes={num_classes}): indices are from {indices.min()} to {indices.max()}, expected "
            f"0 to {classes - 1}"
        )
    rows = np.zeros((*indices.shape, classes))
    np.put_along_axis(rows, indices[..., None], 1.0, axis=-1)
    return rows


def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """Divide by the norm along an axis; what has norm 0 stays as it is.

    Parameters
    ----------
    x : array, tensor or nested list
    axis : int, default -1
    order : int, default 2
        Of the norm: the root of that order of the sum of absolute values to that power.

    Returns
    -------
    array or tensor, shape of `x`
        A tensor for a tensor.

    Examples
    --------
    >>> normalize([[3.0, 4.0], [0.0, 0.0]]).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    if not _is_array(x):
        return ops.normalize(x, axis=axis, order=order)
    array = np.asarray(x)
    norm = np.linalg.norm(array, order, axis, keepdims=True)
    return array / np.where(norm == 0, 1, norm)
