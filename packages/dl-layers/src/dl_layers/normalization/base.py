"""What normalizations with a scale and a shift have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.named_weights import NamedWeights
from dl_layers.layer.validation import not_negative
from dl_ops.rules import standardize_axes
from dl_ops.typing import Shape
from dl_ops.variable import Variable


class ScaledNormalization(NamedWeights, Layer):
    """Normalization whose result is scaled by `gamma` and shifted by `beta`.

    Both stay in the variables' dtype whatever the layer computes in: what is normalized is in float32.

    Parameters
    ----------
    epsilon : float
        Added to the variance.
    center, scale : bool
        Whether there are `beta`, which is added, and `gamma`, which is multiplied with.
    weight_options : any
        ``beta_initializer``, ``gamma_regularizer`` and so on.
    **options
        As for `Layer`.
    """

    gamma: Variable | None
    beta: Variable | None
    axis: int | list[int]

    def __init__(
        self,
        epsilon: float,
        center: bool,
        scale: bool,
        weight_options: dict[str, Any],
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.epsilon = not_negative(epsilon, "epsilon", self)
        self.center, self.scale = center, scale
        self.set_weight_options(**weight_options)
        self.supports_masking = True

    def add_scale_and_shift(self, shape: Sequence[int]) -> None:
        """Create `gamma` and `beta` where the layer has them."""
        self.gamma = self.add_named_weight("gamma", shape, autocast=False) if self.scale else None
        self.beta = self.add_named_weight("beta", shape, autocast=False) if self.center else None

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return same_shape(input_shape, self.axis)

    def scaling_config(self) -> dict[str, Any]:
        """Configuration of the options that such layers share."""
        return {
            "axis": self.axis,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            **self.weight_config(),
        }


def same_shape(shape: Shape, axis: int | list[int]) -> Shape:
    """`shape`, if it has the axes; else a ``ValueError``."""
    standardize_axes(axis if isinstance(axis, int) else tuple(axis), len(shape))
    return tuple(shape)
