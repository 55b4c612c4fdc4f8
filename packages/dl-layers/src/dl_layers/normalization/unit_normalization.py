"""Normalization to length one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.validation import axes
from dl_layers.normalization.base import same_shape
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor


@public("keras.layers.UnitNormalization")
class UnitNormalization(Layer):
    """Divide each example by its Euclidean length along some axes; zeros stay zeros.

    Parameters
    ----------
    axis : int or sequence of int, default -1
        Axes that the length is taken over.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `axis` is no integer and no sequence of integers, or an axis is out of range.

    Examples
    --------
    >>> UnitNormalization()(ops.convert_to_tensor([[3.0, 3.0, 3.0, -3.0]])).tolist()
    [[0.5, 0.5, 0.5, -0.5]]
    """

    def __init__(self, axis: int | Sequence[int] = -1, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.axis = axes(axis, "axis", self, several=True)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        axis = self.axis if isinstance(self.axis, int) else tuple(self.axis)
        return ops.normalize(inputs, axis=axis, order=2, epsilon=1e-12)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return same_shape(input_shape, self.axis)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
