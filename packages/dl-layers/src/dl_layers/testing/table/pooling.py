"""Cases of pooling."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing import references
from dl_ops.testing.arrays import apart

_POOLS: Final[dict[str, Any]] = {"MaxPooling2D": references.max_pool, "AveragePooling2D": references.average_pool}
_REDUCTIONS: Final[dict[str, Any]] = {"GlobalMaxPooling2D": np.max, "GlobalAveragePooling2D": np.mean}
_OPTIONS: Final[list[dict[str, Any]]] = [
    {"pool_size": 2},
    {"pool_size": (3, 2), "strides": (1, 2), "padding": "same"},
    {"pool_size": 2, "strides": 1, "data_format": "channels_first"},
]


def _pool(name: str, options: dict[str, Any]) -> LayerCase:
    return LayerCase(
        Recipe(name, **options),
        (apart(2, 4, 6, 3),),
        reference=lambda weights, x: _POOLS[name](x, **options),
        unknown=(0, 1, 2) if "data_format" not in options else (0,),
    )


def _global(name: str, keepdims: bool, data_format: str) -> LayerCase:
    axes = (1, 2) if data_format == "channels_last" else (2, 3)
    return LayerCase(
        Recipe(name, keepdims=keepdims, data_format=data_format),
        (apart(2, 4, 6, 3),),
        reference=lambda weights, x: _REDUCTIONS[name](x, axis=axes, keepdims=keepdims),
        unknown=(0, *axes),
    )


CASES: Final = [
    *(_pool(name, options) for name in _POOLS for options in _OPTIONS),
    *(
        _global(name, keepdims, data_format)
        for name in _REDUCTIONS
        for keepdims, data_format in ((False, "channels_last"), (True, "channels_first"))
    ),
]
