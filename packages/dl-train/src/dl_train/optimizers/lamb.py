"""LAMB."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Unpack

from dl_ops.objects import public
from dl_ops.ops import lerp, logical_and, sqrt, square, where
from dl_ops.ops import sum as sum_of
from dl_ops.typing import Tensor
from dl_train.optimizers.adam import Moments
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.state import LearningRate, OptimizerOptions


@public("keras.optimizers.Lamb")
class Lamb(Optimizer):
    """LAMB: Adam's direction, with steps of each variable in proportion to its norm; for large batches.

    With `m` and `v` zero at first, at step `t`, counted from 1 ::

        m = beta_1 * m + (1 - beta_1) * gradient
        v = beta_2 * v + (1 - beta_2) * gradient**2
        r = m / (1 - beta_1**t) / (sqrt(v / (1 - beta_2**t)) + epsilon)
        variable -= learning_rate * norm(variable) / norm(r) * r

    The ratio of norms is one where either norm is zero. Weight decay, if any, comes before the step and not, as in the
    paper, into `r`.

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
    You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", arXiv:1904.00962.

    Examples
    --------
    >>> from dl_ops import Variable, ops
    >>> optimizer, v = Lamb(0.5), Variable([3.0, 4.0])
    >>> optimizer.apply([ops.convert_to_tensor([10.0, 0.0])], [v])
    >>> v.numpy().round(4).tolist()  # half of the norm
    [0.5, 4.0]
    """

    state_type = Moments

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

    def is_elementwise(self, kind: Hashable) -> bool:
        return False

    def step(self, grad: Tensor, value: Tensor, state: Moments, t: Tensor, rate: Tensor) -> tuple[Tensor, Moments]:
        mean = lerp(state.mean, grad, 1 - self.beta_1)
        new_square = lerp(state.square, grad * grad, 1 - self.beta_2)
        direction = mean / (1 - self.beta_1**t) / (sqrt(new_square / (1 - self.beta_2**t)) + self.epsilon)
        norm, length = (sqrt(sum_of(square(x))) for x in (value, direction))
        usable = logical_and(norm > 0, length > 0)
        ratio = where(usable, norm / where(usable, length, 1.0), 1.0)
        return direction * (ratio * rate), Moments(mean, new_square)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
