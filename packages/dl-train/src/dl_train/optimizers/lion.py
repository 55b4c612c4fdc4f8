"""Lion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

from dl_ops.objects import public
from dl_ops.ops import lerp, sign
from dl_ops.typing import Tensor
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.state import LearningRate, OptimizerOptions


class Mean(NamedTuple):
    """Running mean of a variable's gradient, of its shape."""

    mean: Tensor


@public("keras.optimizers.Lion")
class Lion(Optimizer):
    """Lion: steps of one size, in the direction of the sign of a momentum.

    With `m` zero at first ::

        variable -= learning_rate * sign(beta_1 * m + (1 - beta_1) * gradient)
        m = beta_2 * m + (1 - beta_2) * gradient

    It wants a learning rate three to ten times smaller than AdamW, and a weight decay as many times larger.

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule, Variable or callable, default 0.001
    beta_1, beta_2 : float, default 0.9 and 0.99
        Share of the momentum in the step, in (0, 1], and decay of the momentum per step.
    **options
        As for `Optimizer`.

    Raises
    ------
    ValueError
        If `beta_1` is not in (0, 1]; with zero, only the gradient's sign would count.

    References
    ----------
    Chen et al., "Symbolic Discovery of Optimization Algorithms", arXiv:2302.06675.

    Examples
    --------
    >>> from dl_ops import Variable, ops
    >>> optimizer, v = Lion(0.5), Variable([1.0, 1.0, 1.0])
    >>> optimizer.apply([ops.convert_to_tensor([10.0, -0.1, 0.0])], [v])
    >>> v.numpy().tolist()
    [0.5, 1.5, 1.0]
    """

    state_type = Mean

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        if not 0 < beta_1 <= 1:
            raise ValueError(f"Lion(beta_1={beta_1!r}): expected a number above 0 and at most 1")
        self.beta_1, self.beta_2 = beta_1, beta_2

    def slots(self) -> Sequence[Sequence[str]]:
        return [["momentum"]]

    def step(self, grad: Tensor, value: Tensor, state: Mean, t: Tensor, rate: Tensor) -> tuple[Tensor, Mean]:
        descent = sign(lerp(state.mean, grad, 1 - self.beta_1))
        return descent * rate, Mean(lerp(state.mean, grad, 1 - self.beta_2))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2}
