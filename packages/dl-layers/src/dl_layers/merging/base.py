"""What layers that combine several inputs of broadcasting shapes have in common."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, ClassVar, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.masking import of_input_masks
from dl_ops import ops
from dl_ops.rules import broadcast_shapes
from dl_ops.typing import Shape, Tensor

Masks = Sequence[Tensor | None]


class Merge(Layer):
    """Combine a list of inputs, whose shapes without the batch axis broadcast, into one."""

    _keeps_dtype = True
    minimum_inputs: ClassVar[int] = 1
    maximum_inputs: ClassVar[int | None] = None

    def __init__(self, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.supports_masking = True

    def build(self, input_shape: Sequence[Shape]) -> None:
        self._check(input_shape)

    def _check(self, shapes: Any) -> None:
        if not isinstance(shapes, (list, tuple)) or not all(isinstance(shape, (list, tuple)) for shape in shapes):
            raise ValueError(f"{type(self).__name__} {self.name!r} takes a list of inputs, got one of shape {shapes}")
        low, high = self.minimum_inputs, self.maximum_inputs
        if len(shapes) < low or (high is not None and len(shapes) > high):
            number = f"{low}" if low == high else f"at least {low}"
            raise ValueError(f"{type(self).__name__} {self.name!r} takes {number} inputs, got {len(shapes)}")
        self.compute_output_shape(shapes)

    def merge(self, x: Tensor, y: Tensor) -> Tensor:
        """Combine two inputs."""
        raise NotImplementedError

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        if len(inputs) == 0:
            self._check(inputs)
        result: Tensor = functools.reduce(self.merge, same_rank(inputs))
        return result

    def _check_batch(self, shapes: Sequence[Shape]) -> int | None:
        """The batch size that is known of any input."""
        batch = {shape[0] for shape in shapes if shape and shape[0] is not None}
        if len(batch) > 1:
            raise ValueError(f"{type(self).__name__} {self.name!r}: inputs of different batch sizes, shapes {shapes}")
        return next(iter(batch), None)

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        batch = self._check_batch(input_shape)
        try:
            merged = broadcast_shapes(*(tuple(shape[1:]) for shape in input_shape))
        except ValueError:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: inputs of shapes {[tuple(s) for s in input_shape]} "
                "cannot be combined"
            ) from None
        return (batch, *merged)

    @of_input_masks
    def compute_mask(self, inputs: Sequence[Tensor], mask: Any = None) -> Tensor | None:
        """A position counts where it counts in any input; without a mask on every input there is none."""
        return any_of(mask or [None])


def any_of(masks: Masks) -> Tensor | None:
    """Where any of the masks is true; ``None``, true everywhere, if one of them is."""
    combined, *others = masks
    for mask in others:
        combined = None if combined is None or mask is None else ops.logical_or(combined, mask)
    return combined


class MaskedMerge(Merge):
    """Combination to which an input contributes where its mask is true, and everywhere if it has none."""

    def call(self, inputs: Sequence[Tensor], mask: Masks | None = None) -> Tensor:
        """Combine the inputs.

        Parameters
        ----------
        inputs : list of tensor
        mask : list of tensor of bool or None, optional
            One for each input, of its shape or of its first axes'. Where none is true, the result has no meaning.
        """
        if mask is None:
            return super().call(inputs)
        if len(mask) != len(inputs):
            raise ValueError(f"{type(self).__name__} {self.name!r}: {len(mask)} masks for {len(inputs)} inputs")
        return self.merge_masked(same_rank(inputs), same_rank([_over(m, x) for m, x in zip(mask, inputs, strict=True)]))

    def merge_masked(self, inputs: Sequence[Tensor], masks: Masks) -> Tensor:
        """Combine inputs of the same rank with masks that broadcast to them."""
        result, counts = inputs[0], masks[0]
        for x, x_counts in zip(inputs[1:], masks[1:], strict=True):
            merged = self.merge(result, x)
            if counts is not None:
                merged = ops.where(counts, merged, x)
            result = merged if x_counts is None else ops.where(x_counts, merged, result)
            counts = any_of([counts, x_counts])
        return result


def _over(mask: Tensor | None, x: Tensor) -> Tensor | None:
    """Mask with as many axes as a tensor, whose first axes it is for."""
    while mask is not None and len(mask.shape) < len(x.shape):
        mask = ops.expand_dims(mask, -1)
    return mask


def same_rank(tensors: Sequence[Any]) -> list[Any]:
    """Tensors with axes of size 1 added behind the batch axis, so that all have the same rank."""
    rank = max(len(x.shape) for x in tensors if x is not None) if any(x is not None for x in tensors) else 0
    result = []
    for x in tensors:
        while x is not None and len(x.shape) < rank:
            x = ops.expand_dims(x, 1)
        result.append(x)
    return result
