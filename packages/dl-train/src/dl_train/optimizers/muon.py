"""Muon."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Sequence
from typing import Any, Final, NamedTuple

from dl_ops.objects import public
from dl_ops.ops import lerp, matmul, sqrt, square, swapaxes
from dl_ops.ops import sum as sum_of
from dl_ops.typing import Tensor
from dl_ops.variable import Variable
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.checks import check_not_negative
from dl_train.optimizers.state import LearningRate

_MATRIX: Final = "matrix"
_OTHER: Final = "other"
_SMALLEST_NORM: Final = 1e-7

_ARGUMENTS: Final = (
    "adam_beta_1", "adam_beta_2", "adam_weight_decay", "epsilon", "exclude_layers", "exclude_embeddings", "muon_a",
    "muon_b", "muon_c", "adam_lr_ratio", "momentum", "ns_steps", "nesterov", "rms_rate",
)  # fmt: skip


class MomentumAndSquare(NamedTuple):
    """State of a variable, of its shape."""

    momentum: Tensor
    """Of an orthogonalized variable the decayed sum of the gradients, else their running mean."""

    square: Tensor | None = None
    """Running mean of the gradient's square, where the variable is updated as AdamW does."""


@public("keras.optimizers.Muon")
class Muon(Optimizer):
    """Muon: momentum whose singular values are all set to about one, for matrices; AdamW for the rest.

    With `m` zero at first ::

        m = momentum * m + gradient
        u = momentum * m + gradient  # if nesterov, else u = m
        variable -= learning_rate * rms_rate * sqrt(max(rows, columns)) * orthogonalized(u)

    `orthogonalized` divides by the Frobenius norm and then takes `ns_steps` times
    ``x = muon_a * x + (muon_b * (x @ x.T) + muon_c * (x @ x.T) @ (x @ x.T)) @ x``. Variables with another number of
    axes than two, embeddings and what is excluded are updated as by AdamW. An output layer is better excluded, too.

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule, Variable or callable, default 0.001
    adam_beta_1, adam_beta_2 : float, default 0.9 and 0.999
        AdamW's decay of its estimates per step.
    adam_weight_decay : float, optional, default 0.004
        Weight decay of the variables that AdamW updates, times `learning_rate`.
    epsilon : float, default 1e-7
        AdamW's.
    weight_decay : float, optional, default 0.004
        Of the other variables.
    exclude_layers : list of str, optional
        Regular expressions, searched for in the variables' paths, of what AdamW updates.
    exclude_embeddings : bool, default True
        Whether AdamW updates variables with "embedding" in their path, in upper or lower case.
    muon_a, muon_b, muon_c : float, default 3.4445, -4.775 and 2.0315
    adam_lr_ratio : float, default 1
        AdamW's learning rate divided by `learning_rate`.
    momentum : float, default 0.95
    ns_steps : int, default 5
        Steps of the Newton-Schulz iteration.
    nesterov : bool, default True
    rms_rate : float, optional, default 0.2
        Root mean square of a step at a learning rate of one; AdamW's is about as large, so that both can have one
        learning rate. With ``None`` the factor is ``sqrt(max(1, rows / columns))``.
    **options
        As for `Optimizer`.

    Raises
    ------
    ValueError
        If `adam_weight_decay`, `ns_steps` or `adam_lr_ratio` is negative.
    TypeError
        If `exclude_layers` is a single string.

    References
    ----------
    Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024; Liu et al., "Muon is Scalable for
    LLM Training", arXiv:2502.16982, for `rms_rate` and weight decay.

    Examples
    --------
    >>> import numpy as np
    >>> from dl_ops import Variable, ops
    >>> optimizer, v = Muon(1.0, rms_rate=None, weight_decay=None), Variable(np.zeros((2, 2)))
    >>> optimizer.apply([ops.convert_to_tensor([[100.0, 0.0], [0.0, -70.0]])], [v])
    >>> (np.abs(np.diag(v.numpy()) - [-1.0, 1.0]) < 0.35).tolist()
    [True, True]
    """

    state_type = MomentumAndSquare

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        *,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.775,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, **options)
        check_not_negative(
            "Muon", adam_weight_decay=adam_weight_decay or 0, adam_lr_ratio=adam_lr_ratio, ns_steps=ns_steps
        )
        if isinstance(exclude_layers, str):
            raise TypeError(f"Muon(exclude_layers={exclude_layers!r}): expected a list of regular expressions")
        self.adam_beta_1, self.adam_beta_2, self.adam_weight_decay = adam_beta_1, adam_beta_2, adam_weight_decay
        self.epsilon, self.adam_lr_ratio = epsilon, adam_lr_ratio
        self.exclude_layers, self.exclude_embeddings = list(exclude_layers or ()), exclude_embeddings
        self.muon_a, self.muon_b, self.muon_c = muon_a, muon_b, muon_c
        self.momentum, self.ns_steps, self.nesterov, self.rms_rate = momentum, ns_steps, nesterov, rms_rate
        self._excluded = [re.compile(name) for name in self.exclude_layers]

    def kind_of(self, variable: Variable) -> Hashable:
        path = variable.path
        excluded = (self.exclude_embeddings and "embedding" in path.lower()) or any(
            name.search(path) for name in self._excluded
        )
        return _MATRIX if len(variable.shape) == 2 and not excluded else _OTHER

    def weight_decay_of(self, kind: Hashable) -> float | None:
        return self.weight_decay if kind == _MATRIX else self.adam_weight_decay

    def is_elementwise(self, kind: Hashable) -> bool:
        return kind == _OTHER

    def slots(self) -> Sequence[Sequence[str]]:
        return [["momentum", "velocity"]]

    def create_slots(self, variable: Variable, names: Sequence[str]) -> Sequence[Variable]:
        return super().create_slots(variable, names[:1] if self.kind_of(variable) == _MATRIX else names)

    def step(
        self, grad: Tensor, value: Tensor, state: MomentumAndSquare, t: Tensor, rate: Tensor
    ) -> tuple[Tensor, MomentumAndSquare]:
        if state.square is not None:
            mean = lerp(state.momentum, grad, 1 - self.adam_beta_1)
            squares = lerp(state.square, grad * grad, 1 - self.adam_beta_2)
            size = rate * self.adam_lr_ratio * (1 - self.adam_beta_2**t) ** 0.5 / (1 - self.adam_beta_1**t)
            return mean * size / (sqrt(squares) + self.epsilon), MomentumAndSquare(mean, squares)
        momentum = state.momentum * self.momentum + grad
        ahead = momentum * self.momentum + grad if self.nesterov else momentum
        descent = self.lr_adjust(self.zeropower_via_newtonschulz5(ahead, self.ns_steps))
        return descent * rate, MomentumAndSquare(momentum)

    def lr_adjust(self, x: Tensor) -> Tensor:
        """Step of the size that its shape calls for.

        Parameters
        ----------
        x : tensor, shape (..., rows, columns)
            Singular values of about one.

        Returns
        -------
        tensor, shape (..., rows, columns)
        """
        rows, columns = x.shape[-2:]
        if self.rms_rate is None:
            scale = math.sqrt(max(1.0, rows / max(columns, 1)))
        else:
            scale = self.rms_rate * math.sqrt(max(rows, columns))
        return x * scale  # type: ignore[no-any-return]  # a tensor

    def transpose_last_axis(self, X: Tensor) -> Tensor:
        """Swap the last two axes."""
        return swapaxes(X, -1, -2)

    def zeropower_via_newtonschulz5(self, x: Tensor, steps: int) -> Tensor:
        """Matrix with the same singular vectors, and singular values of about one, by a Newton-Schulz iteration.

        Parameters
        ----------
        x : tensor, shape (..., rows, columns)
        steps : int

        Returns
        -------
        tensor, shape (..., rows, columns)
        """
        tall = x.shape[-2] > x.shape[-1]
        if tall:  # the products are of the smaller size then
            x = self.transpose_last_axis(x)
        x = x / (sqrt(sum_of(square(x), axis=(-2, -1), keepdims=True)) + _SMALLEST_NORM)
        for _ in range(steps):
            product = matmul(x, self.transpose_last_axis(x))
            x = x * self.muon_a + matmul(product * self.muon_b + matmul(product, product) * self.muon_c, x)
        return self.transpose_last_axis(x) if tall else x

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **{name: getattr(self, name) for name in _ARGUMENTS}}
