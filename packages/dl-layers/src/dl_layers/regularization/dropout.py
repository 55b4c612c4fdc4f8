"""Dropout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.validation import fraction, sizes
from dl_ops import random
from dl_ops.objects import public
from dl_ops.random import SeedGenerator
from dl_ops.typing import Shape, Tensor


@public("keras.layers.Dropout")
class Dropout(Layer):
    """While training, set a random part of the inputs to zero and scale the others so that the expected sum stays.

    Parameters
    ----------
    rate : float
        Part that is set to zero, between 0 and 1.
    noise_shape : sequence of int or None, optional
        Shape of the random mask, which is broadcast; ``None`` for the input's size.
    seed : int, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `rate` is not between 0 and 1.

    References
    ----------
    Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15 (2014).

    Examples
    --------
    >>> from dl_ops import ops
    >>> Dropout(0.5)(ops.ones(3)).tolist()
    [1.0, 1.0, 1.0]
    """

    _keeps_dtype = True

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.rate = fraction(rate, "rate", self)
        self.seed = seed
        self.noise_shape = None if noise_shape is None else sizes(noise_shape, "noise_shape", self, unknown=True)
        self.supports_masking = True
        if self.rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self.built = True

    def call(self, inputs: Tensor, training: bool | None = False) -> Tensor:
        """Drop values if `training` is true; else return the inputs."""
        if not training or self.rate == 0:
            return inputs
        return random.dropout(inputs, self.rate, noise_shape=self.noise_shape, seed=self.seed_generator)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed, "noise_shape": self.noise_shape}
