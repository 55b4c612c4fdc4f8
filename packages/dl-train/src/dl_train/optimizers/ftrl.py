"""FTRL-Proximal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

from dl_layers import initializers
from dl_ops.objects import public
from dl_ops.ops import absolute, maximum, sign, sqrt
from dl_ops.typing import Tensor
from dl_ops.variable import Variable
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.checks import check_not_negative
from dl_train.optimizers.state import LearningRate, OptimizerOptions


class Leader(NamedTuple):
    """State of a variable, of its shape."""

    square: Tensor
    """Sum of the squares of its gradients."""

    linear: Tensor
    """Coefficient of the variable in what is minimised."""


@public("keras.optimizers.Ftrl")
class Ftrl(Optimizer):
    """FTRL-Proximal: each variable goes to where the sum of all gradients so far, with penalties, would have it.

    With `n` at first `initial_accumulator_value` and `z` zero ::

        g = gradient + 2 * l2_shrinkage_regularization_strength * variable
        new_n = n + gradient**2
        z = z + g - (new_n**-p - n**-p) / learning_rate * variable  # p is learning_rate_power
        n = new_n
        q = (n**-p + beta) / learning_rate + 2 * l2_regularization_strength
        variable = (clip(z, -l1, l1) - z) / q  # l1 is l1_regularization_strength

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule, Variable or callable, default 0.001
    learning_rate_power : float, default -0.5
        Not positive; with zero the learning rate stays as it is.
    initial_accumulator_value : float, default 0.1
    l1_regularization_strength, l2_regularization_strength : float, default 0.0
        Penalties on where the variable goes; the first makes small ones zero.
    l2_shrinkage_regularization_strength : float, default 0.0
        Penalty on the size of the variable, part of the gradient.
    beta : float, default 0.0
        The paper's, which lowers the learning rate at first.
    **options
        As for `Optimizer`.

    Raises
    ------
    ValueError
        If `learning_rate_power` is positive, or `initial_accumulator_value` or a strength is negative.

    References
    ----------
    McMahan et al., "Ad Click Prediction: a View from the Trenches", KDD 2013.

    Examples
    --------
    >>> from dl_ops import Variable, ops
    >>> optimizer, v = Ftrl(1.0, l1_regularization_strength=0.5), Variable([0.0, 0.0])
    >>> optimizer.apply([ops.convert_to_tensor([2.0, 0.25])], [v])
    >>> v.numpy().astype("float64").round(4).tolist()  # (0.5 - 2) / sqrt(0.1 + 4)
    [-0.7408, 0.0]
    """

    state_type = Leader

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        if learning_rate_power > 0:
            raise ValueError(f"Ftrl(learning_rate_power={learning_rate_power!r}): expected a number of at most zero")
        check_not_negative(
            "Ftrl",
            initial_accumulator_value=initial_accumulator_value,
            l1_regularization_strength=l1_regularization_strength,
            l2_regularization_strength=l2_regularization_strength,
            l2_shrinkage_regularization_strength=l2_shrinkage_regularization_strength,
        )
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta

    def slots(self) -> Sequence[Sequence[str]]:
        return [["accumulator", "linear"]]

    def initial_slot(self, variable: Variable, name: str) -> Any:
        return initializers.Constant(self.initial_accumulator_value) if name == "accumulator" else "zeros"

    def step(self, grad: Tensor, value: Tensor, state: Leader, t: Tensor, rate: Tensor) -> tuple[Tensor, Leader]:
        square = state.square + grad * grad
        power, before = self._power(square), self._power(state.square)
        shrinkage = 2 * self.l2_shrinkage_regularization_strength
        shrunk = grad + value * shrinkage if shrinkage else grad
        linear = state.linear + shrunk - (power - before) / rate * value
        curvature = (power + self.beta) / rate + 2 * self.l2_regularization_strength
        excess = maximum(absolute(linear) - self.l1_regularization_strength, 0.0)
        return value + sign(linear) * excess / curvature, Leader(square, linear)

    def _power(self, x: Tensor) -> Tensor:
        return sqrt(x) if self.learning_rate_power == -0.5 else x**-self.learning_rate_power

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "learning_rate_power": self.learning_rate_power,
            "initial_accumulator_value": self.initial_accumulator_value,
            "l1_regularization_strength": self.l1_regularization_strength,
            "l2_regularization_strength": self.l2_regularization_strength,
            "l2_shrinkage_regularization_strength": self.l2_shrinkage_regularization_strength,
            "beta": self.beta,
        }
