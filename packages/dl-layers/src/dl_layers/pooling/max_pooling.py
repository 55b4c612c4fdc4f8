"""Maximum over windows of sequences, images and volumes."""

from __future__ import annotations

from typing import Any

from dl_layers.pooling.base import Pooling
from dl_ops import ops
from dl_ops.objects import public


@public("keras.layers.MaxPooling1D", "keras.layers.MaxPool1D")
class MaxPooling1D(Pooling):
    """Maximum over windows of sequences.

    Shapes: ``(batch, steps, channels) -> (batch, new_steps, channels)``, or with the channels first.

    Parameters
    ----------
    pool_size : int, default 2
        Size of the windows.
    strides : int, optional
        Distance between windows; their size by default.
    padding : {"valid", "same"}
        Whether windows lie wholly inside, or may reach over the border.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    name : str, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these, or a window does not fit into the input.

    Examples
    --------
    >>> MaxPooling1D()(ops.ones((1, 4, 3))).shape
    (1, 2, 3)
    """

    rank = 1
    pool = staticmethod(ops.max_pool)

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name, **options)


@public("keras.layers.MaxPooling2D", "keras.layers.MaxPool2D")
class MaxPooling2D(Pooling):
    """Maximum over windows of images.

    Shapes: ``(batch, rows, columns, channels) -> (batch, new_rows, new_columns, channels)``, or channels first.

    Parameters
    ----------
    pool_size : int or pair of int, default (2, 2)
        Size of the windows.
    strides : int or pair of int, optional
        Distance between windows; their size by default.
    padding : {"valid", "same"}
        Whether windows lie wholly inside, or may reach over the border.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    name : str, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these, or a window does not fit into the input.

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


@public("keras.layers.MaxPooling3D", "keras.layers.MaxPool3D")
class MaxPooling3D(Pooling):
    """Maximum over windows of volumes.

    Shapes: ``(batch, depth, rows, columns, channels) -> (batch, new_depth, new_rows, new_columns, channels)``, or
    with the channels first.

    Parameters
    ----------
    pool_size : int or triple of int, default (2, 2, 2)
        Size of the windows.
    strides : int or triple of int, optional
        Distance between windows; their size by default.
    padding : {"valid", "same"}
        Whether windows lie wholly inside, or may reach over the border.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    name : str, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these, or a window does not fit into the input.

    Examples
    --------
    >>> MaxPooling3D()(ops.ones((1, 4, 6, 2, 3))).shape
    (1, 2, 3, 1, 3)
    """

    rank = 3
    pool = staticmethod(ops.max_pool)

    def __init__(
        self,
        pool_size: Any = (2, 2, 2),
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name, **options)
