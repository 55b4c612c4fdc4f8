"""Mirrored images."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import InputSpec, LayerOptions
from dl_layers.layer.validation import one_of
from dl_ops import ops, random
from dl_ops.config import standardize_data_format
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor
from dl_preprocess.layers.data_layer import RandomDataLayer

_HORIZONTAL, _VERTICAL, _BOTH = "horizontal", "vertical", "horizontal_and_vertical"


@public("keras.layers.RandomFlip")
class RandomFlip(RandomDataLayer):
    """While training, mirror each image with probability one half, along either axis independently.

    Parameters
    ----------
    mode : {"horizontal_and_vertical", "horizontal", "vertical"}
        Left to right, upside down, or both.
    seed : int, optional
    data_format : {"channels_last", "channels_first"}, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `mode` is none of these.

    Examples
    --------
    >>> layer = RandomFlip("horizontal", seed=1)
    >>> layer(ops.ones((2, 4, 4, 3))).shape
    (2, 4, 4, 3)
    """

    def __init__(
        self,
        mode: str = _BOTH,
        seed: int | None = None,
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(seed, **options)
        self.mode = one_of(mode, (_BOTH, _HORIZONTAL, _VERTICAL), "mode", self)
        self.data_format = standardize_data_format(data_format)
        self.supports_masking = True
        self.input_spec = InputSpec(min_ndim=3, max_ndim=4)
        self.built = True

    def call(self, inputs: Tensor, training: bool | None = True) -> Tensor:
        """Mirror the images if `training` is true.

        Parameters
        ----------
        inputs : tensor, shape (batch, rows, columns, channels) or (rows, columns, channels)
        training : bool, default True

        Returns
        -------
        tensor
        """
        images = ops.cast(inputs, self.compute_dtype)
        if not training:
            return images
        rows = -3 if self.data_format == "channels_last" else -2
        if self.mode != _VERTICAL:
            images = self._flip(images, rows + 1)
        if self.mode != _HORIZONTAL:
            images = self._flip(images, rows)
        return images

    def _flip(self, images: Tensor, axis: int) -> Tensor:
        # one value for each image, dropped or not: the size of a batch may be unknown
        one = ops.ones_like(images[..., :1, :1, :1])
        chosen = ops.greater(random.dropout(one, 0.5, seed=self.generator_here()), 0)
        flipped: Tensor = ops.where(chosen, ops.flip(images, axis=axis), images)
        return flipped

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format, "seed": self.seed, "mode": self.mode}
