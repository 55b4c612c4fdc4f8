"""Normally distributed noise, added or multiplied."""

from __future__ import annotations

import math
from typing import Any, Unpack

from dl_layers.layer import LayerOptions
from dl_layers.layer.validation import not_negative, proper_fraction
from dl_layers.regularization.base import Noise
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor


@public("keras.layers.GaussianDropout")
class GaussianDropout(Noise):
    """While training, multiply by normally distributed numbers with the mean 1 and the variance of dropout.

    Parameters
    ----------
    rate : float
        Of the dropout that has the same variance, from 0 up to, not including, 1: the standard deviation is
        ``sqrt(rate / (1 - rate))``.
    seed : int, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `rate` is out of range.

    References
    ----------
    Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15 (2014), section 10.

    Examples
    --------
    >>> GaussianDropout(0.5)(ops.ones(3)).tolist()
    [1.0, 1.0, 1.0]
    """

    def __init__(self, rate: float, seed: int | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(seed, **options)
        self.rate = proper_fraction(rate, "rate", self)
        self.start(self.rate)

    def noisy(self, inputs: Tensor) -> Tensor:
        stddev = math.sqrt(self.rate / (1 - self.rate))
        return ops.multiply(inputs, self.normal(inputs, 1.0, stddev))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}


@public("keras.layers.GaussianNoise")
class GaussianNoise(Noise):
    """While training, add normally distributed numbers with the mean 0.

    Parameters
    ----------
    stddev : float
        Standard deviation of what is added, not negative.
    seed : int, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `stddev` is negative.

    Examples
    --------
    >>> GaussianNoise(0.5)(ops.ones(3)).tolist()
    [1.0, 1.0, 1.0]
    """

    def __init__(self, stddev: float, seed: int | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(seed, **options)
        self.stddev = not_negative(stddev, "stddev", self)
        self.start(self.stddev)

    def noisy(self, inputs: Tensor) -> Tensor:
        return ops.add(inputs, self.normal(inputs, 0.0, self.stddev))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stddev": self.stddev}
