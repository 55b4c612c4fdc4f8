"""Pooling to a given size."""

from __future__ import annotations

from dl_layers.pooling.base import AdaptivePooling
from dl_ops import ops
from dl_ops.objects import public


@public("keras.layers.AdaptiveAveragePooling1D")
class AdaptiveAveragePooling1D(AdaptivePooling):
    """Mean over windows of sequences, as even as can be and as many as are wanted.

    Shapes: ``(batch, steps, channels) -> (batch, *output_size, channels)``, or with the channels first.

    Parameters
    ----------
    output_size : int
        Number of windows; it may exceed the input's size.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> AdaptiveAveragePooling1D(2)(ops.ones((1, 5, 3))).shape
    (1, 2, 3)
    """

    rank = 1
    pool = staticmethod(ops.adaptive_average_pool)


@public("keras.layers.AdaptiveAveragePooling2D")
class AdaptiveAveragePooling2D(AdaptivePooling):
    """Mean over windows of images, as even as can be and as many as are wanted.

    Shapes: ``(batch, rows, columns, channels) -> (batch, *output_size, channels)``, or with the channels first.

    Parameters
    ----------
    output_size : int or pair of int
        Number of windows along each axis; it may exceed the input's size.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> AdaptiveAveragePooling2D(2)(ops.ones((1, 5, 7, 3))).shape
    (1, 2, 2, 3)
    """

    rank = 2
    pool = staticmethod(ops.adaptive_average_pool)


@public("keras.layers.AdaptiveAveragePooling3D")
class AdaptiveAveragePooling3D(AdaptivePooling):
    """Mean over windows of volumes, as even as can be and as many as are wanted.

    Shapes: ``(batch, depth, rows, columns, channels) -> (batch, *output_size, channels)``, or with the channels first.

    Parameters
    ----------
    output_size : int or triple of int
        Number of windows along each axis; it may exceed the input's size.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> AdaptiveAveragePooling3D(2)(ops.ones((1, 5, 7, 3, 3))).shape
    (1, 2, 2, 2, 3)
    """

    rank = 3
    pool = staticmethod(ops.adaptive_average_pool)


@public("keras.layers.AdaptiveMaxPooling1D")
class AdaptiveMaxPooling1D(AdaptivePooling):
    """Maximum over windows of sequences, as even as can be and as many as are wanted.

    Shapes: ``(batch, steps, channels) -> (batch, *output_size, channels)``, or with the channels first.

    Parameters
    ----------
    output_size : int
        Number of windows; it may exceed the input's size.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> AdaptiveMaxPooling1D(2)(ops.ones((1, 5, 3))).shape
    (1, 2, 3)
    """

    rank = 1
    pool = staticmethod(ops.adaptive_max_pool)


@public("keras.layers.AdaptiveMaxPooling2D")
class AdaptiveMaxPooling2D(AdaptivePooling):
    """Maximum over windows of images, as even as can be and as many as are wanted.

    Shapes: ``(batch, rows, columns, channels) -> (batch, *output_size, channels)``, or with the channels first.

    Parameters
    ----------
    output_size : int or pair of int
        Number of windows along each axis; it may exceed the input's size.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> AdaptiveMaxPooling2D(2)(ops.ones((1, 5, 7, 3))).shape
    (1, 2, 2, 3)
    """

    rank = 2
    pool = staticmethod(ops.adaptive_max_pool)


@public("keras.layers.AdaptiveMaxPooling3D")
class AdaptiveMaxPooling3D(AdaptivePooling):
    """Maximum over windows of volumes, as even as can be and as many as are wanted.

    Shapes: ``(batch, depth, rows, columns, channels) -> (batch, *output_size, channels)``, or with the channels first.

    Parameters
    ----------
    output_size : int or triple of int
        Number of windows along each axis; it may exceed the input's size.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> AdaptiveMaxPooling3D(2)(ops.ones((1, 5, 7, 3, 3))).shape
    (1, 2, 2, 2, 3)
    """

    rank = 3
    pool = staticmethod(ops.adaptive_max_pool)
