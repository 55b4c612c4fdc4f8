"""Nadam."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Unpack

from dl_ops.objects import public
from dl_ops.ops import lerp, sqrt
from dl_ops.typing import Tensor
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.state import LearningRate, OptimizerOptions

_WARMTH: Final = 0.96
"""Base of the power by which the momentum approaches `beta_1`; the paper takes its 250th part of the exponent."""


class MomentsAndProduct(NamedTuple):
    """Running means kept for a variable, of its shape, and what is kept for all."""

    mean: Tensor
    """Of the gradient."""

    square: Tensor
    """Of the gradient's square."""

    product: Any = None
    """Of the momenta of all steps so far, with this one: a scalar, which is given to the step and not returned."""


@public("keras.optimizers.Nadam")
class Nadam(Optimizer):
    """Adam with Nesterov's momentum.

    With `m` and `v` zero and `p` one at first, at step `t`, counted from 1 ::

        u(t) = beta_1 * (1 - 0.96**t / 2)
        p = p * u(t)
        m = beta_1 * m + (1 - beta_1) * gradient
        v = beta_2 * v + (1 - beta_2) * gradient**2
        mean = u(t + 1) * m / (1 - p * u(t + 1)) + (1 - u(t)) * gradient / (1 - p)
        variable -= learning_rate * mean / (sqrt(v / (1 - beta_2**t)) + epsilon)

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule, Variable or callable, default 0.001
    beta_1, beta_2 : float, default 0.9 and 0.999
        Decay of the estimates per step.
    epsilon : float, default 1e-7
    **options
        As for `Optimizer`.

    References
    ----------
    Dozat, "Incorporating Nesterov Momentum into Adam", ICLR workshop 2016. There the momentum approaches `beta_1` 250
    times as slowly; here as in Keras.

    Examples
    --------
    >>> from dl_ops import Variable, ops
    >>> optimizer, v = Nadam(0.5), Variable([1.0, 1.0])
    >>> optimizer.apply([ops.convert_to_tensor([10.0, -0.1])], [v])
    >>> v.numpy().astype("float64").round(2).tolist()
    [0.47, 1.53]
    """

    state_type = MomentsAndProduct

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
        return [["momentum", "velocity"]]

    def shared_slots(self) -> Mapping[str, float]:
        return {"momentum_product": 1.0}

    def advance_shared(self, shared: Sequence[Tensor], t: Tensor) -> Sequence[Tensor]:
        return [shared[0] * self._momentum(t)]

    def _momentum(self, t: Tensor) -> Tensor:
        return self.beta_1 * (1 - 0.5 * _WARMTH**t)  # type: ignore[no-any-return]  # a tensor

    def step(
        self, grad: Tensor, value: Tensor, state: MomentsAndProduct, t: Tensor, rate: Tensor
    ) -> tuple[Tensor, MomentsAndProduct]:
        product, ahead = state.product, self._momentum(t + 1)
        mean = lerp(state.mean, grad, 1 - self.beta_1)
        square = lerp(state.square, grad * grad, 1 - self.beta_2)
        of_mean = rate * ahead / (1 - product * ahead)
        of_gradient = rate * (1 - self._momentum(t)) / (1 - product)
        descent = mean * of_mean + grad * of_gradient
        return descent / (sqrt(square / (1 - self.beta_2**t)) + self.epsilon), MomentsAndProduct(mean, square)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
