"""Cases of attention."""

from __future__ import annotations

import functools
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
    window: int | None = None,
) -> Any:
    """One head and one query at a time."""
    q, v = _mapped(weights, "query", query), _mapped(weights, "value", value)
    k = _mapped(weights, "key", value if key is None else key)
    batch, positions, heads, size = q.shape
    # neighbouring heads share keys and values
    k, v = (np.repeat(x, heads // x.shape[2], axis=2) for x in (k, v))
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
        if window is not None:
            allowed &= np.abs(np.arange(k.shape[1]) - i) < window
        if query_mask is not None and not query_mask[b, i]:
            allowed[:] = False
        # a query that sees nothing gets the mean
        powers = np.exp(k[b, :, h] @ q[b, i, h] / np.sqrt(size)) * allowed if allowed.any() else np.ones(k.shape[1])
        scores[b, h, i] = powers / powers.sum()
        mixed[b, i, h] = scores[b, h, i] @ v[b, :, h]
    if "gate/kernel" in weights:
        mixed = mixed / (1 + np.exp(-_mapped(weights, "gate", query)))
    bias = weights.get("attention_output/bias", 0.0)
    output = np.tensordot(mixed, weights["attention_output/kernel"], 2) + bias
    return (output, scores) if return_attention_scores else output


def _windowed(window: int) -> Any:
    return functools.partial(_attention, window=window)


def _along_one_axis(weights: Weights, query: Array, value: Array, use_causal_mask: bool = False) -> Array:
    """Attention along the second of two axes of positions: one row of the first at a time."""
    rows = [
        _attention(weights, query[:, i], value[:, i], use_causal_mask=use_causal_mask) for i in range(query.shape[1])
    ]
    return np.stack(rows, axis=1)


def _along_two_axes(weights: Weights, query: Array, value: Array) -> Array:
    """Attention along two axes of positions: along one, of both."""

    def flat(x: Array) -> Array:
        return x.reshape(len(x), -1, x.shape[-1])

    flattened = {name: w.reshape(*w.shape[:2], -1) if "output/kernel" in name else w for name, w in weights.items()}
    flattened["attention_output/bias"] = weights["attention_output/bias"].reshape(-1)
    y = _attention(flattened, flat(query), flat(value))
    return np.asarray(y.reshape(*query.shape[:-1], *weights["attention_output/bias"].shape))


def _unmapped(additive: bool) -> Any:
    """Attention of the queries, keys and values as they are, one query at a time."""

    def reference(
        weights: Weights,
        inputs: Any,
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        query, value, key = (*inputs, inputs[1])[:3]
        scale = weights.get("scale", 1.0)
        scores = np.zeros((*query.shape[:2], key.shape[1]))
        for b, i, j in np.ndindex(scores.shape):
            q, k = query[b, i], key[b, j]
            if additive:
                scores[b, i, j] = np.sum(scale * np.tanh(q + k))
            elif "concat_score_weight" in weights:
                scores[b, i, j] = weights["concat_score_weight"] * np.sum(np.tanh(scale * (q + k)))
            else:
                scores[b, i, j] = scale * (q @ k)
        powers = np.exp(scores)
        if mask is not None and mask[1] is not None:
            powers = powers * mask[1][:, None]
        if use_causal_mask:
            powers = powers * np.tri(*powers.shape[1:])
        shares = powers / powers.sum(-1, keepdims=True)
        output = np.einsum("bqk,bkf->bqf", shares, value)
        if mask is not None and mask[0] is not None:
            output = output * mask[0][..., None]
        return (output, shares) if return_attention_scores else output

    return reference


def _names(*maps: str, bias: bool = True) -> list[str]:
    return [f"{name}/{part}" for name in maps for part in (("kernel", "bias") if bias else ("kernel",))]


_FOUR = _names("query", "key", "value", "attention_output")
_QUERY, _VALUE, _KEY = draw(2, 3, 4), draw(2, 5, 6), draw(2, 5, 7)
_ALLOWED = flags(2, 3, 5)
_ALLOWED[..., 0] = True
_VALUES_SEEN = flags(2, 5)
_VALUES_SEEN[:, 0] = True
_QUERIES_SEEN = np.array([[True, False, True], [True, True, False]])

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
        reference=_along_two_axes,
        weights=_FOUR,
        tolerance=2,
        label="axes",
    ),
    LayerCase(
        Recipe("MultiHeadAttention", num_heads=2, key_dim=3, attention_axes=-2),
        (draw(2, 2, 3, 4), draw(2, 2, 3, 4)),
        {"use_causal_mask": True},
        reference=_along_one_axis,
        weights=_FOUR,
        unknown=(0, 2),
        tolerance=2,
        label="axis",
    ),
    LayerCase(
        Recipe("MultiHeadAttention", num_heads=2, key_dim=3, sliding_window=2),
        (_VALUE, _VALUE),
        {"use_causal_mask": True},
        reference=_windowed(2),
        weights=_FOUR,
        unknown=(0, 1),
        tolerance=2,
        label="window",
    ),
    LayerCase(
        Recipe("MultiHeadAttention", num_heads=2, key_dim=3, sliding_window=3),
        (_QUERY, _VALUE),
        {"query_mask": _QUERIES_SEEN, "return_attention_scores": True, "use_causal_mask": True},
        reference=_windowed(3),
        weights=_FOUR,
        unknown=(),
        tolerance=2,
        label="window-scores",
    ),
    LayerCase(
        Recipe("GroupQueryAttention", head_dim=3, num_query_heads=4, num_key_value_heads=2),
        (_QUERY, _VALUE),
        reference=_attention,
        weights=_FOUR,
        unknown=(0, 1),
        tolerance=2,
    ),
    LayerCase(
        Recipe(
            "GroupQueryAttention",
            head_dim=2,
            num_query_heads=2,
            num_key_value_heads=1,
            use_bias=False,
            use_gate=True,
            sliding_window=2,
        ),
        (_VALUE, _VALUE, _KEY),
        {"return_attention_scores": True, "use_causal_mask": True},
        reference=_windowed(2),
        weights=_names("query", "key", "gate", "value", "attention_output", bias=False),
        tolerance=2,
        label="scores",
    ),
    LayerCase(
        Recipe("GroupQueryAttention", head_dim=3, num_query_heads=2, num_key_value_heads=2),
        (_QUERY, _VALUE),
        {"attention_mask": _ALLOWED, "value_mask": _VALUES_SEEN},
        reference=_attention,
        weights=_FOUR,
        unknown=(),
        tolerance=2,
        label="masks",
    ),
    LayerCase(
        Recipe("GroupQueryAttention", head_dim=3, num_query_heads=2, num_key_value_heads=1, dropout=0.5, seed=2),
        (_QUERY, _VALUE),
        {"training": True},
        weights=_FOUR,
        random=True,
        label="dropout",
    ),
    *(
        LayerCase(
            Recipe(name, use_scale=True, **options),
            inputs,
            call,
            reference=_unmapped(name == "AdditiveAttention"),
            weights=("scale", *(["concat_score_weight"] if options else [])),
            unknown=() if "mask" in call else (0, 1),
            tolerance=2,
            label="-".join([*options.values(), label]),
        )
        for name, options in (("Attention", {}), ("Attention", {"score_mode": "concat"}), ("AdditiveAttention", {}))
        for label, inputs, call in (
            ("", ([draw(2, 3, 4), draw(2, 5, 4)],), {}),
            ("key", ([draw(2, 3, 4), draw(2, 5, 6), draw(2, 5, 4)],), {"use_causal_mask": True}),
            (
                "masks",
                ([draw(2, 3, 4), draw(2, 5, 4)],),
                {"mask": [_QUERIES_SEEN, _VALUES_SEEN], "return_attention_scores": True, "use_causal_mask": True},
            ),
        )
    ),
    LayerCase(Recipe("Attention"), ([draw(2, 3, 4), draw(2, 5, 4)],), reference=_unmapped(False), label="plain"),
    LayerCase(
        Recipe("AdditiveAttention", use_scale=False),
        ([draw(2, 3, 4), draw(2, 5, 4)],),
        {"mask": [_QUERIES_SEEN, _VALUES_SEEN]},
        reference=_unmapped(True),
        unknown=(),
        label="plain",
    ),
    LayerCase(
        Recipe("Attention", dropout=0.5, seed=2),
        ([draw(2, 3, 4), draw(2, 5, 4)],),
        {"training": True},
        random=True,
        label="dropout",
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
