"""A penalty on activations."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.validation import not_negative
from dl_layers.regularizers import L1L2
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor


@public("keras.layers.ActivityRegularization")
class ActivityRegularization(Layer):
    """Return the inputs, and add ``l1 * sum(abs(inputs)) + l2 * sum(inputs ** 2)``, the mean of the examples, to the
    losses.

    Parameters
    ----------
    l1, l2 : float, default 0.0
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If a factor is negative.

    Examples
    --------
    >>> from dl_ops import ops
    >>> layer = ActivityRegularization(l1=0.5)
    >>> layer(ops.convert_to_tensor([[1.0, -3.0], [0.0, 0.0]])).shape, float(layer.losses[0])
    ((2, 2), 1.0)
    """

    _keeps_dtype = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.l1, self.l2 = not_negative(l1, "l1", self), not_negative(l2, "l2", self)
        self.activity_regularizer = L1L2(self.l1, self.l2)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        # what `l1` and `l2` make
        del config["activity_regularizer"]
        return {**config, "l1": self.l1, "l2": self.l2}
