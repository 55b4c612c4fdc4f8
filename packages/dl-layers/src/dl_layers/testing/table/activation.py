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


_MASK = flags(3, 4)
_MASK[:, 0] = True

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
    LayerCase(Recipe("Softmax"), (nonzero(3, 4),), reference=_softmax(-1), unknown=(0, 1)),
    LayerCase(Recipe("Softmax", axis=(1, 2)), (nonzero(2, 3, 4),), reference=_softmax((1, 2)), label="axes"),
    LayerCase(Recipe("Softmax"), (nonzero(3, 4),), {"mask": _MASK}, reference=_softmax(-1), label="mask"),
]
