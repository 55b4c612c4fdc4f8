"""Cases of layers that act while training alone."""

from __future__ import annotations

from typing import Final

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing.arrays import nonzero

CASES: Final = [
    LayerCase(Recipe("Dropout", rate=0.5), (nonzero(3, 4),), reference=lambda w, x: x, unknown=(0, 1)),
    LayerCase(Recipe("Dropout", rate=0.0), (nonzero(3, 4),), {"training": True}, reference=lambda w, x, training: x),
    LayerCase(Recipe("Dropout", rate=0.5, seed=3), (nonzero(3, 4),), {"training": True}, random=True),
    LayerCase(
        Recipe("Dropout", rate=0.5, noise_shape=(None, 1), seed=3),
        (nonzero(3, 4),),
        {"training": True},
        random=True,
        label="noise_shape",
    ),
]
