"""RMSprop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

from dl_ops.objects import public
from dl_ops.ops import lerp, rsqrt, square
from dl_ops.typing import Tensor
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.state import LearningRate, OptimizerOptions


class Means(NamedTuple):
    """Running means of a variable, and its last update, of its shape."""

    square: Tensor
    """Of the gradient's square."""

    momentum: Tensor | None = None
    """The last update; kept if there is momentum."""

    mean: Tensor | None = None
    """Of the gradient; kept if centered."""


@public("keras.optimizers.RMSprop")
class RMSprop(Optimizer):
    """RMSprop: gradients divided by the root of a running mean of their squares.

    With `v`, `m` and `u` zero at first ::

        v = rho * v + (1 - rho) * gradient**2
        m = rho * m + (1 - rho) * gradient  # if centered, else m = 0
        u = momentum * u + learning_rate * gradient / sqrt(v - m**2 + epsilon)
        variable -= u

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule, Variable or callable, default 0.001
    rho : float, default 0.9
        Decay of the running means per step.
    momentum : float, default 0.0
        Fraction of the last update that is added to the next one.
    epsilon : float, default 1e-7
        Added under the root.
    centered : bool, default False
        Divide by the root of the gradient's variance instead.
    **options
        As for `Optimizer`.

    References
    ----------
    Tieleman & Hinton, "Lecture 6.5: RMSprop", Coursera, 2012; Graves, "Generating Sequences With Recurrent Neural
    Networks", arXiv:1308.0850, for the centered form.

    Examples
    --------
    >>> from dl_ops import Variable, ops
    >>> optimizer, v = RMSprop(0.1), Variable([1.0, 1.0])
    >>> optimizer.apply([ops.convert_to_tensor([10.0, -0.1])], [v])
    >>> v.numpy().astype("float64").round(3).tolist()  # steps of one size, whatever the gradient's
    [0.684, 1.316]
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho, self.momentum, self.epsilon, self.centered = rho, momentum, epsilon, centered

    def slots(self) -> Sequence[Sequence[str]]:
        return [
            ["velocity"],
            *([["momentum"]] if self.momentum else []),
            *([["average_gradient"]] if self.centered else []),
        ]

    def state_of(self, slots: Sequence[Any]) -> Means:
        rest = iter(slots)
        return Means(next(rest), next(rest) if self.momentum else None, next(rest) if self.centered else None)

    def step(self, grad: Tensor, value: Tensor, state: Means, t: Tensor, rate: Tensor) -> tuple[Tensor, Means]:
        new_square = variance = lerp(state.square, grad * grad, 1 - self.rho)
        mean = state.mean
        if mean is not None:
            mean = lerp(mean, grad, 1 - self.rho)
            variance = new_square - square(mean)
        update = grad * rate * rsqrt(variance + self.epsilon)
        if state.momentum is None:
            return update, Means(new_square, None, mean)
        update = state.momentum * self.momentum + update
        return update, Means(new_square, update, mean)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
