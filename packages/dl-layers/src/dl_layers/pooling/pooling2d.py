"""Pooling over the two spatial axes of images."""

from __future__ import annotations

from typing import Any

from dl_layers.pooling.base import GlobalPooling, Pooling
from dl_ops import ops
from dl_ops.objects import public


@public("keras.layers.MaxPooling2D", "keras.layers.MaxPool2D")
class MaxPooling2D(Pooling):
    """Maximum over windows.

    Shapes: ``(batch, rows, columns, channels) -> (batch, new_rows, new_columns, channels)``, or with the channels
    first.

    Parameters
    ----------
    pool_size : int or pair of int, default (2, 2)
        Size of the windows.
    strides : int or pair of int, optional
        Distance between windows; their size by default.
    padding : {"valid", "same"}
        Whether windows lie wholly inside, or may reach over the border.
    data_format : {"channels_last", "channels_first"}, optional
    name : str, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> MaxPooling2D()(ops.ones((1, 4, 6, 3))).shape
    (1, 2, 3, 3)
    """

    rank = 2
    pool = staticmethod(ops.max_pool)

    def __init__(
        self,
        pool_size: Any = (2, 2),
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name, **options)


@public("keras.layers.AveragePooling2D", "keras.layers.AvgPool2D")
class AveragePooling2D(Pooling):
    """Mean over windows; positions beyond the border do not count.

    Shapes: ``(batch, rows, columns, channels) -> (batch, new_rows, new_columns, channels)``, or with the channels
    first.

    Parameters
    ----------
    pool_size : int or pair of int
        Size of the windows.
    strides : int or pair of int, optional
        Distance between windows; their size by default.
    padding : {"valid", "same"}
        Whether windows lie wholly inside, or may reach over the border.
    data_format : {"channels_last", "channels_first"}, optional
    name : str, optional
    **options
        As for `Layer`.

    Examples
    --------
    >>> AveragePooling2D(2)(ops.ones((1, 4, 6, 3))).shape
    (1, 2, 3, 3)
    """

    rank = 2
    pool = staticmethod(ops.average_pool)


@public("keras.layers.GlobalAveragePooling2D", "keras.layers.GlobalAvgPool2D")
class GlobalAveragePooling2D(GlobalPooling):
    """Mean over all rows and columns.

    Shapes: ``(batch, rows, columns, channels) -> (batch, channels)``, or with the channels first.

    Parameters
    ----------
    data_format : {"channels_last", "channels_first"}, optional
    keepdims : bool, default False
        Keep the reduced axes with size 1.
    **options
        As for `Layer`.

    Examples
    --------
    >>> GlobalAveragePooling2D()(ops.ones((1, 4, 6, 3))).tolist()
    [[1.0, 1.0, 1.0]]
    """

    rank = 2
    reduce = staticmethod(ops.mean)


@public("keras.layers.GlobalMaxPooling2D", "keras.layers.GlobalMaxPool2D")
class GlobalMaxPooling2D(GlobalPooling):
    """Maximum over all rows and columns.

    Shapes: ``(batch, rows, columns, channels) -> (batch, channels)``, or with the channels first.

    Parameters
    ----------
    data_format : {"channels_last", "channels_first"}, optional
    keepdims : bool, default False
        Keep the reduced axes with size 1.
    **options
        As for `Layer`.

    Examples
    --------
    >>> GlobalMaxPooling2D()(ops.ones((1, 4, 6, 3))).tolist()
    [[1.0, 1.0, 1.0]]
    """

    rank = 2
    reduce = staticmethod(ops.max)
