"""Cases of convolutions."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing import references
from dl_ops.testing.arrays import draw
from dl_ops.typing import Array

_KERNELS: Final = {"separable_conv": ("depthwise_kernel", "pointwise_kernel")}
_NOT_OF_THE_OP: Final = ("filters", "kernel_size", "depth_multiplier", "groups", "use_bias", "activation")


def _case(layer: str, *shape: int, label: str, unknown: tuple[int, ...] = (0,), **options: Any) -> LayerCase:
    """Case of a layer on an input of this shape, with what the options say in plain NumPy as reference."""
    op = next(
        op
        for name, op in (
            ("Separable", "separable_conv"),
            ("Depthwise", "depthwise_conv"),
            ("Transpose", "conv_transpose"),
            ("Conv", "conv"),
        )
        if name in layer
    )
    kernels = _KERNELS.get(op, ("kernel",))
    of_op = {name: value for name, value in options.items() if name not in _NOT_OF_THE_OP}
    first = options.get("data_format") == "channels_first"

    def reference(weights: dict[str, Array], x: Array) -> Array:
        if options.get("padding") == "causal":
            steps = [(0, 0)] * x.ndim
            steps[2 if first else 1] = ((options["kernel_size"] - 1) * options.get("dilation_rate", 1), 0)
            x = np.pad(x, steps)
        given = {**of_op, "padding": "valid"} if of_op.get("padding") == "causal" else of_op
        y = getattr(references, op)(x, *(weights[name] for name in kernels), **given)
        if "bias" in weights:
            y = y + weights["bias"].reshape(-1, *(1,) * (x.ndim - 2) if first else ())
        return np.asarray(np.maximum(y, 0) if options.get("activation") == "relu" else y)

    return LayerCase(
        Recipe(layer, **options),
        (draw(*shape),),
        reference=reference,
        weights=kernels if options.get("use_bias") is False else (*kernels, "bias"),
        unknown=unknown,
        tolerance=4,
        label=label,
    )


_FIRST: Final[dict[str, Any]] = {"data_format": "channels_first"}
_THREE: Final[dict[str, Any]] = {"filters": 3, "kernel_size": 3}
_FOUR: Final[dict[str, Any]] = {"filters": 4, "kernel_size": 2}

CASES: Final = [
    _case("Conv1D", 2, 8, 3, **_THREE, label=""),
    _case("Conv1D", 2, 8, 3, **_THREE, padding="causal", unknown=(0, 1), label="causal"),
    _case("Conv1D", 2, 8, 4, **_FOUR, padding="causal", dilation_rate=3, groups=2, label="causal-dilated-groups"),
    _case("Conv1D", 2, 4, 9, **_FOUR, padding="causal", strides=2, **_FIRST, label="causal-channels_first"),
    _case("Conv1D", 2, 8, 4, **_FOUR, groups=4, padding="same", strides=2, label="same-groups"),
    _case("Conv1D", 2, 4, 8, **_FOUR, groups=2, dilation_rate=2, **_FIRST, label="channels_first-groups"),
    _case("Conv2D", 2, 6, 7, 4, **_THREE, label=""),
    _case(
        "Conv2D", 2, 6, 7, 4, filters=3, kernel_size=(3, 2), strides=2, padding="same", activation="relu",
        unknown=(0, 1, 2), label="same",
    ),
    _case("Conv2D", 2, 6, 7, 4, **_FOUR, groups=2, dilation_rate=(2, 1), use_bias=False, label="groups"),
    _case("Conv2D", 2, 4, 6, 7, **_THREE, padding="same", **_FIRST, label="channels_first"),
    _case("Conv2D", 2, 4, 6, 7, **_FOUR, groups=2, strides=(2, 1), **_FIRST, label="channels_first-groups"),
    _case("Conv2D", 2, 4, 6, 7, **_FOUR, groups=4, dilation_rate=2, **_FIRST, label="channels_first-depthwise"),
    _case("Conv3D", 1, 4, 5, 4, 2, filters=3, kernel_size=(2, 3, 2), label=""),
    _case("Conv3D", 1, 5, 4, 6, 2, **_FOUR, strides=2, padding="same", groups=2, activation="relu", label="groups"),
    _case("Conv3D", 1, 2, 4, 5, 4, **_FOUR, dilation_rate=(1, 2, 1), **_FIRST, label="channels_first-dilated"),
    _case("Conv3D", 1, 4, 4, 3, 4, **_FOUR, groups=2, padding="same", strides=2, **_FIRST, label="first-groups"),
    _case("Conv1DTranspose", 2, 5, 3, **_THREE, strides=2, unknown=(0, 1), label=""),
    _case("Conv1DTranspose", 2, 5, 3, **_FOUR, strides=3, padding="same", output_padding=1, label="output_padding"),
    _case("Conv1DTranspose", 2, 3, 5, **_THREE, dilation_rate=2, padding="same", **_FIRST, label="first-dilated"),
    _case("Conv2DTranspose", 2, 3, 4, 3, **_THREE, strides=2, padding="same", activation="relu", label=""),
    _case("Conv2DTranspose", 2, 3, 4, 3, **_FOUR, strides=(2, 3), output_padding=(1, 2), label="output_padding"),
    _case("Conv2DTranspose", 2, 3, 4, 3, **_THREE, dilation_rate=(2, 1), unknown=(0, 1), label="dilated"),
    _case("Conv2DTranspose", 2, 3, 3, 4, **_THREE, strides=2, output_padding=1, **_FIRST, label="channels_first"),
    _case("Conv3DTranspose", 1, 3, 2, 2, 2, **_THREE, strides=2, padding="same", label=""),
    _case("Conv3DTranspose", 1, 2, 2, 3, 2, **_FOUR, strides=2, output_padding=1, **_FIRST, label="channels_first"),
    _case("Conv3DTranspose", 1, 2, 3, 2, 2, **_FOUR, dilation_rate=(1, 2, 1), use_bias=False, label="dilated"),
    _case("DepthwiseConv1D", 2, 8, 3, kernel_size=3, label=""),
    _case("DepthwiseConv1D", 2, 8, 3, kernel_size=2, depth_multiplier=2, strides=2, padding="same", label="doubled"),
    _case("DepthwiseConv1D", 2, 3, 8, kernel_size=3, dilation_rate=2, **_FIRST, label="channels_first"),
    _case("DepthwiseConv2D", 2, 6, 7, 4, kernel_size=(3, 2), activation="relu", unknown=(0, 1, 2), label=""),
    _case("DepthwiseConv2D", 2, 6, 7, 4, kernel_size=3, depth_multiplier=2, strides=2, padding="same", label="doubled"),
    _case("DepthwiseConv2D", 2, 6, 7, 4, kernel_size=2, dilation_rate=2, use_bias=False, label="dilated"),
    _case("DepthwiseConv2D", 2, 6, 7, 4, kernel_size=2, strides=2, dilation_rate=2, label="strides-dilated"),
    _case("DepthwiseConv2D", 2, 4, 6, 7, kernel_size=3, strides=(1, 2), **_FIRST, label="channels_first"),
    _case("SeparableConv1D", 2, 8, 3, **_THREE, label=""),
    _case("SeparableConv1D", 2, 8, 3, **_THREE, depth_multiplier=2, padding="same", strides=2, label="doubled"),
    _case("SeparableConv1D", 2, 3, 8, **_THREE, dilation_rate=2, **_FIRST, label="channels_first"),
    _case("SeparableConv2D", 2, 6, 7, 4, **_THREE, activation="relu", unknown=(0, 1, 2), label=""),
    _case("SeparableConv2D", 2, 6, 7, 4, **_THREE, depth_multiplier=2, padding="same", strides=(1, 2), label="doubled"),
    _case("SeparableConv2D", 2, 6, 7, 4, **_THREE, strides=2, dilation_rate=2, use_bias=False, label="strides-dilated"),
    _case("SeparableConv2D", 2, 4, 6, 7, **_THREE, depth_multiplier=2, **_FIRST, label="channels_first"),
]  # fmt: skip
