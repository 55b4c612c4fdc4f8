"""Cases of attention."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing.arrays import draw, flags
from dl_ops.typing import Array

Weights = dict[str, Array]


def _mapped(weights: Weights, name: str, x: Array) -> Array:
    return np.asarray(np.einsum("...f,fhd->...hd", x, weights[f"{name}/kernel"]) + weights.get(f"{name}/bias", 0.0))


def _attention(
    weights: Weights,
    query: Array,
    value: Array,
    key: Array | None = None,
    attention_mask: Array | None = None,
    query_mask: Array | None = None,
    value_mask: Array | None = None,
    return_attention_scores: bool = False,
    use_causal_mask: bool = False,
    training: bool = False,
) -> Any:
    """One head and one query at a time."""
    q, v = _mapped(weights, "query", query), _mapped(weights, "value", value)
    k = _mapped(weights, "key", value if key is None else key)
    batch, positions, heads, size = q.shape
    scores = np.zeros((batch, heads, positions, k.shape[1]))
    mixed = np.zeros((batch, positions, heads, v.shape[-1]))
    for b, h, i in np.ndindex(batch, heads, positions):
        allowed = np.ones(k.shape[1], bool)
        if attention_mask is not None:
            allowed &= attention_mask[b, i]
        if value_mask is not None:
            allowed &= value_mask[b]
        if use_causal_mask:
            allowed &= np.arange(k.shape[1]) <= i
        powers = np.exp(k[b, :, h] @ q[b, i, h] / np.sqrt(size)) * allowed
        scores[b, h, i] = powers / powers.sum()
        mixed[b, i, h] = scores[b, h, i] @ v[b, :, h]
    if "gate/kernel" in weights:
        mixed = mixed / (1 + np.exp(-_mapped(weights, "gate", query)))
    bias = weights.get("attention_output/bias", 0.0)
    output = np.tensordot(mixed, weights["attention_output/kernel"], 2) + bias
    return (output, scores) if return_attention_scores else output


def _names(*maps: str, bias: bool = True) -> list[str]:
    return [f"{name}/{part}" for name in maps for part in (("kernel", "bias") if bias else ("kernel",))]


_FOUR = _names("query", "key", "value", "attention_output")
_QUERY, _VALUE, _KEY = draw(2, 3, 4), draw(2, 5, 6), draw(2, 5, 7)
_ALLOWED = flags(2, 3, 5)
_ALLOWED[..., 0] = True
_VALUES_SEEN = flags(2, 5)
_VALUES_SEEN[:, 0] = True

CASES: Final = [
    LayerCase(
        Recipe("MultiHeadAttention", num_heads=2, key_dim=3),
        (_QUERY, _VALUE),
        reference=_attention,
        weights=_FOUR,
        unknown=(0, 1),
        tolerance=2,
    ),
    LayerCase(
        Recipe("MultiHeadAttention", num_heads=2, key_dim=3, value_dim=2, output_shape=5, use_bias=False),
        (_QUERY, _VALUE, _KEY),
        {"return_attention_scores": True},
        reference=_attention,
        weights=_names("query", "key", "value", "attention_output", bias=False),
        tolerance=2,
        label="scores",
    ),
    LayerCase(
        Recipe("MultiHeadAttention", num_heads=1, key_dim=3, flash_attention=False),
        (_QUERY, _VALUE),
        {"attention_mask": _ALLOWED, "value_mask": _VALUES_SEEN},
        reference=_attention,
        weights=_FOUR,
        unknown=(),
        tolerance=2,
        label="masks",
    ),
    LayerCase(
        Recipe("MultiHeadAttention", num_heads=2, key_dim=3),
        (_VALUE, _VALUE),
        {"use_causal_mask": True},
        reference=_attention,
        weights=_FOUR,
        tolerance=2,
        label="causal",
    ),
    LayerCase(
        Recipe("MultiHeadAttention", num_heads=2, key_dim=3, use_gate=True),
        (_QUERY, _VALUE),
        reference=_attention,
        weights=_names("query", "key", "gate", "value", "attention_output"),
        tolerance=2,
        label="gate",
    ),
    LayerCase(
        Recipe("MultiHeadAttention", num_heads=2, key_dim=3, attention_axes=(1, 2), output_shape=(2, 3)),
        (draw(2, 2, 3, 4), draw(2, 2, 3, 4)),
        weights=_FOUR,
        tolerance=2,
        label="axes",
    ),
    LayerCase(
        Recipe("MultiHeadAttention", num_heads=2, key_dim=3, dropout=0.5, seed=2),
        (_QUERY, _VALUE),
        {"training": True},
        weights=_FOUR,
        random=True,
        label="dropout",
    ),
]
