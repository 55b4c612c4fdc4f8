"""A mask from the values of sequences."""

from __future__ import annotations

import math
from typing import Any, Unpack

from dl_layers.layer import InputSpec, Layer, LayerOptions
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor


@public("keras.layers.Masking")
class Masking(Layer):
    """Mask the steps of which all features have one value, and set them to zero.

    Shapes: ``(batch, steps, ..., features) -> (batch, steps, ..., features)``, with a mask without the last axis.
    Layers behind this one that know masks leave those steps out.

    Parameters
    ----------
    mask_value : float, default 0.0
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `mask_value` is not a number.

    Examples
    --------
    >>> layer = Masking(-1.0)
    >>> x = ops.convert_to_tensor([[[-1.0, -1.0], [-1.0, 2.0]]])
    >>> layer(x).tolist(), layer.compute_mask(x).tolist()
    ([[[0.0, 0.0], [-1.0, 2.0]]], [[False, True]])
    """

    _keeps_dtype = True

    def __init__(self, mask_value: float = 0.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        number = getattr(mask_value, "item", lambda: mask_value)()
        if isinstance(number, bool) or not isinstance(number, (int, float)) or math.isnan(number):
            raise ValueError(f"Masking(mask_value={mask_value!r}): mask_value must be a number that equals itself")
        self.mask_value = number
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True
        self.built = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> Tensor:
        """Where a step has another value; what was masked before is not asked."""
        counts: Tensor = ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)
        return counts

    def call(self, inputs: Tensor) -> Tensor:
        kept = ops.expand_dims(self.compute_mask(inputs), -1)
        y: Tensor = ops.where(kept, inputs, ops.zeros_like(inputs))
        return y

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mask_value": self.mask_value}
