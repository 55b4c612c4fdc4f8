"""Multiplication and shift by constants."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from dl_layers.layer import LayerOptions
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor
from dl_preprocess.layers.data_layer import DataLayer


def _plain(value: Any) -> Any:
    """Numbers and lists of an array, which a configuration can hold."""
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


@public("keras.layers.Rescaling")
class Rescaling(DataLayer):
    """``inputs * scale + offset``.

    Parameters
    ----------
    scale, offset : float or sequence of float, default of `offset` 0.0
        Sequences apply along the last axis, the channels.
    **options
        As for `Layer`.

    Examples
    --------
    >>> Rescaling(1 / 255, offset=-0.5)(np.array([0, 255], "uint8")).tolist()
    [-0.5, 0.5]
    """

    def __init__(self, scale: Any, offset: Any = 0.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        for name, value in (("scale", scale), ("offset", offset)):
            if np.asarray(value).dtype.kind not in "biuf":
                raise ValueError(f"Rescaling({name}={value!r}): {name} must be a number or a sequence of numbers")
        self.scale, self.offset = scale, offset
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        dtype = self.compute_dtype
        scale, offset = (np.asarray(value, "float32") for value in (self.scale, self.offset))
        return ops.add(ops.multiply(ops.cast(inputs, dtype), ops.cast(scale, dtype)), ops.cast(offset, dtype))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": _plain(self.scale), "offset": _plain(self.offset)}
