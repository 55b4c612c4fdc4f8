"""Softmax as a layer."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.validation import axes
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Axis, Shape, Tensor


@public("keras.layers.Softmax")
class Softmax(Layer):
    """Softmax along an axis, masked positions left out.

    Parameters
    ----------
    axis : int or sequence of int, default -1
    **options
        As for `Layer`.

    Examples
    --------
    >>> Softmax()(ops.zeros(2)).tolist()
    [0.5, 0.5]
    """

    def __init__(self, axis: Axis = -1, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.axis = axes(axis, "axis", self, several=True)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """Compute the softmax.

        Parameters
        ----------
        inputs : tensor
        mask : tensor of bool, optional
            Broadcasts to the inputs; where it is false, the result is zero. One for the first axes alone, as travels
            with sequences, is for whole steps.
        """
        if mask is not None:
            rank = len(mask.shape)
            if 2 <= rank < len(inputs.shape) and tuple(mask.shape) == tuple(inputs.shape[:rank]):
                mask = ops.reshape(mask, (*ops.shape(mask), *(1,) * (len(inputs.shape) - rank)))
            # a large negative number rather than -inf, so that a row without any position stays finite
            lowest = -3e4 if self.compute_dtype == "float16" else -1e9
            inputs = ops.where(mask, inputs, lowest)
        return ops.softmax(inputs, axis=tuple(self.axis) if isinstance(self.axis, list) else self.axis)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
