"""Schedules that fall by powers, fractions, polynomials or steps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike
from dl_train.optimizers.schedules.base import LearningRateSchedule, as_float, check_positive


@public("keras.optimizers.schedules.ExponentialDecay")
class ExponentialDecay(LearningRateSchedule):
    """Exponential decay: ``initial_learning_rate * decay_rate ** (step / decay_steps)``.

    Parameters
    ----------
    initial_learning_rate : float
    decay_steps : int
        Steps in which the rate is multiplied by `decay_rate` once.
    decay_rate : float
    staircase : bool, default False
        Round the exponent down, so that the rate falls in steps.
    name : str, default "ExponentialDecay"

    Raises
    ------
    ValueError
        If `decay_steps` is not positive.

    Examples
    --------
    >>> schedule = ExponentialDecay(0.5, decay_steps=10, decay_rate=0.25)
    >>> float(schedule(0)), float(schedule(5)), float(schedule(10))
    (0.5, 0.25, 0.125)
    """

    arguments = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase", "name")

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        check_positive(self, "decay_steps", decay_steps)
        self.initial_learning_rate, self.decay_steps, self.decay_rate = initial_learning_rate, decay_steps, decay_rate
        self.staircase, self.name = staircase, name

    def __call__(self, step: TensorLike) -> Tensor:
        periods = as_float(step) / self.decay_steps
        if self.staircase:
            periods = ops.floor(periods)
        return ops.multiply(self.initial_learning_rate, ops.power(self.decay_rate, periods))


@public("keras.optimizers.schedules.InverseTimeDecay")
class InverseTimeDecay(LearningRateSchedule):
    """Hyperbolic decay: ``initial_learning_rate / (1 + decay_rate * step / decay_steps)``.

    Parameters
    ----------
    initial_learning_rate : float
    decay_steps : int
        Unit in which steps are counted.
    decay_rate : float
    staircase : bool, default False
        Round ``step / decay_steps`` down, so that the rate falls in steps.
    name : str, default "InverseTimeDecay"

    Raises
    ------
    ValueError
        If `decay_steps` is not positive.

    Examples
    --------
    >>> float(InverseTimeDecay(0.5, decay_steps=1, decay_rate=1.0)(3))
    0.125
    """

    arguments = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase", "name")

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        check_positive(self, "decay_steps", decay_steps)
        self.initial_learning_rate, self.decay_steps, self.decay_rate = initial_learning_rate, decay_steps, decay_rate
        self.staircase, self.name = staircase, name

    def __call__(self, step: TensorLike) -> Tensor:
        periods = as_float(step) / self.decay_steps
        if self.staircase:
            periods = ops.floor(periods)
        return ops.divide(self.initial_learning_rate, 1.0 + self.decay_rate * periods)


@public("keras.optimizers.schedules.PolynomialDecay")
class PolynomialDecay(LearningRateSchedule):
    """Polynomial decay, by default linear, to an end value that is then kept.

    ``(initial_learning_rate - end_learning_rate) * (1 - step / decay_steps) ** power + end_learning_rate``

    Parameters
    ----------
    initial_learning_rate : float
    decay_steps : int
        Steps until the end.
    end_learning_rate : float, default 0.0001
    power : float, default 1.0
    cycle : bool, default False
        Begin again beyond the end, from where a decay to the next multiple of `decay_steps` would be.
    name : str, default "PolynomialDecay"

    Raises
    ------
    ValueError
        If `decay_steps` is not positive.

    Examples
    --------
    >>> schedule = PolynomialDecay(1.0, decay_steps=4, end_learning_rate=0.0)
    >>> [float(schedule(step)) for step in (0, 1, 4, 9)]
    [1.0, 0.75, 0.0, 0.0]
    """

    arguments = ("initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle", "name")

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        check_positive(self, "decay_steps", decay_steps)
        self.initial_learning_rate, self.decay_steps = initial_learning_rate, decay_steps
        self.end_learning_rate, self.power, self.cycle, self.name = end_learning_rate, power, cycle, name

    def __call__(self, step: TensorLike) -> Tensor:
        fraction = as_float(step) / self.decay_steps
        # cycle n ends at n * decay_steps; step 0 belongs to the first
        fraction = fraction / ops.maximum(ops.ceil(fraction), 1.0) if self.cycle else ops.minimum(fraction, 1.0)
        drop = self.initial_learning_rate - self.end_learning_rate
        return ops.add(ops.multiply(drop, ops.power(1.0 - fraction, self.power)), self.end_learning_rate)


@public("keras.optimizers.schedules.PiecewiseConstantDecay")
class PiecewiseConstantDecay(LearningRateSchedule):
    """Constant rates between boundaries.

    Parameters
    ----------
    boundaries : sequence of int
        The last step of each piece but the last, increasing.
    values : sequence of float
        The rates, one more than boundaries.
    name : str, default "PiecewiseConstant"

    Raises
    ------
    ValueError
        If the numbers of boundaries and values do not fit, or boundaries do not increase.

    Examples
    --------
    >>> schedule = PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.25])
    >>> [float(schedule(step)) for step in (0, 10, 11, 21)]
    [1.0, 1.0, 0.5, 0.25]
    """

    arguments = ("boundaries", "values", "name")

    def __init__(self, boundaries: Sequence[int], values: Sequence[float], name: str = "PiecewiseConstant") -> None:
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                f"PiecewiseConstantDecay(): expected one more of values than of boundaries, "
                f"got {len(values)} values and {len(boundaries)} boundaries"
            )
        if any(later <= earlier for earlier, later in pairwise(boundaries)):
            raise ValueError(f"PiecewiseConstantDecay(boundaries={boundaries!r}): expected increasing steps")
        self.boundaries, self.values, self.name = boundaries, values, name

    def __call__(self, step: TensorLike) -> Tensor:
        taken = as_float(step)
        rate: Tensor = ops.full_like(taken, self.values[0])
        for boundary, value in zip(self.boundaries, self.values[1:], strict=True):
            rate = ops.where(taken > boundary, value, rate)
        return rate
