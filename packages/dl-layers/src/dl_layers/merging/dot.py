"""Products of vectors of two inputs, summed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers.layer import LayerOptions
from dl_layers.layer.masking import of_input_masks
from dl_layers.merging.base import Merge
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.rules import standardize_axis
from dl_ops.typing import Shape, Tensor

_LETTERS = "bcdefghijklmnopqrstuvwxyz"


@public("keras.layers.Dot")
class Dot(Merge):
    """Dot products of the vectors along an axis of each of two inputs, example by example.

    Shapes: ``[(batch, ...), (batch, ...)] -> (batch, ...)`` with the other axes of the first input and then those of
    the second; ``(batch, 1)`` if there are none.

    Parameters
    ----------
    axes : int or pair of int
        The axis of both inputs, or of each. It is not that of the batch.
    normalize : bool, default False
        Whether vectors are first scaled to length 1, so that the results are cosines.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `axes` is none of these, there are not two inputs, or their axes differ in size.

    Examples
    --------
    >>> x = ops.convert_to_tensor([[1.0, 2.0, 3.0]])
    >>> Dot(1)([x, x]).tolist()
    [[14.0]]
    >>> Dot((1, 2))([x, ops.ones((1, 5, 3))]).tolist()
    [[6.0, 6.0, 6.0, 6.0, 6.0]]
    """

    minimum_inputs = maximum_inputs = 2

    def __init__(self, axes: int | Sequence[int], normalize: bool = False, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        pair: Any = axes if isinstance(axes, (list, tuple)) else (axes, axes)
        if len(pair) != 2 or any(isinstance(axis, bool) or not hasattr(axis, "__index__") for axis in pair):
            raise ValueError(f"Dot(axes={axes!r}): expected an integer, or two integers")
        first, second = map(int, pair)
        self.axes = (first, second) if isinstance(axes, (list, tuple)) else first
        self.normalize = normalize

    def _axes(self, shapes: Sequence[Shape]) -> tuple[int, int]:
        """The axis of each input, counted from the first."""
        pair = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        found = [standardize_axis(axis, len(shape), name="axes") for axis, shape in zip(pair, shapes, strict=True)]
        if 0 in found:
            raise ValueError(f"Dot {self.name!r}: axes={self.axes} has the batch of inputs of shapes {shapes}")
        return found[0], found[1]

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        if len(inputs) != 2:
            self._check([tuple(x.shape) for x in inputs])
        x, y = inputs
        shapes = [tuple(x.shape), tuple(y.shape)]
        first, second = self._axes(shapes)
        if self.normalize:
            x, y = ops.normalize(x, axis=first), ops.normalize(y, axis=second)
        letters = "a" + _LETTERS[: len(shapes[0]) - 1]
        others = _LETTERS[len(letters) - 1 :][: len(shapes[1]) - 1]
        shared = letters[first]
        others = "a" + others[: second - 1] + shared + others[second:]
        kept = (letters + others[1:]).replace(shared, "")
        products = ops.einsum(f"{letters},{others}->{kept}", x, y)
        return products if len(kept) > 1 else ops.expand_dims(products, 1)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Symbolic outputs, without history, for symbolic inputs."""
        return self._spec_by_call((inputs,), {})

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        shapes = [tuple(shape) for shape in input_shape]
        batch = self._check_batch(shapes)
        first, second = self._axes(shapes)
        sizes = shapes[0][first], shapes[1][second]
        if None not in sizes and sizes[0] != sizes[1]:
            raise ValueError(
                f"Dot {self.name!r}: axes={self.axes} of inputs of shapes {shapes} have the sizes {sizes[0]} and "
                f"{sizes[1]}, which differ"
            )
        rest = [size for axis, size in enumerate(shapes[0]) if axis not in (0, first)]
        rest += [size for axis, size in enumerate(shapes[1]) if axis not in (0, second)]
        return (batch, *(rest or [1]))

    @of_input_masks
    def compute_mask(self, inputs: Sequence[Tensor], mask: Any = None) -> None:
        """The masks end here."""
        return None

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axes": self.axes, "normalize": self.normalize}
