"""A layer that does nothing."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_ops.objects import public


@public("keras.layers.Identity")
class Identity(Layer):
    """Return the inputs, a tensor or a structure of them.

    Parameters
    ----------
    **options
        As for `Layer`.

    Examples
    --------
    >>> from dl_ops import ops
    >>> Identity()(ops.ones(2)).tolist()
    [1.0, 1.0]
    """

    def __init__(self, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        return inputs
