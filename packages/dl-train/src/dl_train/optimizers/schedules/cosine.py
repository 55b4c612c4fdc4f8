"""Schedules that follow a cosine."""

from __future__ import annotations

import math

from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_train.optimizers.schedules.base import LearningRateSchedule, as_float, check_positive


def _half_wave(fraction: Tensor) -> Tensor:
    """Half a period of a cosine, from 1 at ``fraction = 0`` to 0 at 1."""
    return ops.multiply(0.5, 1.0 + ops.cos(math.pi * fraction))


@public("keras.optimizers.schedules.CosineDecay")
class CosineDecay(LearningRateSchedule):
    """Half a cosine wave from the initial rate to a fraction of it, after an optional linear warm-up.

    ``peak * ((1 - alpha) * (1 + cos(pi * min(step, decay_steps) / decay_steps)) / 2 + alpha)``

    Parameters
    ----------
    initial_learning_rate : float
        The peak, or with a warm-up the rate that it begins with.
    decay_steps : int
        Steps until the end, not counting the warm-up.
    alpha : float, default 0.0
        The final rate as a fraction of the peak.
    name : str, default "CosineDecay"
    warmup_target : float, optional
        The peak that the warm-up leads to; without one there is no warm-up.
    warmup_steps : int, default 0

    Raises
    ------
    ValueError
        If `decay_steps` is not positive.

    References
    ----------
    Loshchilov & Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", arXiv:1608.03983.

    Examples
    --------
    >>> schedule = CosineDecay(0.0, decay_steps=10, warmup_target=1.0, warmup_steps=4)
    >>> [round(float(schedule(step)), 6) for step in (0, 2, 4, 9, 14)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """

    arguments = ("initial_learning_rate", "decay_steps", "alpha", "name", "warmup_target", "warmup_steps")

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        check_positive(self, "decay_steps", decay_steps)
        self.initial_learning_rate, self.decay_steps, self.alpha, self.name = (
            initial_learning_rate,
            decay_steps,
            alpha,
            name,
        )
        self.warmup_target, self.warmup_steps = warmup_target, warmup_steps

    def __call__(self, step: TensorLike) -> Tensor:
        taken = as_float(step)
        if self.warmup_target is None or not self.warmup_steps:
            peak = self.initial_learning_rate if self.warmup_target is None else self.warmup_target
            return self._decayed(taken, peak)
        rise = self.warmup_target - self.initial_learning_rate
        warming = rise * (taken / self.warmup_steps) + self.initial_learning_rate
        decayed = self._decayed(taken - self.warmup_steps, self.warmup_target)
        rate: Tensor = ops.where(taken < self.warmup_steps, warming, decayed)
        return rate

    def _decayed(self, step: Tensor, peak: float) -> Tensor:
        wave = _half_wave(ops.minimum(step, float(self.decay_steps)) / self.decay_steps)
        return ops.multiply(peak, (1.0 - self.alpha) * wave + self.alpha)


@public("keras.optimizers.schedules.CosineDecayRestarts")
class CosineDecayRestarts(LearningRateSchedule):
    """Half cosine waves one after another, each a multiple of the one before in length and height.

    Parameters
    ----------
    initial_learning_rate : float
    first_decay_steps : int
        Length of the first wave.
    t_mul : float, default 2.0
        Each wave's length over the one before.
    m_mul : float, default 1.0
        Each wave's height over the one before.
    alpha : float, default 0.0
        The lowest rate as a fraction of the initial one.
    name : str, default "SGDRDecay"

    Raises
    ------
    ValueError
        If `first_decay_steps` is not positive.

    References
    ----------
    Loshchilov & Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", arXiv:1608.03983.

    Examples
    --------
    >>> schedule = CosineDecayRestarts(1.0, first_decay_steps=2, t_mul=1.0, m_mul=0.5)
    >>> [round(float(schedule(step)), 6) for step in (0, 1, 2, 3)]
    [1.0, 0.5, 0.5, 0.25]
    """

    arguments = ("initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha", "name")

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        check_positive(self, "first_decay_steps", first_decay_steps)
        self.initial_learning_rate, self.first_decay_steps = initial_learning_rate, first_decay_steps
        self.t_mul, self.m_mul, self.alpha, self.name = t_mul, m_mul, alpha, name

    def __call__(self, step: TensorLike) -> Tensor:
        waves = as_float(step) / self.first_decay_steps
        if self.t_mul == 1.0:
            restarts = ops.floor(waves)
            fraction = waves - restarts
        else:
            # n waves take (1 - t_mul ** n) / (1 - t_mul) times the first one's length
            restarts = ops.floor(ops.log(1.0 - waves * (1.0 - self.t_mul)) / math.log(self.t_mul))
            length = ops.power(self.t_mul, restarts)
            fraction = (waves - (1.0 - length) / (1.0 - self.t_mul)) / length
        height = ops.power(self.m_mul, restarts)
        return ops.multiply(
            self.initial_learning_rate, (1.0 - self.alpha) * (height * _half_wave(fraction)) + self.alpha
        )
