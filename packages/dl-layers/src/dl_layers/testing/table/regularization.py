"""Cases of layers that act while training alone, and of penalties on activations."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing.arrays import nonzero

# a layer with its options, and the shape of its inputs
_LAYERS: Final[list[tuple[str, dict[str, Any], tuple[int, ...]]]] = [
    ("Dropout", {"rate": 0.5}, (3, 4)),
    ("AlphaDropout", {"rate": 0.3}, (3, 4)),
    ("GaussianDropout", {"rate": 0.3}, (3, 4)),
    ("GaussianNoise", {"stddev": 0.3}, (3, 4)),
    ("SpatialDropout1D", {"rate": 0.5}, (2, 3, 4)),
    ("SpatialDropout2D", {"rate": 0.5}, (2, 3, 2, 4)),
    ("SpatialDropout2D", {"rate": 0.5, "data_format": "channels_first"}, (2, 3, 2, 4)),
    ("SpatialDropout3D", {"rate": 0.5}, (2, 3, 2, 2, 4)),
    ("SpatialDropout3D", {"rate": 0.5, "data_format": "channels_first"}, (2, 3, 2, 2, 4)),
]
_SHARED: Final = {"rate": 0.5, "noise_shape": (None, 1), "seed": 3}

CASES: Final = [
    *(
        LayerCase(Recipe(name, **options), (nonzero(*shape),), reference=lambda w, x: x, unknown=(0, 1))
        for name, options, shape in _LAYERS
    ),
    *(
        LayerCase(
            Recipe(name, **{option: 0.0 if option in ("rate", "stddev") else x for option, x in options.items()}),
            (nonzero(*shape),),
            {"training": True},
            reference=lambda w, x, training: x,
        )
        for name, options, shape in _LAYERS
    ),
    *(
        LayerCase(Recipe(name, **options, seed=3), (nonzero(*shape),), {"training": True}, random=True)
        for name, options, shape in _LAYERS
    ),
    *(
        LayerCase(Recipe(name, **_SHARED), (nonzero(3, 4),), {"training": True}, random=True, label="noise_shape")
        for name in ("Dropout", "AlphaDropout")
    ),
    LayerCase(
        Recipe("Dropout", rate=1.0),
        (nonzero(3, 4),),
        {"training": True},
        reference=lambda w, x, training: np.zeros_like(x),
        random=True,
    ),
    LayerCase(
        Recipe("ActivityRegularization", l1=0.1, l2=0.2), (nonzero(3, 4),), reference=lambda w, x: x, unknown=(0, 1)
    ),
]
