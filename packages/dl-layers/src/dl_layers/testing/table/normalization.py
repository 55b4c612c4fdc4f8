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


def _renormalized(momentum: float = 0.99, **bounds: float) -> Any:
    """The batch's normalization, corrected towards the slower averages."""

    def reference(weights: Weights, x: Array, training: bool = True) -> Array:
        deviation = np.sqrt(x.reshape(-1, x.shape[-1]).var(0) + 1e-3)
        mean = x.reshape(-1, x.shape[-1]).mean(0)
        slow = np.maximum(weights["renorm_stddev"], np.sqrt(1e-3))
        r = np.clip(deviation / slow, bounds.get("rmin", 0.0), bounds.get("rmax", np.inf))
        d = np.clip((mean - weights["renorm_mean"]) / slow, -bounds.get("dmax", np.inf), bounds.get("dmax", np.inf))
        y = (x - mean) / deviation * r + d
        return np.asarray(y * weights.get("gamma", 1.0) + weights.get("beta", 0.0))

    return reference


def _group(groups: int, axis: int = -1, epsilon: float = 1e-3) -> Any:
    """One example and one group at a time."""

    def reference(weights: Weights, x: Array) -> Array:
        x = np.moveaxis(x, axis, -1)
        y = np.zeros_like(x)
        size = x.shape[-1] // groups
        for example, group in np.ndindex(len(x), groups):
            part = (example, ..., slice(group * size, (group + 1) * size))
            y[part] = (x[part] - x[part].mean()) / np.sqrt(x[part].var() + epsilon)
        y = y * weights.get("gamma", 1.0) + weights.get("beta", 0.0)
        return np.asarray(np.moveaxis(y, -1, axis))

    return reference


def _rms(axes: tuple[int, ...], epsilon: float = 1e-6) -> Any:
    def reference(weights: Weights, x: Array) -> Array:
        shape = [n if i - x.ndim in axes else 1 for i, n in enumerate(x.shape)]
        return np.asarray(x / np.sqrt((x * x).mean(axes, keepdims=True) + epsilon) * weights["scale"].reshape(shape))

    return reference


def _unit(axes: tuple[int, ...]) -> Any:
    def reference(weights: Weights, x: Array) -> Array:
        return np.asarray(x / np.sqrt((x * x).sum(axes, keepdims=True)))

    return reference


def _spectral(iterations: int) -> Any:
    """A dense layer with the kernel that power iteration leads to."""

    def reference(weights: Weights, x: Array, training: bool = False) -> Array:
        kernel, u = weights["dense/kernel"], weights["vector_u"][0]
        if training:
            for _ in range(iterations):
                v = kernel @ u / np.linalg.norm(kernel @ u)
                u = kernel.T @ v / np.linalg.norm(kernel.T @ v)
            kernel = kernel / (v @ kernel @ u)
        return np.asarray(x @ kernel + weights["dense/bias"])

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
_RENORM = ("moving_stddev", "renorm_mean", "renorm_stddev")

# its name is a part of the weights' paths
_DENSE = Recipe("Dense", units=3, name="dense")
_SPECTRAL = ("dense/kernel", "vector_u", "dense/bias")

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
    LayerCase(Recipe("BatchNormalization", renorm=True), (draw(5, 3),), reference=_batch(), weights=(*_ALL, *_RENORM)),
    LayerCase(
        Recipe("BatchNormalization", renorm=True, renorm_momentum=0.9, momentum=0.8),
        (draw(5, 2, 3),),
        {"training": True},
        reference=_renormalized(),
        weights=(*_ALL, *_RENORM),
        # the correction counts as a constant
        gradient=False,
        tolerance=2,
        label="renorm-in-training",
    ),
    LayerCase(
        Recipe(
            "BatchNormalization",
            renorm=True,
            scale=False,
            center=False,
            renorm_clipping={"rmin": 0.9, "rmax": 1.1, "dmax": 0.1},
        ),
        (draw(5, 3),),
        {"training": True},
        reference=_renormalized(rmin=0.9, rmax=1.1, dmax=0.1),
        weights=("moving_mean", "moving_variance", *_RENORM),
        gradient=False,
        tolerance=2,
        label="renorm-clipped",
    ),
    LayerCase(
        Recipe("GroupNormalization", groups=2),
        (draw(3, 4, 6),),
        reference=_group(2),
        weights=("gamma", "beta"),
        unknown=(0, 1),
        tolerance=2,
    ),
    LayerCase(
        Recipe("GroupNormalization", groups=-1, axis=1, epsilon=0.01, center=False),
        (draw(2, 4, 3, 5),),
        reference=_group(4, 1, 0.01),
        weights=("gamma",),
        tolerance=2,
        label="instance",
    ),
    LayerCase(
        Recipe("GroupNormalization", groups=1, scale=False),
        (draw(3, 6),),
        reference=_group(1),
        weights=("beta",),
        tolerance=2,
        label="one",
    ),
    LayerCase(Recipe("RMSNormalization"), (draw(4, 5),), reference=_rms((-1,)), weights=("scale",), tolerance=2),
    LayerCase(
        Recipe("RMSNormalization", axis=[2, 1], epsilon=0.01),
        (draw(2, 4, 5),),
        reference=_rms((-2, -1), 0.01),
        weights=("scale",),
        tolerance=2,
        label="axes",
    ),
    LayerCase(Recipe("UnitNormalization"), (draw(4, 5),), reference=_unit((-1,)), tolerance=2),
    LayerCase(
        Recipe("UnitNormalization", axis=[1, 2]),
        (draw(2, 4, 5, 2),),
        reference=_unit((-3, -2)),
        unknown=(0, 1, 2),
        tolerance=2,
        label="axes",
    ),
    LayerCase(
        Recipe("SpectralNormalization", layer=_DENSE),
        (draw(4, 5),),
        reference=_spectral(1),
        weights=_SPECTRAL,
        tolerance=2,
        label="",
    ),
    LayerCase(
        Recipe("SpectralNormalization", layer=_DENSE, power_iterations=3),
        (draw(4, 5),),
        {"training": True},
        reference=_spectral(3),
        weights=_SPECTRAL,
        # the singular vectors count as constants
        gradient=False,
        tolerance=4,
        label="training",
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
        Recipe("LayerNormalization", axis=[2, 1]),
        (draw(3, 4, 5),),
        reference=_layer((-2, -1)),
        weights=("gamma", "beta"),
        tolerance=2,
        label="axes-in-any-order",
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
