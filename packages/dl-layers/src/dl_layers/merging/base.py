"""What layers that combine several inputs of broadcasting shapes have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_ops import ops
from dl_ops.rules import broadcast_shapes
from dl_ops.typing import Shape, Tensor


class Merge(Layer):
    """Fold a list of inputs, whose shapes without the batch axis broadcast, into one."""

    _keeps_dtype = True
    minimum_inputs = 1

    def __init__(self, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.supports_masking = True

    def build(self, input_shape: Sequence[Shape]) -> None:
        self._check(input_shape)

    def _check(self, shapes: Any) -> None:
        if not isinstance(shapes, (list, tuple)) or not all(isinstance(shape, (list, tuple)) for shape in shapes):
            raise ValueError(f"{type(self).__name__} {self.name!r} takes a list of inputs, got one of shape {shapes}")
        if len(shapes) < self.minimum_inputs:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} takes at least {self.minimum_inputs} inputs, got {len(shapes)}"
            )
        self.compute_output_shape(shapes)

    def merge(self, x: Tensor, y: Tensor) -> Tensor:
        """Combine two inputs."""
        raise NotImplementedError

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        if len(inputs) == 0:
            self._check(inputs)
        result, *others = _same_rank(inputs)
        for x in others:
            result = self.merge(result, x)
        return result

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        batch = {shape[0] for shape in input_shape if shape and shape[0] is not None}
        if len(batch) > 1:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: inputs of different batch sizes, shapes {input_shape}"
            )
        try:
            merged = broadcast_shapes(*(tuple(shape[1:]) for shape in input_shape))
        except ValueError:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: inputs of shapes {[tuple(s) for s in input_shape]} "
                "cannot be combined"
            ) from None
        return (next(iter(batch), None), *merged)

    def compute_mask(self, inputs: Sequence[Tensor], previous_mask: Any = None) -> Tensor | None:
        """A position counts where it counts in any input; without a mask on every input there is none."""
        if previous_mask is None or any(mask is None for mask in previous_mask):
            return None
        combined: Tensor = previous_mask[0]
        for mask in previous_mask[1:]:
            combined = ops.logical_or(combined, mask)
        return combined


def _same_rank(inputs: Sequence[Tensor]) -> list[Tensor]:
    """Inputs with axes of size 1 added behind the batch axis, so that all have the same rank."""
    rank = max(len(x.shape) for x in inputs)
    result = []
    for x in inputs:
        while len(x.shape) < rank:
            x = ops.expand_dims(x, 1)
        result.append(x)
    return result
