"""Cases of activations as layers."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing.arrays import flags, nonzero
from dl_ops.typing import Array


def _softmax(axis: Any) -> Any:
    def reference(weights: Any, x: Array, mask: Array | None = None) -> Array:
        powers = np.exp(x) * (1.0 if mask is None else mask)
        return np.asarray(powers / powers.sum(axis, keepdims=True))

    return reference


def _relu(weights: Any, x: Array) -> Array:
    return np.where(x > 0.2, np.minimum(x, 1.5), 0.1 * (x - 0.2))


def _prelu(weights: dict[str, Array], x: Array) -> Array:
    return np.where(x > 0, x, weights["alpha"] * x)


_MASK = flags(3, 4)
_MASK[:, 0] = True
_STEPS = np.array([[True, True, False], [True, True, True]])

CASES: Final = [
    LayerCase(Recipe("Activation", activation="silu"), (nonzero(3, 4),), reference=lambda w, x: x / (1 + np.exp(-x))),
    LayerCase(Recipe("Activation", activation="linear"), (nonzero(3, 4),), reference=lambda w, x: x),
    LayerCase(Recipe("ReLU"), (nonzero(3, 4),), reference=lambda w, x: np.maximum(x, 0), unknown=(0, 1)),
    LayerCase(
        Recipe("ReLU", max_value=1.5, negative_slope=0.1, threshold=0.2),
        (nonzero(3, 4),),
        reference=_relu,
        label="options",
    ),
    LayerCase(
        Recipe("LeakyReLU"), (nonzero(3, 4),), reference=lambda w, x: np.where(x > 0, x, 0.3 * x), unknown=(0, 1)
    ),
    LayerCase(
        Recipe("LeakyReLU", negative_slope=0.0), (nonzero(3, 4),), reference=lambda w, x: np.where(x > 0, x, 0.0)
    ),
    LayerCase(Recipe("ELU"), (nonzero(3, 4),), reference=lambda w, x: np.where(x > 0, x, np.expm1(x)), unknown=(0, 1)),
    LayerCase(Recipe("ELU", alpha=0.4), (nonzero(3, 4),), reference=lambda w, x: np.where(x > 0, x, 0.4 * np.expm1(x))),
    LayerCase(Recipe("PReLU"), (nonzero(3, 2, 4),), reference=_prelu, weights=["alpha"]),
    LayerCase(
        Recipe("PReLU", alpha_initializer="ones", alpha_constraint="non_neg", shared_axes=[1, 2]),
        (nonzero(2, 3, 2, 4),),
        reference=_prelu,
        weights=["alpha"],
        unknown=(0, 1, 2),
        label="shared",
    ),
    LayerCase(
        Recipe("PReLU", shared_axes=2),
        (nonzero(2, 3, 4),),
        reference=_prelu,
        weights=["alpha"],
        unknown=(0, 2),
        label="one-shared",
    ),
    LayerCase(Recipe("Softmax"), (nonzero(3, 4),), reference=_softmax(-1), unknown=(0, 1)),
    LayerCase(Recipe("Softmax", axis=(1, 2)), (nonzero(2, 3, 4),), reference=_softmax((1, 2)), label="axes"),
    LayerCase(Recipe("Softmax"), (nonzero(3, 4),), {"mask": _MASK}, reference=_softmax(-1), label="mask"),
    LayerCase(
        Recipe("Softmax", axis=1),
        (nonzero(2, 3, 4),),
        {"mask": _STEPS[:, :, None]},
        reference=_softmax(1),
        label="mask-broadcast",
    ),
]
