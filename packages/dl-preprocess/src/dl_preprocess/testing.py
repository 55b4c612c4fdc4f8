"""Cases of preprocessing layers for the conformance kit of `dl_layers.testing`."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_layers.testing import LayerCase, Recipe
from dl_ops.testing.arrays import apart, draw, integers


def _row(
    name: str, *inputs: Any, reference: Any = None, label: str | None = None, call: Any = None, **options: Any
) -> Any:
    fields = {name: options.pop(name) for name in ("unknown", "gradient", "random", "tolerance") if name in options}
    return LayerCase(
        Recipe(name, **options), inputs, call or {}, reference=reference, package="dl_preprocess", label=label, **fields
    )


def _one_hot(x: Any, count: int) -> Any:
    return np.eye(count)[x.astype(int)]


def _nearest(x: Any, height: int, width: int) -> Any:
    rows = ((np.arange(height) + 0.5) * x.shape[-3] / height).astype(int)
    columns = ((np.arange(width) + 0.5) * x.shape[-2] / width).astype(int)
    return x[..., rows[:, None], columns, :]


def _bilinear(x: Any, height: int, width: int) -> Any:
    for axis, size in ((-3, height), (-2, width)):
        old = x.shape[axis]
        at = np.clip((np.arange(size) + 0.5) * old / size - 0.5, 0, old - 1)
        low = np.floor(at).astype(int)
        high = np.minimum(low + 1, old - 1)
        part = (at - low).reshape([-1 if i == axis % x.ndim else 1 for i in range(x.ndim)])
        x = np.take(x, low, axis) * (1 - part) + np.take(x, high, axis) * part
    return x


_MEAN, _VARIANCE = [0.5, -1.0, 2.0], [1.0, 4.0, 0.25]

CASES: Final = [
    _row("Rescaling", draw(3, 4), scale=0.5, offset=-1.0, reference=lambda w, x: x * 0.5 - 1),
    _row(
        "Rescaling", integers(0, 255, 2, 3, 3, 3, dtype="uint8"), scale=[0.1, 0.2, 0.3], gradient=False,
        reference=lambda w, x: x * np.array([0.1, 0.2, 0.3]), label="channels", unknown=(0, 1, 2),
    ),
    _row(
        "Normalization", draw(4, 3), mean=_MEAN, variance=_VARIANCE, label="given",
        reference=lambda w, x: (x - _MEAN) / np.sqrt(_VARIANCE),
    ),
    _row(
        "Normalization", draw(4, 3), mean=_MEAN, variance=_VARIANCE, invert=True, label="inverted",
        reference=lambda w, x: x * np.sqrt(_VARIANCE) + _MEAN,
    ),
    _row(
        "Normalization", draw(4, 3, 2), axis=None, mean=0.5, variance=4.0, label="one for all",
        reference=lambda w, x: (x - 0.5) / 2,
    ),
    _row(
        "Normalization", draw(4, 3, 2), axis=1, mean=_MEAN, variance=_VARIANCE, label="axis",
        reference=lambda w, x: (x - np.array(_MEAN)[:, None]) / np.sqrt(_VARIANCE)[:, None],
    ),
    _row(
        "Resizing", apart(2, 4, 6, 3), height=8, width=9, label="bilinear",
        reference=lambda w, x: _bilinear(x, 8, 9), tolerance=4,
    ),
    _row(
        "Resizing", apart(4, 6, 3), height=2, width=3, interpolation="nearest", label="one image", unknown=(),
        reference=lambda w, x: _nearest(x, 2, 3),
    ),
    _row(
        "Resizing", apart(2, 3, 4, 6), height=2, width=9, data_format="channels_first", label="channels_first",
        reference=lambda w, x: np.moveaxis(_bilinear(np.moveaxis(x, 1, -1), 2, 9), -1, 1), tolerance=4,
    ),
    _row(
        "Resizing", apart(2, 4, 8, 1), height=2, width=2, crop_to_aspect_ratio=True, label="crop",
        reference=lambda w, x: _bilinear(x[:, :, 2:6], 2, 2), tolerance=4,
    ),
    _row(
        "Resizing", apart(2, 4, 8, 1), height=4, width=4, pad_to_aspect_ratio=True, fill_value=2.0, label="pad",
        reference=lambda w, x: _bilinear(np.pad(x, [(0, 0), (2, 2), (0, 0), (0, 0)], constant_values=2.0), 4, 4),
        tolerance=4,
    ),
    _row("RandomFlip", draw(2, 4, 6, 3), call={"training": False}, reference=lambda w, x, training: x),
    _row("RandomFlip", draw(4, 4, 6, 3), mode="horizontal", seed=3, random=True, call={"training": True}, unknown=()),
    _row("RandomFlip", draw(3, 4, 6), seed=3, data_format="channels_first", random=True, unknown=(), label="one image"),
    _row(
        "CategoryEncoding", integers(0, 5, 3, 4), num_tokens=5, label="multi_hot", gradient=False,
        reference=lambda w, x: _one_hot(x, 5).max(-2), unknown=(0, 1),
    ),
    _row(
        "CategoryEncoding", integers(0, 5, 3, 1), num_tokens=5, output_mode="one_hot", label="one_hot", gradient=False,
        reference=lambda w, x: _one_hot(x[:, 0], 5),
    ),
    _row(
        "CategoryEncoding", integers(0, 5, 3, 4), num_tokens=5, output_mode="count", label="weights", gradient=False,
        call={"count_weights": draw(3, 4)}, unknown=(),
        reference=lambda w, x, count_weights: (_one_hot(x, 5) * count_weights[..., None]).sum(-2),
    ),
]  # fmt: skip
