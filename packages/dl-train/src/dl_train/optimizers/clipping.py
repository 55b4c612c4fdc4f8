"""Limits on gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dl_ops import ops
from dl_ops.dtypes import standardize_dtype


def clip_by_value(gradients: Sequence[Any], limit: float) -> list[Any]:
    """Limit every element to ``[-limit, limit]``."""
    return [ops.clip(gradient, -limit, limit) for gradient in gradients]


def clip_by_norm(gradients: Sequence[Any], limit: float) -> list[Any]:
    """Scale each gradient whose Euclidean norm is above `limit` down to that norm."""
    return [_scaled(gradient, _square_sum(gradient), limit) for gradient in gradients]


def clip_by_global_norm(gradients: Sequence[Any], limit: float) -> list[Any]:
    """Scale all gradients by one factor if the norm of all elements together is above `limit`.

    References
    ----------
    Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", arXiv:1211.5063.
    """
    total = _square_sum(gradients[0])
    for gradient in gradients[1:]:
        total = ops.add(total, _square_sum(gradient))
    return [_scaled(gradient, total, limit) for gradient in gradients]


def _square_sum(gradient: Any) -> Any:
    if standardize_dtype(gradient.dtype) in ("float16", "bfloat16"):
        gradient = ops.cast(gradient, "float32")  # squares overflow float16 early
    return ops.sum(ops.square(gradient))


def _scaled(gradient: Any, square_sum: Any, limit: float) -> Any:
    factor = ops.divide(limit, ops.maximum(ops.sqrt(square_sum), limit))
    return ops.multiply(gradient, ops.cast(factor, standardize_dtype(gradient.dtype)))
