"""Adadelta."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

from dl_ops.objects import public
from dl_ops.ops import lerp, rsqrt, sqrt
from dl_ops.typing import Tensor
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.state import LearningRate, OptimizerOptions


class Squares(NamedTuple):
    """Running means kept for a variable, of its shape."""

    gradient: Tensor
    """Of the gradient's square."""

    change: Tensor
    """Of the square of what the step would be at a learning rate of one."""


@public("keras.optimizers.Adadelta")
class Adadelta(Optimizer):
    """Adadelta: steps whose size follows that of the steps before, with the variable's own unit.

    With `g2` and `d2` zero at first ::

        g2 = rho * g2 + (1 - rho) * gradient**2
        change = gradient * sqrt(d2 + epsilon) / sqrt(g2 + epsilon)
        d2 = rho * d2 + (1 - rho) * change**2
        variable -= learning_rate * change

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule, Variable or callable, default 0.001
        The paper has none, that is 1.
    rho : float, default 0.95
        Decay of the running means per step.
    epsilon : float, default 1e-7
        Added under both roots.
    **options
        As for `Optimizer`.

    References
    ----------
    Zeiler, "ADADELTA: An Adaptive Learning Rate Method", arXiv:1212.5701.

    Examples
    --------
    >>> from dl_ops import Variable, ops
    >>> optimizer, v = Adadelta(1.0, epsilon=0.01), Variable([1.0])
    >>> optimizer.apply([ops.convert_to_tensor([2.0])], [v])
    >>> v.numpy().astype("float64").round(4).tolist()  # 1 - 2 * sqrt(0.01) / sqrt(0.05 * 4 + 0.01)
    [0.5636]
    """

    state_type = Squares

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho, self.epsilon = rho, epsilon

    def slots(self) -> Sequence[Sequence[str]]:
        return [["accumulated_grad", "accumulated_delta_var"]]

    def step(self, grad: Tensor, value: Tensor, state: Squares, t: Tensor, rate: Tensor) -> tuple[Tensor, Squares]:
        squares = lerp(state.gradient, grad * grad, 1 - self.rho)
        change = grad * sqrt(state.change + self.epsilon) * rsqrt(squares + self.epsilon)
        return change * rate, Squares(squares, lerp(state.change, change * change, 1 - self.rho))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rho": self.rho, "epsilon": self.epsilon}
