"""Cases of normalization."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing.arrays import draw, flags
from dl_ops.typing import Array

Weights = dict[str, Array]


def _batch(axis: int = -1, epsilon: float = 1e-3) -> Any:
    def reference(weights: Weights, x: Array, training: bool = False, mask: Array | None = None) -> Array:
        x = np.moveaxis(x, axis, -1)
        mean, variance = weights["moving_mean"], weights["moving_variance"]
        if training:
            seen = x[np.ones(x.shape[:-1], bool) if mask is None else mask]
            seen = seen.reshape(-1, x.shape[-1])
            mean, variance = seen.mean(0), seen.var(0)
        y = (x - mean) / np.sqrt(variance + epsilon)
        y = y * weights.get("gamma", 1.0) + weights.get("beta", 0.0)
        return np.asarray(np.moveaxis(y, -1, axis))

    return reference


def _layer(axes: tuple[int, ...], epsilon: float = 1e-3) -> Any:
    def reference(weights: Weights, x: Array) -> Array:
        y = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon)
        shape = [n if i - x.ndim in axes else 1 for i, n in enumerate(x.shape)]
        if "gamma" in weights:
            y = y * weights["gamma"].reshape(shape)
        return np.asarray(y + weights["beta"].reshape(shape) if "beta" in weights else y)

    return reference


_ALL = ("gamma", "beta", "moving_mean", "moving_variance")

CASES: Final = [
    LayerCase(Recipe("BatchNormalization"), (draw(5, 3),), reference=_batch(), weights=_ALL),
    LayerCase(
        Recipe("BatchNormalization", momentum=0.8), (draw(5, 3),), {"training": True}, reference=_batch(), weights=_ALL
    ),
    LayerCase(
        Recipe("BatchNormalization", axis=1, epsilon=0.01, scale=False),
        (draw(3, 2, 4, 3),),
        {"training": True},
        reference=_batch(1, 0.01),
        weights=("beta", "moving_mean", "moving_variance"),
        label="axis",
    ),
    LayerCase(
        Recipe("BatchNormalization", center=False),
        (draw(3, 4, 2),),
        {"training": True, "mask": flags(3, 4)},
        reference=_batch(),
        weights=("gamma", "moving_mean", "moving_variance"),
        unknown=(),
        label="mask",
    ),
    LayerCase(
        Recipe("LayerNormalization"), (draw(4, 5),), reference=_layer((-1,)), weights=("gamma", "beta"), tolerance=2
    ),
    LayerCase(
        Recipe("LayerNormalization", axis=[-2, -1], epsilon=0.01),
        (draw(3, 4, 5),),
        reference=_layer((-2, -1), 0.01),
        weights=("gamma", "beta"),
        tolerance=2,
        label="axes",
    ),
    LayerCase(
        Recipe("LayerNormalization", axis=1, center=False, scale=False),
        (draw(3, 4, 2),),
        reference=_layer((-2,)),
        unknown=(0, 2),
        tolerance=2,
        label="plain",
    ),
]
