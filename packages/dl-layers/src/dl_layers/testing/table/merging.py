"""Cases of layers with several inputs."""

from __future__ import annotations

from typing import Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing.arrays import draw

CASES: Final = [
    LayerCase(Recipe("Add"), ([draw(3, 4), draw(3, 4), draw(3, 4)],), reference=lambda w, xs: sum(xs)),
    LayerCase(
        Recipe("Add"),
        ([draw(3, 2, 4), draw(3, 1, 4)],),
        reference=lambda w, xs: sum(xs),
        label="broadcast",
    ),
    LayerCase(
        Recipe("Add"),
        ([draw(3, 2, 4), draw(3, 4)],),
        reference=lambda w, xs: xs[0] + xs[1][:, None],
        label="ranks",
    ),
    LayerCase(Recipe("Multiply"), ([draw(3, 4), draw(3, 4)],), reference=lambda w, xs: xs[0] * xs[1], unknown=(0, 1)),
    LayerCase(
        Recipe("Multiply"),
        ([draw(3, 4), draw(3, 2, 4)],),
        reference=lambda w, xs: xs[0][:, None] * xs[1],
        label="ranks",
    ),
    LayerCase(Recipe("Concatenate"), ([draw(3, 4), draw(3, 2)],), reference=lambda w, xs: np.concatenate(xs, -1)),
    LayerCase(
        Recipe("Concatenate", axis=1),
        ([draw(3, 4, 2), draw(3, 1, 2), draw(3, 2, 2)],),
        reference=lambda w, xs: np.concatenate(xs, 1),
        unknown=(0, 1),
    ),
]
