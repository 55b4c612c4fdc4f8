"""Mean over windows of sequences, images and volumes."""

from __future__ import annotations

from dl_layers.pooling.base import Pooling
from dl_ops import ops
from dl_ops.objects import public


@public("keras.layers.AveragePooling1D", "keras.layers.AvgPool1D")
class AveragePooling1D(Pooling):
    """Mean over windows of sequences; positions beyond the border do not count.

    Shapes: ``(batch, steps, channels) -> (batch, new_steps, channels)``, or with the channels first.

    Parameters
    ----------
    pool_size : int
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
    >>> AveragePooling1D(2)(ops.ones((1, 4, 3))).shape
    (1, 2, 3)
    """

    rank = 1
    pool = staticmethod(ops.average_pool)


@public("keras.layers.AveragePooling2D", "keras.layers.AvgPool2D")
class AveragePooling2D(Pooling):
    """Mean over windows of images; positions beyond the border do not count.

    Shapes: ``(batch, rows, columns, channels) -> (batch, new_rows, new_columns, channels)``, or channels first.

    Parameters
    ----------
    pool_size : int or pair of int
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
    >>> AveragePooling2D(2)(ops.ones((1, 4, 6, 3))).shape
    (1, 2, 3, 3)
    """

    rank = 2
    pool = staticmethod(ops.average_pool)


@public("keras.layers.AveragePooling3D", "keras.layers.AvgPool3D")
class AveragePooling3D(Pooling):
    """Mean over windows of volumes; positions beyond the border do not count.

    Shapes: ``(batch, depth, rows, columns, channels) -> (batch, new_depth, new_rows, new_columns, channels)``, or
    with the channels first.

    Parameters
    ----------
    pool_size : int or triple of int
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
    >>> AveragePooling3D(2)(ops.ones((1, 4, 6, 2, 3))).shape
    (1, 2, 3, 1, 3)
    """

    rank = 3
    pool = staticmethod(ops.average_pool)
