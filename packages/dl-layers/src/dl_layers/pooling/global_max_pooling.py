"""Maximum over all places of sequences, images and volumes."""

from __future__ import annotations

from dl_layers.pooling.base import GlobalPooling
from dl_ops import ops
from dl_ops.objects import public


@public("keras.layers.GlobalMaxPooling1D", "keras.layers.GlobalMaxPool1D")
class GlobalMaxPooling1D(GlobalPooling):
    """Maximum over all steps of sequences.

    Shapes: ``(batch, steps, channels) -> (batch, channels)``, or with the channels first.

    Parameters
    ----------
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    keepdims : bool, default False
        Keep the reduced axes with size 1.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> GlobalMaxPooling1D()(ops.ones((1, 4, 3))).tolist()
    [[1.0, 1.0, 1.0]]
    """

    rank = 1
    reduce = staticmethod(ops.max)


@public("keras.layers.GlobalMaxPooling2D", "keras.layers.GlobalMaxPool2D")
class GlobalMaxPooling2D(GlobalPooling):
    """Maximum over all rows and columns of images.

    Shapes: ``(batch, rows, columns, channels) -> (batch, channels)``, or with the channels first.

    Parameters
    ----------
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    keepdims : bool, default False
        Keep the reduced axes with size 1.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> GlobalMaxPooling2D()(ops.ones((1, 4, 6, 3))).tolist()
    [[1.0, 1.0, 1.0]]
    """

    rank = 2
    reduce = staticmethod(ops.max)


@public("keras.layers.GlobalMaxPooling3D", "keras.layers.GlobalMaxPool3D")
class GlobalMaxPooling3D(GlobalPooling):
    """Maximum over all places of volumes.

    Shapes: ``(batch, depth, rows, columns, channels) -> (batch, channels)``, or with the channels first.

    Parameters
    ----------
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    keepdims : bool, default False
        Keep the reduced axes with size 1.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> GlobalMaxPooling3D()(ops.ones((1, 4, 6, 2, 3))).tolist()
    [[1.0, 1.0, 1.0]]
    """

    rank = 3
    reduce = staticmethod(ops.max)
