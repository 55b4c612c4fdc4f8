"""Flattening all axes but the first."""

from __future__ import annotations

import math
from typing import Any, Unpack

from dl_layers.layer import InputSpec, Layer, LayerOptions
from dl_layers.layer.validation import data_format_of
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.rules import product
from dl_ops.typing import Shape, Tensor


@public("keras.layers.Flatten")
class Flatten(Layer):
    """Flatten the axes of each example into one.

    Shapes: ``(batch, ...) -> (batch, features)``.

    Parameters
    ----------
    data_format : {"channels_last", "channels_first"}, optional
        With ``"channels_first"`` the channels are moved last before flattening, so that weights behind the layer
        fit both formats.
    **options
        As for `Layer`.

    Examples
    --------
    >>> Flatten()(ops.ones((2, 3, 4))).shape
    (2, 12)
    """

    _keeps_dtype = True

    def __init__(self, data_format: str | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.data_format = data_format_of(data_format, self)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Tensor) -> Tensor:
        rank = len(inputs.shape)
        if self.data_format == "channels_first" and rank > 2:
            inputs = ops.transpose(inputs, (0, *range(2, rank), 1))
        return ops.reshape(inputs, self.compute_output_shape(tuple(inputs.shape)))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], product(input_shape[1:]))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}


@public("keras.layers.Reshape")
class Reshape(Layer):
    """Reshape each example.

    Shapes: ``(batch, ...) -> (batch, *target_shape)``.

    Parameters
    ----------
    target_shape : int or sequence of int
        Without the batch axis; one size may be -1, or ``None``, and is what the others leave.
    **options
        As for `Layer`.

    Examples
    --------
    >>> Reshape((2, -1))(ops.ones((3, 6))).shape
    (3, 2, 3)
    """

    _keeps_dtype = True

    def __init__(self, target_shape: Any, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        sizes = (target_shape,) if hasattr(target_shape, "__index__") else target_shape
        valid = isinstance(sizes, (list, tuple)) and all(
            size is None or (hasattr(size, "__index__") and not isinstance(size, bool) and size >= -1) for size in sizes
        )
        if not valid or sizes.count(-1) + sizes.count(None) > 1:
            raise ValueError(
                f"Reshape(target_shape={target_shape!r}): expected positive integers, at most one of them -1"
            )
        self.target_shape = tuple(None if size is None else int(size) for size in sizes)
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        resolved = self.compute_output_shape(tuple(inputs.shape))
        return ops.reshape(inputs, resolved)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        target = [None if s == -1 else s for s in self.target_shape]
        size, wanted = product(input_shape[1:]), math.prod(s for s in target if s is not None)
        if size is None:
            return (input_shape[0], *target)
        fits = size == wanted if None not in target else wanted and size % wanted == 0
        if not fits:
            raise ValueError(
                f"Reshape {self.name!r}: an example of shape {tuple(input_shape[1:])} "
                f"does not reshape to {self.target_shape}"
            )
        return (input_shape[0], *(size // wanted if s is None else s for s in target))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "target_shape": self.target_shape}
