"""Inputs one behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers.layer import LayerOptions
from dl_layers.layer.masking import of_input_masks
from dl_layers.layer.validation import axes
from dl_layers.merging.base import Merge
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.rules import standardize_axis
from dl_ops.typing import Shape, Tensor


@public("keras.layers.Concatenate")
class Concatenate(Merge):
    """Concatenate the inputs along an axis.

    Parameters
    ----------
    axis : int, default -1
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If other axes than that differ in size.

    Examples
    --------
    >>> Concatenate()([ops.ones((1, 2)), ops.ones((1, 3))]).shape
    (1, 5)
    """

    def __init__(self, axis: int = -1, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.axis = axes(axis, "axis", self)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        return ops.concatenate(list(inputs), axis=self.axis)

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        shapes = [tuple(shape) for shape in input_shape]
        if len({len(shape) for shape in shapes}) != 1:
            raise ValueError(f"Concatenate {self.name!r}: inputs of different ranks, shapes {shapes}")
        axis = standardize_axis(self.axis, len(shapes[0]))
        sizes: list[int | None] = []
        for i, column in enumerate(zip(*shapes, strict=True)):
            known = {size for size in column if size is not None}
            if i == axis:
                sizes.append(None if None in column else sum(size or 0 for size in column))
            elif len(known) > 1:
                raise ValueError(
                    f"Concatenate {self.name!r}: inputs of shapes {shapes} differ in axis {i}, not only in {axis}"
                )
            else:
                sizes.append(next(iter(known), None))
        return tuple(sizes)

    @of_input_masks
    def compute_mask(self, inputs: Sequence[Tensor], mask: Any = None) -> Tensor | None:
        """Concatenation of the masks, all true for inputs without one; ``None`` if none has one.

        A position counts where any of its features does.
        """
        if mask is None or all(part is None for part in mask):
            return None
        masks = []
        for x, part in zip(inputs, mask, strict=True):
            rank = len(x.shape)
            full = ops.ones_like(x, dtype="bool") if part is None else part
            while len(full.shape) < rank:
                full = ops.expand_dims(full, -1)
            masks.append(ops.broadcast_to(full, ops.shape(x)))
        return ops.any(ops.concatenate(masks, axis=self.axis), axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
