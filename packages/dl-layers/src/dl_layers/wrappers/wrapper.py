"""The base of layers around another layer."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.parts import part_config, part_from_config
from dl_layers.layer.validation import a_layer
from dl_ops.objects import public


@public("keras.layers.Wrapper")
class Wrapper(Layer):
    """Base of layers that change what another layer does: it builds the layer with itself and saves it.

    Parameters
    ----------
    layer : Layer
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `layer` is no layer.

    Examples
    --------
    >>> from dl_layers import Dense
    >>> from dl_ops import ops
    >>> class Doubled(Wrapper):
    ...     def call(self, inputs):
    ...         return self.layer(inputs) * 2.0
    >>> Doubled(Dense(2, kernel_initializer="ones"))(ops.ones((1, 3))).tolist()
    [[6.0, 6.0]]
    """

    def __init__(self, layer: Layer, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.layer = a_layer(layer, "layer", self)

    def build(self, input_shape: Any = None) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layer": part_config(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**{**config, "layer": part_from_config(config["layer"])})
