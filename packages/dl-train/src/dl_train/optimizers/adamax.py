"""Adamax."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

from dl_ops.objects import public
from dl_ops.ops import absolute, lerp, maximum
from dl_ops.typing import Tensor
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.state import LearningRate, OptimizerOptions


class MeanAndNorm(NamedTuple):
    """State of a variable, of its shape."""

    mean: Tensor
    """Running mean of the gradient."""

    norm: Tensor
    """The largest of the gradients so far, each decayed since."""


@public("keras.optimizers.Adamax")
class Adamax(Optimizer):
    """Adam with the infinity norm in the place of the root of the second moment.

    With `m` and `u` zero at first, at step `t`, counted from 1 ::

        m = beta_1 * m + (1 - beta_1) * gradient
        u = max(beta_2 * u, abs(gradient))
        variable -= learning_rate / (1 - beta_1**t) * m / (u + epsilon)

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule, Variable or callable, default 0.001
    beta_1, beta_2 : float, default 0.9 and 0.999
        Decay of the mean and of the norm per step.
    epsilon : float, default 1e-7
    **options
        As for `Optimizer`.

    References
    ----------
    Kingma & Ba, "Adam: A Method for Stochastic Optimization", section 7.1, arXiv:1412.6980.

    Examples
    --------
    >>> from dl_ops import Variable, ops
    >>> optimizer, v = Adamax(0.5), Variable([1.0, 1.0])
    >>> optimizer.apply([ops.convert_to_tensor([10.0, -0.1])], [v])
    >>> v.numpy().round(4).tolist()
    [0.5, 1.5]
    """

    state_type = MeanAndNorm

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def slots(self) -> Sequence[Sequence[str]]:
        return [["momentum", "norm"]]

    def step_size(self, t: Tensor, rate: Tensor) -> Tensor:
        return rate / (1 - self.beta_1**t)  # type: ignore[no-any-return]  # a tensor

    def step(
        self, grad: Tensor, value: Tensor, state: MeanAndNorm, t: Tensor, rate: Tensor
    ) -> tuple[Tensor, MeanAndNorm]:
        mean = lerp(state.mean, grad, 1 - self.beta_1)
        norm = maximum(state.norm * self.beta_2, absolute(grad))
        return mean * rate / (norm + self.epsilon), MeanAndNorm(mean, norm)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
