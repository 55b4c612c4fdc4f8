"""What a learning-rate schedule is."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from dl_ops import config, ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike


@public(
    "keras.optimizers.schedules.LearningRateSchedule",
    "keras.src.optimizers.schedules.learning_rate_schedule.LearningRateSchedule",
)
class LearningRateSchedule:
    """Learning rate as a function of the number of steps taken.

    Subclasses override `__call__` and `get_config`. A schedule is written with ops, so that it can be a part of a
    compiled step.

    Examples
    --------
    >>> class Halving(LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.5 ** ops.cast(step, "float32")
    >>> float(Halving()(2))
    0.25
    """

    arguments: ClassVar[tuple[str, ...]] = ()
    """Names of the constructor's arguments, kept as attributes; they make up the config."""

    def __call__(self, step: TensorLike) -> Tensor:
        """Learning rate of a step.

        Parameters
        ----------
        step : tensor_like, shape ()
            Number of steps taken before, an integer.

        Returns
        -------
        tensor, shape ()
            Of the default float dtype.
        """
        raise NotImplementedError(f"{type(self).__name__} has no __call__(step)")

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        if not self.arguments:
            raise NotImplementedError(f"{type(self).__name__} cannot be saved: it has no get_config()")
        return {name: getattr(self, name) for name in self.arguments}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make a schedule from what `get_config` returned."""
        return cls(**config)


def as_float(step: TensorLike) -> Tensor:
    """Return a step count as a tensor of the default float dtype."""
    return ops.cast(step, config.floatx())


def check_positive(schedule: LearningRateSchedule, name: str, value: Any) -> None:
    """Raise a ``ValueError`` that names the argument unless it is positive."""
    if not value > 0:
        raise ValueError(f"{type(schedule).__name__}({name}={value!r}): expected a positive number of steps")
