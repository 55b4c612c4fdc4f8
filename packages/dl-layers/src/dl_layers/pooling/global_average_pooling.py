"""Mean over all places of sequences, images and volumes."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import LayerOptions
from dl_layers.layer.masking import of_input_masks
from dl_layers.layer.validation import check_sequence_mask
from dl_layers.pooling.base import GlobalPooling
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor


@public("keras.layers.GlobalAveragePooling1D", "keras.layers.GlobalAvgPool1D")
class GlobalAveragePooling1D(GlobalPooling):
    """Mean over all steps of sequences, or over those that a mask lets count.

    Shapes: ``(batch, steps, channels) -> (batch, channels)``, or with the channels first. The mask ends here.

    Parameters
    ----------
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    keepdims : bool, default False
        Keep the reduced axis with size 1.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these, or a mask is not of shape ``(batch, steps)``.

    Examples
    --------
    >>> x = ops.reshape([1.0, 3.0, 8.0], (1, 3, 1))
    >>> GlobalAveragePooling1D()(x).tolist(), GlobalAveragePooling1D()(x, mask=[[True, True, False]]).tolist()
    ([[4.0]], [[2.0]])
    """

    rank = 1
    reduce = staticmethod(ops.mean)

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **options: Unpack[LayerOptions]) -> None:
        super().__init__(data_format, keepdims, **options)
        self.supports_masking = True

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """Compute the means.

        Parameters
        ----------
        inputs : tensor
        mask : tensor of bool, shape (batch, steps), optional
            The steps that count. A sequence of which none does has the mean zero.
        """
        if mask is None:
            return super().call(inputs)
        steps = 1 if self.data_format == "channels_last" else 2
        mask = ops.cast(mask, "bool")
        check_sequence_mask(mask, inputs, self, steps=steps)
        counts = ops.expand_dims(mask, 3 - steps)
        # divided first, so that sums of many steps stay in the range of 16 bits
        share = ops.divide(1.0, ops.maximum(ops.sum(ops.cast(counts, "float32"), axis=steps, keepdims=True), 1.0))
        kept = ops.where(counts, inputs, ops.zeros_like(inputs))
        return ops.sum(ops.multiply(kept, ops.cast(share, inputs.dtype)), axis=steps, keepdims=self.keepdims)

    @of_input_masks
    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """The steps are gone, and their mask with them."""
        return None


@public("keras.layers.GlobalAveragePooling2D", "keras.layers.GlobalAvgPool2D")
class GlobalAveragePooling2D(GlobalPooling):
    """Mean over all rows and columns of images.

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
    >>> GlobalAveragePooling2D()(ops.ones((1, 4, 6, 3))).tolist()
    [[1.0, 1.0, 1.0]]
    """

    rank = 2
    reduce = staticmethod(ops.mean)


@public("keras.layers.GlobalAveragePooling3D", "keras.layers.GlobalAvgPool3D")
class GlobalAveragePooling3D(GlobalPooling):
    """Mean over all places of volumes.

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
    >>> GlobalAveragePooling3D()(ops.ones((1, 4, 6, 2, 3))).tolist()
    [[1.0, 1.0, 1.0]]
    """

    rank = 3
    reduce = staticmethod(ops.mean)
