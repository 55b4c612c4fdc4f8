"""Zeros around images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers.layer import InputSpec, Layer, LayerOptions
from dl_ops import ops
from dl_ops.config import standardize_data_format
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor


def _pairs(padding: Any, name: str) -> tuple[tuple[int, int], ...]:
    """Rows and columns to add on both sides, from an integer, a pair, or a pair of pairs."""
    rows = (padding, padding) if isinstance(padding, int) else padding
    if isinstance(rows, Sequence) and len(rows) == 2:
        pairs = [(side, side) if isinstance(side, int) else tuple(side) for side in rows]
        if all(len(pair) == 2 and all(isinstance(n, int) and n >= 0 for n in pair) for pair in pairs):
            return tuple((int(before), int(after)) for before, after in pairs)
    raise ValueError(
        f"{name}(padding={padding!r}): expected an integer, two integers, or two pairs of integers, not negative"
    )


@public("keras.layers.ZeroPadding2D")
class ZeroPadding2D(Layer):
    """Add rows and columns of zeros around images.

    Parameters
    ----------
    padding : int, pair of int, or pair of pairs of int, default (1, 1)
        For both axes, for each, or for each side: ``((top, bottom), (left, right))``.
    data_format : {"channels_last", "channels_first"}, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `padding` is none of these.

    Examples
    --------
    >>> ZeroPadding2D(((1, 0), (2, 2)))(ops.ones((1, 3, 3, 1))).shape
    (1, 4, 7, 1)
    """

    _keeps_dtype = True

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.padding = _pairs(padding, type(self).__name__)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=4)

    def _pad_width(self) -> tuple[tuple[int, int], ...]:
        none = (0, 0)
        return (none, *self.padding, none) if self.data_format == "channels_last" else (none, none, *self.padding)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.pad(inputs, self._pad_width())

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        widths = self._pad_width()
        return tuple(
            None if size is None else size + before + after
            for size, (before, after) in zip(input_shape, widths, strict=True)
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "padding": self.padding, "data_format": self.data_format}
