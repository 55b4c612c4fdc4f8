"""Attention."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from dl_backend_torch import gradients
from dl_backend_torch.default import default
from dl_ops import config
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Tensor:
    demanded = flash_attention
    if flash_attention is None:
        flash_attention = config.is_flash_attention_enabled()
    # the fused kernels have no second derivative
    if attn_logits_soft_cap is not None or flash_attention is False or gradients.is_nested():
        return default(  # type: ignore[no-any-return]
            "dot_product_attention",
            query,
            key,
            value,
            bias,
            mask,
            scale,
            is_causal,
            demanded,
            attn_logits_soft_cap,
        )
    if key.shape[1] != value.shape[1]:
        # PyTorch computes something
        raise ValueError(f"key has shape {tuple(key.shape)}, value {tuple(value.shape)}: expected the same length")
    added = bias
    if is_causal and (mask is not None or bias is not None):
        # PyTorch takes a causal mask or one that is given, not both
        causal = torch.ones(query.shape[1], key.shape[1], dtype=torch.bool, device=query.device).tril()
        mask, is_causal = causal if mask is None else mask & causal, False
    if mask is not None:
        # finite, so that a target that sees nothing gets the mean of all, and not NaN
        limit = torch.scalar_tensor(-0.5 * torch.finfo(query.dtype).max, dtype=query.dtype, device=query.device)
        added = torch.where(mask, torch.zeros_like(limit) if bias is None else bias, limit)
    with _fused_only() if demanded else nullcontext():
        y = functional.scaled_dot_product_attention(
            query.transpose(1, 2),
            key.transpose(1, 2),
            value.transpose(1, 2),
            attn_mask=added,
            is_causal=is_causal,
            scale=scale,
            enable_gqa=key.shape[2] != query.shape[2],
        )
    return y.transpose(1, 2)


# what computes without ever storing the scores
_FUSED = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.CUDNN_ATTENTION]


@contextmanager
def _fused_only() -> Iterator[None]:
    """Raise a ``ValueError`` with PyTorch's reasons where none of its fused kernels can be used."""
    with warnings.catch_warnings(record=True) as reasons, sdpa_kernel(_FUSED):
        warnings.simplefilter("always")
        try:
            yield
        except RuntimeError as error:
            known = "; ".join(str(reason.message).partition(" (Triggered")[0] for reason in reasons)
            raise ValueError(f"flash_attention=True: PyTorch cannot use a fused kernel: {known or error}") from error
