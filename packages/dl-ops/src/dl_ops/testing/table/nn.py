"""Cases of convolution, pooling, normalization and attention."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from dl_ops.testing import references
from dl_ops.testing.arrays import apart, draw, positive
from dl_ops.testing.case import ALL, FLOATS, Case
from dl_ops.typing import Array


def _conv(op: str, *args: Any, label: str, **kwargs: Any) -> Case:
    return Case(
        op,
        args,
        kwargs,
        reference=getattr(references, op),
        gradient=True,
        tolerance=4,
        label=label,
        unknown=("inputs",),
    )


_IMAGES = draw(2, 6, 7, 4)
_FIRST = "channels_first"


def _batch_normalization(
    x: Array, mean: Array, variance: Array, axis: int, offset: Any = None, scale: Any = None, epsilon: float = 1e-3
) -> Array:
    shape = [1] * x.ndim
    shape[axis] = -1
    y = (x - mean.reshape(shape)) / np.sqrt(variance.reshape(shape) + epsilon)
    y = y if scale is None else y * scale.reshape(shape)
    return np.asarray(y if offset is None else y + offset.reshape(shape))


def _layer_normalization(x: Array, gamma: Any = None, beta: Any = None, axis: Any = -1, epsilon: float = 1e-7) -> Array:
    y = (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + epsilon)
    y = y if gamma is None else y * gamma
    return np.asarray(y if beta is None else y + beta)


def _rms_normalization(x: Array, scale: Any = None, axis: Any = -1, epsilon: float = 1e-7) -> Array:
    y = x / np.sqrt((x * x).mean(axis, keepdims=True) + epsilon)
    return np.asarray(y if scale is None else y * scale)


def _normalize(x: Array, axis: Any = -1, order: int = 2, epsilon: Any = None) -> Array:
    return np.asarray(x / np.sum(np.abs(x) ** order, axis, keepdims=True) ** (1 / order))


def _attention(
    query: Array,
    key: Array,
    value: Array,
    bias: Any = None,
    mask: Any = None,
    scale: Any = None,
    is_causal: bool = False,
    flash: Any = None,
    attn_logits_soft_cap: Any = None,
) -> Array:
    heads = query.shape[2]
    key, value = (np.repeat(x, heads // x.shape[2], axis=2) for x in (key, value))
    logits = np.einsum("bqhd,bkhd->bhqk", query, key) * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    logits = logits if bias is None else logits + bias
    if attn_logits_soft_cap is not None:
        logits = np.tanh(logits / attn_logits_soft_cap) * attn_logits_soft_cap
    if mask is not None:
        logits = np.where(mask, logits, -np.inf)
    if is_causal:
        logits = np.where(np.tri(*logits.shape[-2:]) > 0, logits, -np.inf)
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(np.einsum("bhqk,bkhd->bqhd", weights / weights.sum(-1, keepdims=True), value))


_Q, _K, _V = draw(2, 3, 4, 5), draw(2, 6, 4, 5), draw(2, 6, 4, 5)
_MASK = np.arange(2 * 3 * 6).reshape(2, 1, 3, 6) % 5 != 0

CASES: Final = [
    # -- convolution
    *(
        Case(
            op, args, reference=getattr(references, op), dtypes=("int32", "int8"), label="integers", unknown=("inputs",)
        )
        for op, args in {
            "conv": (draw(1, 4, 5, 2), draw(2, 2, 2, 3)),
            "depthwise_conv": (draw(1, 4, 5, 2), draw(2, 2, 2, 3)),
            "separable_conv": (draw(1, 4, 5, 2), draw(2, 2, 2, 1), draw(1, 1, 2, 3)),
            "conv_transpose": (draw(1, 4, 5, 2), draw(2, 2, 3, 2)),
        }.items()
    ),
    _conv("conv", draw(2, 8, 3), draw(3, 3, 5), label="1d"),
    _conv("conv", _IMAGES, draw(3, 2, 4, 3), label="2d"),
    _conv("conv", draw(1, 4, 5, 4, 2), draw(2, 3, 2, 2, 3), label="3d"),
    _conv("conv", _IMAGES, draw(3, 2, 4, 3), 2, "same", label="same-strides"),
    _conv("conv", _IMAGES, draw(3, 2, 4, 3), (2, 1), label="each-stride"),
    _conv("conv", _IMAGES, draw(3, 3, 4, 3), 1, "same", label="same"),
    _conv("conv", _IMAGES, draw(2, 2, 4, 3), dilation_rate=2, label="dilated"),
    _conv("conv", _IMAGES, draw(2, 2, 4, 3), 1, "same", dilation_rate=(2, 3), label="dilated-same"),
    _conv("conv", _IMAGES, draw(3, 2, 2, 6), label="groups"),
    _conv("conv", _IMAGES, draw(3, 2, 4, 3), (2, 3), "same", None, (2, 1), label="strides-dilated-same"),
    _conv("conv", draw(2, 4, 9), draw(3, 2, 6), 2, "same", _FIRST, 2, label="strides-dilated-groups"),
    _conv("conv", draw(2, 10, 3), draw(2, 3, 2), 3, "valid", None, 2, label="strides-dilated"),
    _conv("conv", draw(1, 3, 4, 2), draw(5, 4, 2, 3), 1, "same", label="larger-than-the-image"),
    _conv("conv", draw(1, 4, 5, 4, 2), draw(3, 2, 2, 2, 3), 2, "same", label="3d-same"),
    _conv("conv", draw(1, 2, 4, 5, 4), draw(2, 2, 2, 1, 4), 1, "valid", _FIRST, label="3d-groups"),
    _conv("conv", draw(0, 6, 5, 4), draw(3, 2, 4, 3), label="empty"),
    _conv("conv", draw(2, 4, 6, 7), draw(3, 2, 4, 3), 1, "same", _FIRST, label="channels-first"),
    _conv("conv", draw(2, 4, 8), draw(3, 2, 6), 2, "valid", _FIRST, label="channels-first-groups"),
    _conv("depthwise_conv", _IMAGES, draw(3, 2, 4, 1), label="2d"),
    _conv("depthwise_conv", _IMAGES, draw(3, 3, 4, 2), 2, "same", label="multiplier"),
    _conv("depthwise_conv", draw(2, 8, 3), draw(3, 3, 2), label="1d"),
    _conv("depthwise_conv", draw(2, 4, 6, 7), draw(3, 2, 4, 2), 1, "valid", _FIRST, 2, label="channels-first"),
    _conv("depthwise_conv", _IMAGES, draw(3, 2, 4, 1), (1, 2), "same", label="each-stride"),
    _conv("depthwise_conv", draw(1, 3, 4, 5, 2), draw(2, 2, 3, 2, 2), label="3d"),
    _conv("separable_conv", _IMAGES, draw(3, 2, 4, 2), draw(1, 1, 8, 3), label="2d"),
    _conv("separable_conv", draw(2, 8, 3), draw(3, 3, 1), draw(1, 3, 5), 2, "same", label="1d"),
    _conv("conv_transpose", draw(2, 5, 3), draw(3, 4, 3), label="1d"),
    _conv("conv_transpose", draw(2, 3, 4, 3), draw(3, 2, 2, 3), 2, label="strides"),
    _conv("conv_transpose", draw(2, 3, 4, 3), draw(3, 3, 2, 3), 2, "same", label="same"),
    _conv("conv_transpose", draw(2, 3, 4, 3), draw(2, 2, 2, 3), 3, "valid", label="gaps"),
    _conv("conv_transpose", draw(2, 3, 4, 3), draw(3, 3, 2, 3), 1, "same", dilation_rate=2, label="dilated"),
    _conv("conv_transpose", draw(2, 3, 3, 4), draw(3, 3, 2, 3), 2, "same", data_format=_FIRST, label="channels-first"),
    _conv("conv_transpose", draw(1, 3, 2, 2, 2), draw(2, 3, 2, 3, 2), 2, "same", label="3d"),
    _conv("conv_transpose", draw(2, 3, 5), draw(4, 2, 3), (3,), data_format=_FIRST, label="channels-first-strides"),
    _conv("conv_transpose", draw(2, 3, 4, 3), draw(3, 2, 2, 3), 2, "valid", 1, label="output-padding"),
    _conv("conv_transpose", draw(2, 3, 4, 3), draw(3, 4, 2, 3), 3, "same", (2, 0), label="output-padding-same"),
    _conv("conv_transpose", draw(2, 3, 3), draw(2, 2, 3), 3, "valid", 1, None, 2, label="output-padding-dilated"),
    _conv("conv_transpose", draw(1, 2, 2, 3, 2), draw(2, 3, 2, 2, 2), 2, "same", 1, _FIRST, label="output-padding-3d"),
    # -- pooling
    *(
        _conv(op, apart(1, 4, 5, 4, 2), (2, 3, 1), (1, 2, 2), "same", label="3d-same")
        for op in ("max_pool", "average_pool")
    ),
    *(_conv(op, apart(2, 3, 8), 3, 2, "same", _FIRST, label="1d-same") for op in ("max_pool", "average_pool")),
    *(_conv(op, apart(1, 3, 4, 2), 5, 1, "same", label="larger") for op in ("max_pool", "average_pool")),
    *(_conv(op, draw(0, 6, 7, 3), 2, label="empty") for op in ("max_pool", "average_pool")),
    Case("max_pool", (apart(2, 6, 7, 3), 2), reference=references.max_pool, dtypes=ALL[2:], label="dtypes"),
    Case("average_pool", (apart(2, 6, 7, 3), 2), reference=references.average_pool, dtypes=("int32",), label="int"),
    Case("max_pool", (apart(1, 4, 5, 4, 2), 2), reference=references.max_pool, dtypes=("int32",), label="3d-int"),
    Case(
        "max_pool",
        (np.array([-np.inf, -np.inf, np.nan, 1.0, np.inf]).reshape(1, 5, 1), 2, 2, "same"),
        reference=lambda *a: np.array([-np.inf, np.nan, np.inf]).reshape(1, 3, 1),
        label="not-finite",
    ),
    *(_conv(op, apart(2, 8, 3), 2, label="1d") for op in ("max_pool", "average_pool")),
    *(_conv(op, apart(2, 6, 7, 3), 2, label="2d") for op in ("max_pool", "average_pool")),
    *(_conv(op, apart(2, 6, 7, 3), (3, 2), (2, 1), "same", label="same") for op in ("max_pool", "average_pool")),
    *(_conv(op, apart(2, 6, 7, 3), 3, 1, label="overlapping") for op in ("max_pool", "average_pool")),
    *(_conv(op, apart(1, 4, 4, 4, 2), 2, label="3d") for op in ("max_pool", "average_pool")),
    *(
        _conv(op, apart(2, 3, 6, 7), 2, 2, "same", _FIRST, label="channels-first")
        for op in ("max_pool", "average_pool")
    ),
    # -- normalization
    Case("moments", (draw(3, 4, 5), (0, 2)), reference=lambda x, a: (x.mean(a), x.var(a)), gradient=True, label="axes"),
    Case(
        "moments",
        (draw(3, 4, 5), [1], True),
        reference=lambda x, a, k: (x.mean(a[0], keepdims=True), x.var(a[0], keepdims=True)),
        gradient=True,
        label="keepdims",
    ),
    Case(
        "moments",
        (draw(3, 4), 0),
        {"synchronized": True},
        reference=lambda x, a, synchronized: (x.mean(a), x.var(a)),
        gradient=True,
        label="synchronized",
    ),
    Case(
        "batch_normalization",
        (draw(3, 4, 5), draw(5), positive(5), -1, draw(5), draw(5)),
        reference=_batch_normalization,
        gradient=True,
        label="all",
    ),
    Case(
        "batch_normalization",
        (draw(3, 4, 5), draw(4), positive(4), 1),
        reference=_batch_normalization,
        gradient=True,
        label="plain",
    ),
    Case("layer_normalization", (draw(3, 4, 5),), reference=_layer_normalization, gradient=True, label="plain"),
    Case(
        "layer_normalization",
        (draw(3, 5), draw(5), draw(5), -1, 1e-2),
        reference=_layer_normalization,
        gradient=True,
        label="all",
    ),
    Case(
        "layer_normalization",
        (draw(2, 3, 4), draw(3, 4), draw(3, 4), (1, 2)),
        reference=_layer_normalization,
        gradient=True,
        label="axes",
    ),
    Case(
        "layer_normalization",
        (draw(2, 3, 4), draw(4)),
        reference=_layer_normalization,
        gradient=True,
        label="factors",
    ),
    Case(
        "layer_normalization",
        (draw(3, 5), None, draw(5)),
        reference=_layer_normalization,
        gradient=True,
        label="shift",
    ),
    Case(
        "layer_normalization",
        (draw(2, 3, 4), None, None, 1),
        reference=_layer_normalization,
        gradient=True,
        label="inner-axis",
    ),
    Case("rms_normalization", (draw(3, 5),), reference=_rms_normalization, gradient=True, label="plain"),
    Case(
        "rms_normalization",
        (draw(3, 5), draw(5)),
        reference=_rms_normalization,
        gradient=True,
        label="scale",
    ),
    Case("normalize", (draw(3, 5),), reference=_normalize, gradient=True, label="euclid"),
    Case("normalize", (draw(3, 5), 0, 1), reference=_normalize, gradient=True, label="sum"),
    Case("normalize", (draw(3, 5), 1, 3), reference=_normalize, gradient=True, label="cubic"),
    # whose squares are neither finite nor more than nothing in 16 bits
    Case("normalize", (np.array([[3e4, -4e4], [3e-4, 4e-4]]),), reference=_normalize, dtypes=FLOATS, label="sizes"),
    # -- attention
    Case("dot_product_attention", (_Q, _K, _V), reference=_attention, gradient=True, label="plain"),
    Case(
        "dot_product_attention",
        (_Q, _K, _V, draw(2, 4, 3, 6), _MASK),
        reference=_attention,
        gradient=True,
        label="bias-and-mask",
    ),
    Case(
        "dot_product_attention",
        (_Q, _K, _V, draw(4, 1, 6)),
        reference=_attention,
        gradient=True,
        label="bias-of-sources",
    ),
    Case(
        "dot_product_attention",
        (_K, _K, _V),
        {"is_causal": True, "scale": 0.3},
        reference=_attention,
        gradient=True,
        label="causal",
    ),
    Case(
        "dot_product_attention",
        (_Q, draw(2, 6, 2, 5), draw(2, 6, 2, 5)),
        reference=_attention,
        gradient=True,
        label="grouped",
    ),
]
