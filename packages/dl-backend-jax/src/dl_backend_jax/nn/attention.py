"""Attention, by cuDNN where it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import jax
from jax import Array

from dl_backend_jax.composed import composed
from dl_ops import config
from dl_ops.backend import Kernels, get_backend
from dl_ops.op import registry

kernels = Kernels()


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
    # XLA fuses well enough by itself not to try cuDNN unasked, which computes in 16 bits only
    asked = config.is_flash_attention_enabled() if flash_attention is None else flash_attention
    if asked and attn_logits_soft_cap is None:
        try:
            return jax.nn.dot_product_attention(
                query, key, value, bias, mask, scale=scale, is_causal=is_causal, implementation="cudnn"
            )
        except (RuntimeError, NotImplementedError, ValueError) as error:
            if flash_attention:
                raise ValueError(f"flash_attention=True: JAX cannot use its fused kernel: {error}") from error
    options = (bias, mask, scale, is_causal, flash_attention, attn_logits_soft_cap)
    result: Array = _default()(query, key, value, *options)
    return result


@cache
def _default() -> Callable[..., Any]:
    default = composed(get_backend("jax"), registry["dot_product_attention"])
    assert default is not None
    return default
