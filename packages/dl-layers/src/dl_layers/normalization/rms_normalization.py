"""Root mean square normalization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.validation import axes, known_size, not_negative
from dl_layers.normalization.base import same_shape
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.rules import standardize_axes
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


@public("keras.layers.RMSNormalization")
class RMSNormalization(Layer):
    """Divide each example by its root mean square along some axes, then scale: ``x / sqrt(mean(x ** 2)) * scale``.

    Shapes: as the input; `scale` has the sizes of `axis`, in the order of the input's axes.

    Parameters
    ----------
    axis : int or sequence of int, default -1
        Axes to normalize along.
    epsilon : float, default 1e-6
        Added to the mean square.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `axis` is no integer and no sequence of integers, or an axis is out of range or has no known size.

    References
    ----------
    Zhang and Sennrich, "Root Mean Square Layer Normalization", arXiv:1910.07467.

    Examples
    --------
    >>> RMSNormalization()(ops.convert_to_tensor([[0.0, 6.0, 0.0, 0.0]])).round(3).tolist()
    [[0.0, 2.0, 0.0, 0.0]]
    """

    scale: Variable

    def __init__(self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.axis = axes(axis, "axis", self, several=True)
        self.epsilon = not_negative(epsilon, "epsilon", self)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        along = standardize_axes(self.axis if isinstance(self.axis, int) else tuple(self.axis), len(input_shape))
        self._axes = tuple(sorted(along))
        shape = tuple(known_size(input_shape, axis, self) for axis in self._axes)
        # multiplied with in float32 even where the layer computes in 16 bits
        self.scale = self.add_weight(shape, "ones", autocast=False, name="scale")

    def call(self, x: Tensor) -> Tensor:
        y = ops.rms_normalization(x, self.scale, axis=self._axes, epsilon=self.epsilon)
        return ops.cast(y, self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return same_shape(input_shape, self.axis)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis, "epsilon": self.epsilon}
