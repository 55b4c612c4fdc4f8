"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

from dl_ops.objects import public
from dl_ops.typing import Tensor
from dl_train.optimizers.algorithm import NativeStep
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.state import LearningRate, OptimizerOptions


class Momentum(NamedTuple):
    """The last update of a variable, with its sign; kept if there is momentum."""

    momentum: Tensor | None = None


@public("keras.optimizers.SGD")
class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

    Without momentum ``variable -= learning_rate * gradient``; with it ::

        velocity = momentum * velocity - learning_rate * gradient
        variable += velocity  # classical
        variable += momentum * velocity - learning_rate * gradient  # Nesterov

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule, Variable or callable, default 0.01
    momentum : float, default 0.0
        Fraction of the last update that is added to the next one, in [0, 1].
    nesterov : bool, default False
        Take the gradient's step from where the momentum leads.
    **options
        As for `Optimizer`.

    Raises
    ------
    ValueError
        If `momentum` is not in [0, 1].

    References
    ----------
    Sutskever, Martens, Dahl & Hinton, "On the importance of initialization and momentum in deep learning", ICML 2013.

    Examples
    --------
    >>> from dl_ops import Variable, ops
    >>> optimizer, v = SGD(0.5, momentum=0.5), Variable([1.0])
    >>> for _ in range(2):
    ...     optimizer.apply([ops.convert_to_tensor([1.0])], [v])
    >>> v.numpy().tolist()
    [-0.25]
    """

    state_type = Momentum
    native_step = NativeStep("sgd", ("momentum", "nesterov"))

    def __init__(
        self,
        learning_rate: LearningRate = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        if not 0 <= momentum <= 1:
            raise ValueError(f"SGD(momentum={momentum!r}): expected a number in [0, 1]")
        self.momentum, self.nesterov = momentum, nesterov

    def slots(self) -> Sequence[Sequence[str]]:
        return [["momentum"]] if self.momentum else []

    def step(self, grad: Tensor, value: Tensor, state: Momentum, t: Tensor, rate: Tensor) -> tuple[Tensor, Momentum]:
        descent = grad * rate
        if state.momentum is None:
            return descent, state
        velocity = self.momentum * state.momentum - descent
        update = descent - self.momentum * velocity if self.nesterov else -velocity
        return update, Momentum(velocity)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}
