"""Activations as layers."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers import activations
from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.validation import axes, not_negative
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Axis, Shape, Tensor


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


@public("keras.layers.ReLU")
class ReLU(Layer):
    """Rectified linear unit; see ``activations.relu`` for the variants.

    Parameters
    ----------
    max_value : float, optional
    negative_slope : float, default 0.0
    threshold : float, default 0.0
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is negative.

    Examples
    --------
    >>> ReLU(max_value=1.0)(ops.convert_to_tensor([-1.0, 2.0])).tolist()
    [0.0, 1.0]
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.max_value = None if max_value is None else not_negative(max_value, "max_value", self)
        self.negative_slope = not_negative(negative_slope, "negative_slope", self)
        self.threshold = not_negative(threshold, "threshold", self)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


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
