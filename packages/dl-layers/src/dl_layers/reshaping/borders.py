"""What layers that add to or cut from the sides of the spatial axes have in common."""

from __future__ import annotations

from typing import Any, ClassVar, Unpack

from dl_layers.layer import InputSpec, Layer, LayerOptions
from dl_layers.layer.validation import data_format_of
from dl_ops.typing import Shape

Sides = tuple[tuple[int, int], ...]


class Borders(Layer):
    """A number for both sides of each of `rank` spatial axes."""

    rank: ClassVar[int]
    sign: ClassVar[int]
    _keeps_dtype = True

    def __init__(
        self, amounts: Any, name_of_amounts: str, data_format: str | None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        self._sides = self._standardized(amounts, name_of_amounts)
        self.data_format = data_format_of(data_format, self)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _standardized(self, amounts: Any, name: str) -> Sides:
        """Amounts before and after along each axis: from one for all, or one or a pair for each axis; for a single
        axis, from its pair.
        """
        axes = (amounts,) * self.rank if _is_amount(amounts) else (amounts,) if self.rank == 1 else amounts
        if isinstance(axes, (list, tuple)) and len(axes) == self.rank:
            pairs = [(axis, axis) if _is_amount(axis) else axis for axis in axes]
            if all(isinstance(pair, (list, tuple)) and len(pair) == 2 and all(map(_is_amount, pair)) for pair in pairs):
                return tuple((int(before), int(after)) for before, after in pairs)
        others = "two integers" if self.rank == 1 else f"{self.rank} integers, or {self.rank} pairs of integers"
        raise ValueError(
            f"{type(self).__name__}({name}={amounts!r}): expected an integer, or {others}, that are not negative"
        )

    @property
    def _amounts(self) -> Any:
        """The amounts as an argument: for one axis, its pair."""
        return self._sides[0] if self.rank == 1 else self._sides

    def _per_axis(self) -> Sides:
        """The amounts for every axis of the input, the batch and the channels among them."""
        none = (0, 0)
        return (none, *self._sides, none) if self.data_format == "channels_last" else (none, none, *self._sides)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(
            None if size is None else size + self.sign * (before + after)
            for size, (before, after) in zip(input_shape, self._per_axis(), strict=True)
        )


def _is_amount(value: Any) -> bool:
    return not isinstance(value, bool) and hasattr(value, "__index__") and int(value) >= 0
