"""Adagrad."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

from dl_layers import initializers
from dl_ops.objects import public
from dl_ops.ops import rsqrt
from dl_ops.typing import Tensor
from dl_ops.variable import Variable
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.checks import check_not_negative
from dl_train.optimizers.state import LearningRate, OptimizerOptions


class SquareSum(NamedTuple):
    """Sum of the squares of a variable's gradients, of its shape."""

    square: Tensor


@public("keras.optimizers.Adagrad")
class Adagrad(Optimizer):
    """Adagrad: gradients divided by the root of the sum of the squares of all so far.

    With `s` at first `initial_accumulator_value` ::

        s = s + gradient**2
        variable -= learning_rate * gradient / sqrt(s + epsilon)

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule, Variable or callable, default 0.001
    initial_accumulator_value : float, default 0.1
        Not negative.
    epsilon : float, default 1e-7
        Added under the root.
    **options
        As for `Optimizer`.

    Raises
    ------
    ValueError
        If `initial_accumulator_value` is negative.

    References
    ----------
    Duchi, Hazan & Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", JMLR 12,
    2011.

    Examples
    --------
    >>> from dl_ops import Variable, ops
    >>> optimizer, v = Adagrad(0.5, initial_accumulator_value=0.0), Variable([1.0])
    >>> for _ in range(2):
    ...     optimizer.apply([ops.convert_to_tensor([3.0])], [v])
    >>> v.numpy().astype("float64").round(4).tolist()  # 1 - 0.5 - 0.5 / sqrt(2)
    [0.1464]
    """

    state_type = SquareSum

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        check_not_negative("Adagrad", initial_accumulator_value=initial_accumulator_value)
        self.initial_accumulator_value, self.epsilon = initial_accumulator_value, epsilon

    def slots(self) -> Sequence[Sequence[str]]:
        return [["accumulator"]]

    def initial_slot(self, variable: Variable, name: str) -> Any:
        return initializers.Constant(self.initial_accumulator_value)

    def step(self, grad: Tensor, value: Tensor, state: SquareSum, t: Tensor, rate: Tensor) -> tuple[Tensor, SquareSum]:
        square = state.square + grad * grad
        return grad * rate * rsqrt(square + self.epsilon), SquareSum(square)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "initial_accumulator_value": self.initial_accumulator_value,
            "epsilon": self.epsilon,
        }
