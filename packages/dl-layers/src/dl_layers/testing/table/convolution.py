"""Cases of convolutions."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing import references
from dl_ops.testing.arrays import draw
from dl_ops.typing import Array


def _conv(
    strides: Any = 1, padding: str = "valid", data_format: str | None = None, dilation_rate: Any = 1, relu: bool = False
) -> Any:
    def reference(weights: dict[str, Array], x: Array) -> Array:
        y = references.conv(x, weights["kernel"], strides, padding, data_format, dilation_rate)
        shape = (-1, 1, 1) if data_format == "channels_first" else (-1,)
        y = y + weights["bias"].reshape(shape) if "bias" in weights else y
        return np.maximum(y, 0) if relu else y

    return reference


_BOTH = ("kernel", "bias")

CASES: Final = [
    LayerCase(
        Recipe("Conv2D", filters=3, kernel_size=3), (draw(2, 6, 7, 4),), reference=_conv(), weights=_BOTH, tolerance=4
    ),
    LayerCase(
        Recipe("Conv2D", filters=3, kernel_size=(3, 2), strides=2, padding="same", activation="relu"),
        (draw(2, 6, 7, 4),),
        reference=_conv(2, "same", relu=True),
        weights=_BOTH,
        unknown=(0, 1, 2),
        tolerance=4,
        label="same",
    ),
    LayerCase(
        Recipe("Conv2D", filters=4, kernel_size=2, groups=2, dilation_rate=(2, 1), use_bias=False),
        (draw(2, 6, 7, 4),),
        reference=_conv(dilation_rate=(2, 1)),
        weights=["kernel"],
        tolerance=4,
        label="groups",
    ),
    LayerCase(
        Recipe("Conv2D", filters=3, kernel_size=3, padding="same", data_format="channels_first"),
        (draw(2, 4, 6, 7),),
        reference=_conv(padding="same", data_format="channels_first"),
        weights=_BOTH,
        tolerance=4,
        label="channels_first",
    ),
]
