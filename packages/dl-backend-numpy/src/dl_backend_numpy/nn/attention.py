"""Attention in place, on one array of weights with sources first: sums and maxima over them are of whole planes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dl_backend_numpy.default import default
from dl_backend_numpy.numpy.precision import FLOATS, narrowed, widened
from dl_ops.backend import Kernels
from dl_ops.typing import Array

kernels = Kernels()


class Saved(NamedTuple):
    """What the gradient needs: weights, and which of them are not free, both ``(source, batch, heads, target)``."""

    weights: Array
    hidden: Array | None
    scale: float


def is_covered(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: Any = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> bool:
    """Whether each head has a key and value of its own, and nothing that only the default knows is asked for."""
    if flash_attention or attn_logits_soft_cap is not None or not (scale is None or type(scale) is float):
        return False
    if query.dtype.type not in FLOATS:
        return False
    if not query.ndim == key.ndim == value.ndim == 4:
        return False
    return bool(query.shape[::2] == key.shape[::2] == value.shape[::2])


@kernels.add
def dot_product_attention(
    query: Array,
    key: Array,
    value: Array,
    bias: Array | None = None,
    mask: Array | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Array:
    options = (bias, mask, scale, is_causal, flash_attention, attn_logits_soft_cap)
    if not is_covered(query, key, value, *options):
        return default("dot_product_attention", query, key, value, *options)  # type: ignore[no-any-return]  # an array
    return dot_product_attention_and_saved(query, key, value, *options)[0]


def dot_product_attention_and_saved(
    query: Array,
    key: Array,
    value: Array,
    bias: Array | None = None,
    mask: Array | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    *options: Any,
) -> tuple[Array, Saved]:
    """The result, and what the rule need not compute again."""
    dtype = query.dtype
    query, key, value = widened(query), widened(key), widened(value)
    batch, length, heads, size = query.shape
    if scale is None:
        scale = size**-0.5
    weights = np.empty((key.shape[1], batch, heads, length), query.dtype)
    np.matmul(_by_head(key), (query * scale).transpose(0, 2, 3, 1), out=weights.transpose(1, 2, 0, 3))
    if bias is not None:
        weights += _source_first(widened(bias))
    hidden = None if mask is None else ~_source_first(mask)
    if is_causal:
        later = np.arange(len(weights))[:, None, None, None] > np.arange(length)
        hidden = later if hidden is None else hidden | later
    if hidden is not None:
        # finite: a target that sees nothing gets the mean of all
        np.copyto(weights, np.finfo(weights.dtype).min / 2, where=hidden)
    weights -= np.maximum.reduce(weights, 0)
    np.exp(weights, out=weights)
    weights /= np.add.reduce(weights, 0)
    y = np.empty((*query.shape[:3], value.shape[3]), query.dtype)
    np.matmul(weights.transpose(1, 2, 3, 0), _by_head(value), out=_by_head(y))
    return narrowed(y, dtype), Saved(weights, hidden, scale)


def dot_product_attention_gradients(
    saved: Saved, g: Array, y: Array, query: Array, key: Array, value: Array, bias: Array | None = None
) -> list[Array | None]:
    """Gradients for the queries, keys, values and the bias, the last of the products' shape."""
    weights, hidden, scale = saved
    g, y, query, key, value = (widened(x) for x in (g, y, query, key, value))
    of_query, of_key, of_value = np.empty_like(query), np.empty_like(key), np.empty_like(value)
    np.matmul(weights.transpose(1, 2, 0, 3), _by_head(g), out=_by_head(of_value))
    d = np.empty_like(weights)
    np.matmul(_by_head(value), g.transpose(0, 2, 3, 1), out=d.transpose(1, 2, 0, 3))
    # the sum of weights * d over the sources
    d -= np.ascontiguousarray(np.einsum("bthd,bthd->bth", y, g).transpose(0, 2, 1))
    d *= weights
    if hidden is not None:
        np.copyto(d, 0, where=hidden)
    np.matmul(d.transpose(1, 2, 3, 0), _by_head(key), out=_by_head(of_query))
    np.matmul(d.transpose(1, 2, 0, 3), _by_head(query), out=_by_head(of_key))
    of_query *= scale
    of_key *= scale
    return [of_query, of_key, of_value, None if bias is None else d.transpose(1, 2, 3, 0)]


def _by_head(x: Array) -> Array:
    return x.transpose(0, 2, 1, 3)


def _source_first(x: Array) -> Array:
    """What broadcasts to (batch, heads, target, source), so that it does to (source, batch, heads, target)."""
    return x.reshape((1,) * (4 - x.ndim) + x.shape).transpose(3, 0, 1, 2)
