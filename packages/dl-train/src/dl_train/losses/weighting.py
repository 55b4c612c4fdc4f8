"""Weights, masks and reductions, which losses and metrics have in common."""

from __future__ import annotations

from typing import Any, Final

from dl_layers.layer.masks import get_mask
from dl_ops import config, ops, tree
from dl_ops.backend import Backend, current_backend
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.interchange import backend_of, convert
from dl_ops.rules import broadcast_shapes
from dl_ops.symbolic import KerasTensor

REDUCTIONS: Final = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)
MEANS: Final = ("sum_over_batch_size", "mean", "mean_with_sample_weight")
"""Those that are the mean where there are no weights."""


def owner(*structures: Any) -> Backend:
    """Backend of the first tensor that has one, else the active one."""
    active = current_backend()
    if isinstance(structures[0], active.tensor_types):
        return active
    for structure in structures:
        if isinstance(structure, (list, tuple, dict)):
            found = next((b for b in map(backend_of, tree.flatten(structure)) if b is not None), None)
        else:
            found = backend_of(structure)
        if found is not None:
            return found
    return active


def as_tensor(x: Any, backend: Backend, dtype: str | None = None) -> Any:
    """Tensor of a backend from anything tensor-like that is its own or nobody's; a symbolic one stays symbolic."""
    if isinstance(x, backend.tensor_types):
        return x if dtype is None else backend.cast(x, dtype)
    if isinstance(x, KerasTensor):
        return x if dtype is None or x.dtype == dtype else ops.cast(x, dtype)
    return convert(x, backend, dtype)


def float_pair(y_true: Any, y_pred: Any, of: str | None = None) -> tuple[Any, Any]:
    """Targets and predictions as tensors of one backend, float dtype and rank.

    Raises
    ------
    ValueError
        If their shapes do not broadcast; checked where the name of the loss is given.
    """
    backend = owner(y_pred, y_true)
    y_pred = in_float(y_pred, backend)
    y_true, y_pred = align_ranks(as_tensor(y_true, backend, standardize_dtype(y_pred.dtype)), y_pred)
    if of is not None and y_true.shape != y_pred.shape:
        target, output = tuple(y_true.shape), tuple(y_pred.shape)
        try:
            broadcast_shapes(target, output)
        except ValueError:
            raise ValueError(f"{of}: y_true has shape {target}, y_pred {output}: expected the same") from None
    return y_true, y_pred


def in_float(x: Any, backend: Backend) -> Any:
    """Tensor of a backend, of the default float if it is of no other."""
    x = as_tensor(x, backend)
    return x if is_float(standardize_dtype(x.dtype)) else as_tensor(x, backend, config.floatx())


def batch_size(x: Any) -> Any:
    """Size of a tensor's first axis: an integer, or a tensor where it is not known."""
    size = x.shape[0]
    return ops.shape(x)[0] if size is None else size


def align_ranks(x: Any, y: Any) -> tuple[Any, Any]:
    """Give two tensors the same rank if one has a last axis of size 1 that the other lacks.

    The axis is dropped, or added to the other one if that has a single axis: ``(batch,)`` against ``(batch, 1)``.
    """
    difference = len(x.shape) - len(y.shape)
    if difference == 1 and x.shape[-1] == 1:
        return (x, ops.expand_dims(y, -1)) if len(y.shape) == 1 else (ops.squeeze(x, -1), y)
    if difference == -1 and y.shape[-1] == 1:
        return (ops.expand_dims(x, -1), y) if len(x.shape) == 1 else (x, ops.squeeze(y, -1))
    return x, y


def align_weights(weights: Any, values: Any) -> Any:
    """Weights in a shape that broadcasts against values: given for leading axes, they count for all behind these.

    Raises
    ------
    ValueError
        If their shape does not fit that of the values.
    """
    missing = len(values.shape) - len(weights.shape)
    if missing == -1 and weights.shape[-1] == 1:
        weights = ops.squeeze(weights, -1)
        missing = 0
    of_all = len(values.shape) == 0  # a value for the whole batch, which weights may be given for one by one
    fits = all(a == b or 1 in (a, b) or None in (a, b) for a, b in zip(weights.shape, values.shape, strict=False))
    if not of_all and (missing < 0 or not fits):
        raise ValueError(
            f"weights of shape {tuple(weights.shape)} do not fit values of shape {tuple(values.shape)}: "
            "expected that shape, or its leading axes"
        )
    if missing > 0 and len(weights.shape) > 0:
        shape = [-1 if size is None else size for size in weights.shape]
        return ops.reshape(weights, (*shape, *(1,) * missing))
    return weights


def combine(weights: Any, mask: Any, dtype: str) -> Any:
    """Product of weights and a mask, either of which may be ``None``."""
    if mask is None:
        return weights
    mask = ops.cast(mask, dtype)
    if weights is None:
        return mask
    if len(weights.shape) < len(mask.shape):
        return align_weights(weights, mask) * mask
    return weights * align_weights(mask, weights)


def both(mask: Any, other: Any) -> Any:
    """Conjunction of two masks, either of which may be ``None``, or be given for leading axes of the other alone."""
    if mask is None or other is None:
        return other if mask is None else mask
    if len(mask.shape) > len(other.shape):
        mask, other = other, mask
    return ops.logical_and(align_weights(mask, other), other)


def reduce_weighted(values: Any, weights: Any, mask: Any, reduction: str | None, dtype: str) -> Any:
    """Weighted losses, reduced.

    Parameters
    ----------
    values : tensor, shape (...)
    weights : tensor or None
        Of a shape that `align_weights` makes fit.
    mask : tensor or None
        True for values that count. For means, those that do not count are left out of the number that is divided by.
    reduction : {"sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none", None}
    dtype : str
        Of the result.

    Returns
    -------
    tensor, shape () or (...)
    """
    if mask is not None:
        mask = ops.cast(mask, dtype)
        if reduction in ("sum_over_batch_size", "mean"):
            mask = mask / ops.maximum(ops.mean(mask), config.epsilon())
        weights = combine(weights, mask, dtype)
    if weights is not None:
        weights = align_weights(weights, values)
        values = values * weights
    if reduction in ("none", None):
        return values
    if reduction == "sum":
        return ops.sum(values)
    if reduction == "mean_with_sample_weight" and weights is not None:
        return ops.divide_no_nan(ops.sum(values), ops.sum(weights * ops.ones_like(values)))
    return ops.mean(values)


def mask_of(structure: Any) -> Any:
    """Mask that travels with a tensor, or with the first one of a structure."""
    if isinstance(structure, (list, tuple, dict)):
        leaves = tree.flatten(structure)
        return get_mask(leaves[0]) if leaves else None
    return get_mask(structure)
