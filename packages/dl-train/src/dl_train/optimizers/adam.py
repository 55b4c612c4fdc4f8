"""Adam and its variant with decoupled weight decay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

from dl_ops.objects import public
from dl_ops.ops import lerp, maximum, sqrt
from dl_ops.typing import Tensor
from dl_train.optimizers.algorithm import NativeStep
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.state import LearningRate, OptimizerOptions


class Moments(NamedTuple):
    """Running means kept for a variable, of its shape."""

    mean: Tensor
    """Of the gradient."""

    square: Tensor
    """Of the gradient's square."""

    largest: Tensor | None = None
    """Largest `square` so far, for AMSGrad."""


@public("keras.optimizers.Adam")
class Adam(Optimizer):
    """Adam: gradient descent with steps scaled by running estimates of the gradient's first and second moments.

    With `m` and `v` zero at first, at step `t`, counted from 1 ::

        m = beta_1 * m + (1 - beta_1) * gradient
        v = beta_2 * v + (1 - beta_2) * gradient**2
        variable -= learning_rate * sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (sqrt(v) + epsilon)

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule, Variable or callable, default 0.001
    beta_1, beta_2 : float, default 0.9 and 0.999
        Decay of the estimates per step.
    epsilon : float, default 1e-7
        The paper's epsilon-hat, added to ``sqrt(v)`` before bias correction; PyTorch adds it after.
    amsgrad : bool, default False
        Divide by the largest `v` so far.
    **options
        As for `Optimizer`.

    References
    ----------
    Kingma & Ba, "Adam: A Method for Stochastic Optimization", arXiv:1412.6980; Reddi, Kale & Kumar, "On the Convergence
    of Adam and Beyond", ICLR 2018, for AMSGrad.

    Examples
    --------
    >>> from dl_ops import Variable, ops
    >>> optimizer, v = Adam(0.5), Variable([1.0, 1.0])
    >>> optimizer.apply([ops.convert_to_tensor([10.0, -0.1])], [v])
    >>> v.numpy().round(4).tolist()  # the first step is of the learning rate's size, whatever the gradient's
    [0.5, 1.5]
    """

    state_type = Moments
    native_step = NativeStep("adam", ("beta_1", "beta_2", "epsilon"))

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon, self.amsgrad = beta_1, beta_2, epsilon, amsgrad

    def slots(self) -> Sequence[Sequence[str]]:
        return [["momentum", "velocity"], ["velocity_hat"]] if self.amsgrad else [["momentum", "velocity"]]

    def step_size(self, t: Tensor, rate: Tensor) -> Tensor:
        # the form just before section 2.1: both bias corrections in one factor
        return rate * (1 - self.beta_2**t) ** 0.5 / (1 - self.beta_1**t)  # type: ignore[no-any-return]  # a tensor

    def step(self, grad: Tensor, value: Tensor, state: Moments, t: Tensor, rate: Tensor) -> tuple[Tensor, Moments]:
        mean = lerp(state.mean, grad, 1 - self.beta_1)
        square = lerp(state.square, grad * grad, 1 - self.beta_2)
        # what may stand for many variables comes first: PyTorch is slow to see that its tensors cannot multiply a list
        if state.largest is None:
            return mean * rate / (sqrt(square) + self.epsilon), Moments(mean, square)
        largest = maximum(state.largest, square)
        return mean * rate / (sqrt(largest) + self.epsilon), Moments(mean, square, largest)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }


@public("keras.optimizers.AdamW")
class AdamW(Adam):
    """Adam with decoupled weight decay: variables shrink by ``1 - weight_decay * learning_rate`` before each step.

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule, Variable or callable, default 0.001
    weight_decay : float, default 0.004
    beta_1, beta_2, epsilon, amsgrad
        As for `Adam`.
    **options
        As for `Optimizer`.

    Raises
    ------
    ValueError
        If `weight_decay` is ``None``.

    References
    ----------
    Loshchilov & Hutter, "Decoupled Weight Decay Regularization", arXiv:1711.05101.

    Examples
    --------
    >>> from dl_ops import Variable, ops
    >>> optimizer, v = AdamW(0.5, weight_decay=0.5), Variable([4.0])
    >>> optimizer.apply([ops.convert_to_tensor([1.0])], [v])
    >>> v.numpy().round(4).tolist()
    [2.5]
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Any,
    ) -> None:
        if weight_decay is None:
            raise ValueError("AdamW(weight_decay=None): expected a number; Adam has no weight decay")
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options)
