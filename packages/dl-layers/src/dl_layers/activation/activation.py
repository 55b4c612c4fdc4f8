"""Any activation as a layer."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers import activations
from dl_layers.layer import Layer, LayerOptions
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor


@public("keras.layers.Activation")
class Activation(Layer):
    """Apply an activation function.

    Parameters
    ----------
    activation : str or callable
    **options
        As for `Layer`.

    Examples
    --------
    >>> from dl_ops import ops
    >>> Activation("relu")(ops.convert_to_tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def __init__(self, activation: Any, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.activation = activations.get(activation)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        y: Tensor = self.activation(inputs)
        return y

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "activation": activations.serialize(self.activation)}
