"""Sequences, images and volumes without what is at their sides."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import LayerOptions
from dl_layers.reshaping.borders import Borders
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor


class Cropping(Borders):
    """Cut off the sides of the spatial axes."""

    sign = -1

    def __init__(self, cropping: Any, data_format: str | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(cropping, "cropping", data_format, **options)

    @property
    def cropping(self) -> Any:
        """What is cut off before and after, for each axis."""
        return self._amounts

    def call(self, inputs: Tensor) -> Tensor:
        self.compute_output_shape(tuple(inputs.shape))
        return ops.get_item(inputs, tuple(slice(before, -after or None) for before, after in self._per_axis()))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        shape = super().compute_output_shape(input_shape)
        if any(
            size is not None and size < 1 and before + after
            for size, (before, after) in zip(shape, self._per_axis(), strict=True)
        ):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: cropping={self.cropping} leaves nothing of an input of shape "
                f"{tuple(input_shape)}"
            )
        return shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cropping": self.cropping, "data_format": self.data_format}


@public("keras.layers.Cropping1D")
class Cropping1D(Cropping):
    """Sequences without steps at their sides.

    Shapes: ``(batch, steps, channels) -> (batch, new_steps, channels)``.

    Parameters
    ----------
    cropping : int or pair of int, default (1, 1)
        For both sides, or for each.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `cropping` is none of these, or leaves nothing of the input.

    Examples
    --------
    >>> Cropping1D((1, 2))(ops.ones((1, 6, 2))).shape
    (1, 3, 2)
    """

    rank = 1

    def __init__(self, cropping: Any = (1, 1), **options: Unpack[LayerOptions]) -> None:
        super().__init__(cropping, "channels_last", **options)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["data_format"]
        return config


@public("keras.layers.Cropping2D")
class Cropping2D(Cropping):
    """Images without rows and columns at their sides.

    Shapes: ``(batch, rows, columns, channels) -> (batch, new_rows, new_columns, channels)``, or channels first.

    Parameters
    ----------
    cropping : int, pair of int, or pair of pairs of int, default 0
        For both axes, for each, or for each side: ``((top, bottom), (left, right))``.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `cropping` is none of these, or leaves nothing of the input.

    Examples
    --------
    >>> Cropping2D(((1, 0), (2, 2)))(ops.ones((1, 4, 7, 1))).shape
    (1, 3, 3, 1)
    """

    rank = 2

    def __init__(
        self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(cropping, data_format, **options)


@public("keras.layers.Cropping3D")
class Cropping3D(Cropping):
    """Volumes without planes, rows and columns at their sides.

    Shapes: ``(batch, depth, rows, columns, channels) -> (batch, new_depth, new_rows, new_columns, channels)``,
    or with the channels first.

    Parameters
    ----------
    cropping : int, triple of int, or triple of pairs of int, default 1
        For all axes, for each, or for each side.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `cropping` is none of these, or leaves nothing of the input.

    Examples
    --------
    >>> Cropping3D((1, 0, 2))(ops.ones((1, 5, 3, 7, 1))).shape
    (1, 3, 3, 3, 1)
    """

    rank = 3

    def __init__(
        self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(cropping, data_format, **options)
