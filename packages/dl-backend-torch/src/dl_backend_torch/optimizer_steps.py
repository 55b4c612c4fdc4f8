"""Steps of optimizers in a few kernels for all variables, which are changed in place."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import torch

from dl_backend_torch.gradients import unrecorded
from dl_ops import scopes
from dl_ops.backend.contract import OptimizerStep

Tensors: TypeAlias = list[torch.Tensor] | tuple[torch.Tensor, ...]

_FUSED: Final = frozenset({torch.float32, torch.float64})
_in_order, _on_cpu, _dtype = torch.Tensor.is_contiguous, operator.attrgetter("is_cpu"), operator.attrgetter("dtype")
_ENDLESS: Final = torch.tensor(math.inf)
"""Number of the step for PyTorch's bias correction, which then is none: the step's size has it already."""


def adam(
    values: Tensors,
    grads: Tensors,
    means: Tensors,
    squares: Tensors,
    largest: Tensors = (),
    *,
    size: Any,
    decay: Any,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> Sequence[Tensors] | None:
    """``value -= size * mean / (sqrt(square) + epsilon)``, with `largest` in the place of the square for AMSGrad."""
    changed = (values, means, squares, largest) if largest else (values, means, squares)
    if not (_can_be_changed(size) and 0 <= beta_1 < 1 and 0 <= beta_2 < 1 and all(map(_is_plain_memory, changed))):
        return None

    def update() -> None:
        torch._fused_adamw_(
            values,
            [g.contiguous() for g in grads],
            means,
            squares,
            largest,
            [_ENDLESS] * len(values),
            lr=size,
            beta1=beta_1,
            beta2=beta_2,
            # PyTorch multiplies it by the step's size
            weight_decay=decay / size if decay and size else 0.0,
            eps=epsilon,
            amsgrad=bool(largest),
            maximize=False,
        )

    unrecorded(update)
    return changed


def sgd(
    values: Tensors,
    grads: Tensors,
    velocities: Tensors = (),
    *,
    size: Any,
    decay: Any,
    momentum: float,
    nesterov: bool,
) -> Sequence[Tensors] | None:
    """``value += velocity`` after ``velocity = momentum * velocity - size * grad``, or ``value -= size * grad``."""
    if not _can_be_changed(size):
        return None

    def update() -> None:
        if decay:
            torch._foreach_mul_(values, 1 - decay)
        if velocities:
            torch._foreach_mul_(velocities, momentum)
            torch._foreach_add_(velocities, grads, alpha=-size)
            torch._foreach_add_(values, velocities, alpha=momentum if nesterov else 1)
        if nesterov or not velocities:
            torch._foreach_add_(values, grads, alpha=-size)

    unrecorded(update)
    return (values, velocities) if velocities else (values,)


STEPS: Final[Mapping[str, OptimizerStep]] = {"adam": adam, "sgd": sgd}


def _can_be_changed(size: Any) -> bool:
    """Whether values are at hand, and none is kept apart from its variable: a number is what all have come to."""
    return type(size) is float and scopes.current.stateless is None


def _is_plain_memory(tensors: Tensors) -> bool:
    """Whether a kernel that runs over memory, and looks at neither strides nor devices, can take them."""
    return all(map(_in_order, tensors)) and all(map(_on_cpu, tensors)) and _FUSED.issuperset(map(_dtype, tensors))
