"""Zeros around sequences, images and volumes."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import LayerOptions
from dl_layers.reshaping.borders import Borders
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor


class ZeroPadding(Borders):
    """Add zeros at the sides of the spatial axes."""

    sign = 1

    def __init__(self, padding: Any, data_format: str | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(padding, "padding", data_format, **options)

    @property
    def padding(self) -> Any:
        """Zeros before and after, for each axis."""
        return self._amounts

    def call(self, inputs: Tensor) -> Tensor:
        return ops.pad(inputs, self._per_axis())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "padding": self.padding, "data_format": self.data_format}


@public("keras.layers.ZeroPadding1D")
class ZeroPadding1D(ZeroPadding):
    """Steps of zeros around sequences.

    Shapes: ``(batch, steps, channels) -> (batch, new_steps, channels)``, or channels first.

    Parameters
    ----------
    padding : int or pair of int, default 1
        For both sides, or for each.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `padding` is none of these.

    Examples
    --------
    >>> ZeroPadding1D((1, 2))(ops.ones((1, 3, 2))).shape
    (1, 6, 2)
    """

    rank = 1

    def __init__(self, padding: Any = 1, data_format: str | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(padding, data_format, **options)


@public("keras.layers.ZeroPadding2D")
class ZeroPadding2D(ZeroPadding):
    """Rows and columns of zeros around images.

    Shapes: ``(batch, rows, columns, channels) -> (batch, new_rows, new_columns, channels)``, or channels first.

    Parameters
    ----------
    padding : int, pair of int, or pair of pairs of int, default (1, 1)
        For both axes, for each, or for each side: ``((top, bottom), (left, right))``.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
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

    rank = 2

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(padding, data_format, **options)


@public("keras.layers.ZeroPadding3D")
class ZeroPadding3D(ZeroPadding):
    """Planes, rows and columns of zeros around volumes.

    Shapes: ``(batch, depth, rows, columns, channels) -> (batch, new_depth, new_rows, new_columns, channels)``,
    or with the channels first.

    Parameters
    ----------
    padding : int, triple of int, or triple of pairs of int, default 1
        For all axes, for each, or for each side.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `padding` is none of these.

    Examples
    --------
    >>> ZeroPadding3D((1, 0, 2))(ops.ones((1, 3, 3, 3, 1))).shape
    (1, 5, 3, 7, 1)
    """

    rank = 3

    def __init__(
        self, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(padding, data_format, **options)
