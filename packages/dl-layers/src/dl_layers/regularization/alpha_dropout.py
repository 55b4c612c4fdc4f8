"""Dropout for networks that normalize themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Unpack

from dl_layers.layer import LayerOptions
from dl_layers.layer.validation import proper_fraction, sizes
from dl_layers.regularization.base import Noise
from dl_ops import ops, random
from dl_ops.objects import public
from dl_ops.typing import Tensor

# the value that selu tends to for very negative inputs
_LOWEST: Final = -1.0507009873554805 * 1.6732632423543772


@public("keras.layers.AlphaDropout")
class AlphaDropout(Noise):
    """While training, set a random part of the inputs to the lowest value of `selu`, then scale and shift all of them
    so that the mean 0 and the variance 1 stay.

    Parameters
    ----------
    rate : float
        Part that is set, from 0 up to, not including, 1.
    noise_shape : sequence of int or None, optional
        Shape of the random mask, which is broadcast; ``None`` for the input's size.
    seed : int, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `rate` is out of range.

    References
    ----------
    Klambauer et al., "Self-Normalizing Neural Networks", arXiv:1706.02515.

    Examples
    --------
    >>> AlphaDropout(0.5)(ops.ones(3)).tolist()
    [1.0, 1.0, 1.0]
    """

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(seed, **options)
        self.rate = proper_fraction(rate, "rate", self)
        self.noise_shape = None if noise_shape is None else sizes(noise_shape, "noise_shape", self, unknown=True)
        self.start(self.rate)

    def noisy(self, inputs: Tensor) -> Tensor:
        ones = random.dropout(ops.ones_like(inputs), self.rate, noise_shape=self.noise_shape, seed=self.seed_generator)
        mixed = ops.where(ops.greater(ones, 0.0), inputs, ops.full_like(inputs, _LOWEST))
        scale = ((1 - self.rate) * (1 + self.rate * _LOWEST**2)) ** -0.5
        return ops.add(ops.multiply(mixed, scale), -scale * _LOWEST * self.rate)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "noise_shape": self.noise_shape}
