"""Cases of layers that change shapes."""

from __future__ import annotations

from typing import Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing.arrays import draw, integers

CASES: Final = [
    LayerCase(Recipe("Flatten"), (draw(3, 2, 4),), reference=lambda w, x: x.reshape(3, 8)),
    LayerCase(Recipe("Flatten"), (draw(3),), reference=lambda w, x: x.reshape(3, 1), label="vector"),
    LayerCase(
        Recipe("Flatten", data_format="channels_first"),
        (draw(3, 2, 4, 5),),
        reference=lambda w, x: np.moveaxis(x, 1, -1).reshape(3, 40),
    ),
    LayerCase(Recipe("Reshape", target_shape=(4, 2)), (draw(3, 8),), reference=lambda w, x: x.reshape(3, 4, 2)),
    LayerCase(
        Recipe("Reshape", target_shape=(-1, 2)),
        (integers(0, 9, 3, 4, 3),),
        reference=lambda w, x: x.reshape(3, 6, 2),
        unknown=(0, 1),
        gradient=False,
    ),
    LayerCase(
        Recipe("ZeroPadding2D"), (draw(2, 3, 4, 2),), reference=lambda w, x: np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)])
    ),
    LayerCase(
        Recipe("ZeroPadding2D", padding=((1, 0), (2, 3)), data_format="channels_first"),
        (draw(2, 3, 4, 2),),
        reference=lambda w, x: np.pad(x, [(0, 0), (0, 0), (1, 0), (2, 3)]),
        unknown=(0, 2, 3),
        label="sides",
    ),
]
