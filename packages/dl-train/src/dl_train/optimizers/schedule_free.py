"""Schedule-free AdamW."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

import numpy as np

from dl_ops.objects import public
from dl_ops.ops import equal, lerp, minimum, sqrt, where
from dl_ops.typing import Tensor
from dl_ops.variable import Variable
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.checks import check_not_negative
from dl_train.optimizers.state import LearningRate, OptimizerOptions


class Iterate(NamedTuple):
    """State of a variable, of its shape."""

    iterate: Tensor
    """Where steps are taken: the paper's `z`. The variable is the paper's `y`."""

    square: Tensor
    """Running mean of the gradient's square."""


@public("keras.optimizers.ScheduleFreeAdamW")
class ScheduleFreeAdamW(Optimizer):
    """AdamW whose averaged iterates take the place of a learning-rate schedule.

    With `z` and `x` at first the variable and `v` zero, at step `t`, counted from 1 ::

        v = beta_2 * v + (1 - beta_2) * gradient**2
        z = z - rate * gradient / (sqrt(v / (1 - beta_2**t)) + epsilon)
        x = (1 - 1 / t) * x + z / t
        variable = (1 - beta_1) * z + beta_1 * x

    where `rate` is ``learning_rate * min(1, t / warmup_steps)``. `x` is the mean of all `z`; it is not kept, but
    follows from the variable and `z`.

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule, Variable or callable, default 0.0025
    beta_1 : float, default 0.9
        Share of the mean in the variable, above 0 and at most 1.
    beta_2 : float, default 0.999
        Decay of `v` per step.
    epsilon : float, default 1e-8
    warmup_steps : int, default 0
        Number of steps in which the learning rate rises from zero.
    **options
        As for `Optimizer`.

    Raises
    ------
    ValueError
        If `beta_1` is not above 0 and at most 1, as the mean cannot be told from the variable then, or `warmup_steps`
        is negative.

    References
    ----------
    Defazio et al., "The Road Less Scheduled", arXiv:2405.15682.

    Examples
    --------
    >>> from dl_ops import Variable, ops
    >>> optimizer, v = ScheduleFreeAdamW(0.5), Variable([1.0, 1.0])
    >>> optimizer.apply([ops.convert_to_tensor([10.0, -0.1])], [v])
    >>> v.numpy().round(4).tolist()
    [0.5, 1.5]
    """

    state_type = Iterate

    def __init__(
        self,
        learning_rate: LearningRate = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        if not 0 < beta_1 <= 1:
            raise ValueError(f"ScheduleFreeAdamW(beta_1={beta_1!r}): expected a number above 0 and at most 1")
        check_not_negative("ScheduleFreeAdamW", warmup_steps=warmup_steps)
        self.beta_1, self.beta_2, self.epsilon, self.warmup_steps = beta_1, beta_2, epsilon, warmup_steps

    def slots(self) -> Sequence[Sequence[str]]:
        return [["momentum", "velocity"]]

    def initial_slot(self, variable: Variable, name: str) -> Any:
        return (lambda shape, dtype: np.array(variable.numpy())) if name == "momentum" else "zeros"

    def step_size(self, t: Tensor, rate: Tensor) -> Tensor:
        return rate * minimum(t / self.warmup_steps, 1.0) if self.warmup_steps else rate

    def step(self, grad: Tensor, value: Tensor, state: Iterate, t: Tensor, rate: Tensor) -> tuple[Tensor, Iterate]:
        # weights may have been loaded since the optimizer was built
        iterate = where(equal(t, 1.0), value, state.iterate)
        squares = lerp(state.square, grad * grad, 1 - self.beta_2)
        mean = (value - iterate * (1 - self.beta_1)) / self.beta_1
        iterate = iterate - grad * rate / (sqrt(squares / (1 - self.beta_2**t)) + self.epsilon)
        mean = mean + (iterate - mean) / t
        return value - (iterate * (1 - self.beta_1) + mean * self.beta_1), Iterate(iterate, squares)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "warmup_steps": self.warmup_steps,
        }
