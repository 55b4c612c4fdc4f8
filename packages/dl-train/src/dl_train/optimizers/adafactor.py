"""Adafactor."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple, Unpack

from dl_ops.objects import public
from dl_ops.ops import expand_dims, maximum, mean, minimum, rsqrt, sqrt, square
from dl_ops.typing import Tensor
from dl_ops.variable import Variable
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.state import LearningRate, OptimizerOptions


class Factors(NamedTuple):
    """Running means of the square of a variable's gradient."""

    row: Tensor
    """Over the last axis; of a variable of fewer than two axes, of each element."""

    column: Tensor | None = None
    """Over the last axis but one."""


@public("keras.optimizers.Adafactor")
class Adafactor(Optimizer):
    """Adafactor: Adam without momentum whose second moments are kept as sums over rows and over columns.

    At step `t`, counted from 1, with `rms` the root of the mean square of all elements ::

        b = 1 - t**beta_2_decay
        s = gradient**2 + epsilon_1
        row = b * row + (1 - b) * mean(s, axis=-1)
        column = b * column + (1 - b) * mean(s, axis=-2)
        u = gradient / sqrt(row[..., None] * column[..., None, :] / mean(row))
        rate = min(learning_rate, 1 / sqrt(t)) * max(epsilon_2, rms(variable))
        variable -= rate * u / max(1, rms(u) / clip_threshold)

    A variable of fewer than two axes has a mean square for each element.

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule, Variable or callable, default 0.001
        Relative to the size of the variable.
    beta_2_decay : float, default -0.8
        Power of `t` by which the running means become slower.
    epsilon_1 : float, default 1e-30
        Added to the gradient's square.
    epsilon_2 : float, default 1e-3
        What a variable's size counts as at least.
    clip_threshold : float, default 1.0
        What `rms(u)` may be at most.
    relative_step : bool, default True
        Whether the learning rate is at most ``1 / sqrt(t)``.
    **options
        As for `Optimizer`.

    References
    ----------
    Shazeer & Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost", arXiv:1804.04235.

    Examples
    --------
    >>> from dl_ops import Variable, ops
    >>> optimizer, v = Adafactor(0.5), Variable([[2.0, 2.0]])
    >>> optimizer.apply([ops.convert_to_tensor([[10.0, -0.1]])], [v])
    >>> v.numpy().round(4).tolist()
    [[1.0, 3.0]]
    """

    state_type = Factors

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_2_decay, self.epsilon_1, self.epsilon_2 = beta_2_decay, epsilon_1, epsilon_2
        self.clip_threshold, self.relative_step = clip_threshold, relative_step

    def slots(self) -> Sequence[Sequence[str]]:
        return [["row", "column", "velocity"]]

    def create_slots(self, variable: Variable, names: Sequence[str]) -> Sequence[Variable]:
        # all three are in Keras's files, whatever is used
        prefix = variable.path.replace("/", "_")
        shape = variable.shape
        factored = len(shape) > 1
        shapes = (shape[:-1], (*shape[:-2], shape[-1])) if factored else ((), ())
        dtype = variable._dtype if factored else "int32"
        row, column = (
            self.add_variable(own, dtype=dtype, name=f"{prefix}_{name}")
            for own, name in zip(shapes, names, strict=False)
        )
        velocity = self.add_variable_from_reference(variable, names[-1])
        return [row, column] if factored else [velocity]

    def is_elementwise(self, kind: Hashable) -> bool:
        return False

    def step_size(self, t: Tensor, rate: Tensor) -> Tensor:
        return minimum(rate, t**-0.5) if self.relative_step else rate

    def step(self, grad: Tensor, value: Tensor, state: Factors, t: Tensor, rate: Tensor) -> tuple[Tensor, Factors]:
        share = t**self.beta_2_decay
        squares = grad * grad + self.epsilon_1
        if state.column is None:
            new = Factors(state.row + (squares - state.row) * share)
            scaled = grad * rsqrt(new.row)
        else:
            row = state.row + (mean(squares, axis=-1) - state.row) * share
            column = state.column + (mean(squares, axis=-2) - state.column) * share
            new = Factors(row, column)
            # as two factors, because the product of two small means can be zero
            by_row = rsqrt(row / mean(row, axis=-1, keepdims=True))
            scaled = grad * expand_dims(by_row, -1) * expand_dims(rsqrt(column), -2)
        size = maximum(_root_mean_square(value), self.epsilon_2) * rate
        excess = maximum(_root_mean_square(scaled) / self.clip_threshold, 1.0)
        return scaled * (size / excess), new

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "beta_2_decay": self.beta_2_decay,
            "epsilon_1": self.epsilon_1,
            "epsilon_2": self.epsilon_2,
            "clip_threshold": self.clip_threshold,
            "relative_step": self.relative_step,
        }


def _root_mean_square(x: Tensor) -> Tensor:
    return sqrt(mean(square(x)))
