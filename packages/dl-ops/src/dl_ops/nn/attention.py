"""Attention."""

from __future__ import annotations

import math
from typing import Any, cast

from dl_ops import ops
from dl_ops.backend.registry import current_backend
from dl_ops.dtypes import finite_range, standardize_dtype
from dl_ops.op import op
from dl_ops.rules import broadcast_shapes, floating
from dl_ops.typing import ConditionLike, Shape, Tensor, TensorLike

__all__ = ["dot_product_attention"]


def _attended(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Shape:
    for name, x in (("query", query), ("key", key), ("value", value)):
        if len(x.shape) != 4:
            raise ValueError(f"{name} has shape {tuple(x.shape)}: expected (batch, length, heads, size)")
    batch, length, heads, size = query.shape
    if None not in (size, key.shape[3]) and size != key.shape[3]:
        raise ValueError(f"query has size {size} a head, key {key.shape[3]}: expected the same")
    if tuple(key.shape[:3]) != tuple(value.shape[:3]) and None not in (*key.shape[:3], *value.shape[:3]):
        raise ValueError(
            f"key has shape {tuple(key.shape)}, value {tuple(value.shape)}: expected the same up to the last axis"
        )
    if None not in (heads, key.shape[2]) and heads % key.shape[2]:
        raise ValueError(f"query has {heads} heads: expected a multiple of key's {key.shape[2]}")
    for name, x in (("bias", bias), ("mask", mask)):
        logits = (batch, heads, length, key.shape[1])
        if x is not None and broadcast_shapes(tuple(x.shape), logits) != logits and None not in logits:
            raise ValueError(f"{name} has shape {tuple(x.shape)}: expected one that broadcasts to {logits}")
    return (batch, length, heads, value.shape[3])


@op(shape=_attended, dtype=floating)
def dot_product_attention(
    query: TensorLike,
    key: TensorLike,
    value: TensorLike,
    bias: TensorLike | None = None,
    mask: ConditionLike | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Tensor:
    """Attention with several heads: ``softmax(scale * query @ key.T + bias) @ value``.

    Parameters
    ----------
    query : tensor_like, shape (batch, target, heads, size)
    key : tensor_like, shape (batch, source, key_heads, size)
        With as many heads as `query`, or a divisor of them: neighbouring heads then share a key and value.
    value : tensor_like, shape (batch, source, key_heads, value_size)
    bias : tensor_like, optional
        Added to the scaled products; of a shape that broadcasts to ``(batch, heads, target, source)``.
    mask : tensor_like of bool, optional
        False where a target must not see a source; of a shape that broadcasts likewise.
    scale : float, optional
        By default ``1 / sqrt(size)``.
    is_causal : bool, default False
        Let targets see sources up to their own position only.
    flash_attention : bool, optional
        True demands the framework's fused implementation, false forbids it. With ``None`` the backend takes it where it
        can, unless ``config.disable_flash_attention()`` says otherwise.
    attn_logits_soft_cap : float, optional
        Squeeze the products between plus and minus this with ``tanh``.

    Returns
    -------
    tensor, shape (batch, target, heads, value_size)

    Raises
    ------
    ValueError
        If shapes do not fit together, or a fused implementation is demanded where there is none for such arguments.

    References
    ----------
    Vaswani et al., "Attention Is All You Need", arXiv:1706.03762; Ainslie et al., "GQA", arXiv:2305.13245.

    Examples
    --------
    >>> x = ops.reshape([1.0, 0.0, 0.0, 1.0], (1, 2, 1, 2))
    >>> dot_product_attention(x, x, x, is_causal=True)[0, 0, 0].tolist()
    [1.0, 0.0]
    """
    if flash_attention:
        raise ValueError(
            f"flash_attention=True: {current_backend().name} has no fused attention for these arguments; None takes it "
            "where there is one"
        )
    _, _, heads, size = cast(Tensor, query).shape
    key_heads = cast(Tensor, key).shape[2]
    if key_heads != heads:
        key, value = ops.repeat(key, heads // key_heads, axis=2), ops.repeat(value, heads // key_heads, axis=2)
    scale = 1.0 / math.sqrt(size) if scale is None else scale
    # (batch, heads, length, size)
    q = ops.transpose(ops.multiply(query, scale), (0, 2, 1, 3))
    k = ops.transpose(key, (0, 2, 3, 1))
    logits = ops.matmul(q, k)
    if bias is not None:
        logits = ops.add(logits, bias)
    if attn_logits_soft_cap is not None:
        logits = ops.multiply(ops.tanh(ops.divide(logits, attn_logits_soft_cap)), attn_logits_soft_cap)
    if is_causal:
        causal = ops.greater_equal(ops.expand_dims(_positions(query), 1), _positions(key))
        mask = causal if mask is None else ops.logical_and(mask, causal)
    if mask is not None:
        logits = ops.where(mask, logits, _very_negative(logits))
    # exponentials overflow in float16, and sum badly in 16 bits
    dtype = standardize_dtype(logits.dtype)
    wide = ops.cast(logits, "float32") if dtype in ("float16", "bfloat16") else logits
    weights = ops.cast(ops.softmax(wide), dtype)
    y = ops.matmul(weights, ops.transpose(value, (0, 2, 1, 3)))
    return ops.transpose(y, (0, 2, 1, 3))


def _positions(x: Any) -> Tensor:
    """0, 1, ... along axis 1, counted where its size is not known yet."""
    size = x.shape[1]
    if size is not None:
        return ops.arange(size)
    along = ops.sum(x[:1, :, :1, :1], axis=(0, 2, 3))
    return ops.subtract(ops.cumsum(ops.ones_like(along, dtype="int32")), 1)


def _very_negative(x: Tensor) -> float:
    """A number that softmax makes 0, but finite: a target that sees nothing gets the mean of all, and not NaN."""
    return 0.5 * float(finite_range(standardize_dtype(x.dtype))[0])
