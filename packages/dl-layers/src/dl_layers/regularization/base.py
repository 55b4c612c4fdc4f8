"""What layers that act while training alone, by random numbers, have in common."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_ops import random
from dl_ops.image.layout import extent
from dl_ops.random import SeedGenerator
from dl_ops.typing import Shape, Tensor


class Noise(Layer):
    """Change the inputs at random while training; else return them.

    A subclass calls `start` when it knows how strong its noise is, and defines `noisy`.
    """

    _keeps_dtype = True
    seed_generator: SeedGenerator

    def __init__(self, seed: int | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.seed = seed
        self.supports_masking = True
        self._silent = True
        self.built = True

    def start(self, strength: float) -> None:
        """Prepare to draw, unless the noise is of strength zero."""
        self._silent = strength == 0
        if not self._silent:
            self.seed_generator = SeedGenerator(self.seed)

    def noisy(self, inputs: Tensor) -> Tensor:
        """The inputs with noise."""
        raise NotImplementedError

    def normal(self, inputs: Tensor, mean: float, stddev: float) -> Tensor:
        """Normally distributed numbers, as many as the inputs'."""
        shape: Any = tuple(extent(inputs, axis, "int32") for axis in range(len(inputs.shape)))
        return random.normal(shape, mean, stddev, self.compute_dtype, self.seed_generator)

    def call(self, inputs: Tensor, training: bool | None = False) -> Tensor:
        """Add the noise if `training` is true; else return the inputs."""
        return inputs if self._silent or not training else self.noisy(inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}
