"""Cross-entropies of logits, where PyTorch has one kernel for loss and gradient."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from dl_backend_torch.default import default
from dl_ops.backend import Kernels

kernels = Kernels()

_IGNORED = torch.iinfo(
    torch.int64
).min  # by default -100 would have no loss, as any class that does not exist is refused


@kernels.add
def binary_crossentropy(target: Tensor, output: Tensor, from_logits: bool = False) -> Tensor:
    if not from_logits or target.shape != output.shape:
        return default("binary_crossentropy", target, output, from_logits)  # type: ignore[no-any-return]
    return functional.binary_cross_entropy_with_logits(output, target, reduction="none")


@kernels.add
def categorical_crossentropy(target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1) -> Tensor:
    if not from_logits or target.shape != output.shape or not output.ndim:
        return default("categorical_crossentropy", target, output, from_logits, axis)  # type: ignore[no-any-return]
    if output.ndim == 1:
        return functional.cross_entropy(output, target)
    return functional.cross_entropy(output.movedim(axis, 1), target.movedim(axis, 1), reduction="none")


@kernels.add
def sparse_categorical_crossentropy(
    target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1
) -> Tensor:
    found = _of_logits(target, output, axis, "none") if from_logits and output.ndim > 1 else None
    if found is not None:
        return found
    return default("sparse_categorical_crossentropy", target, output, from_logits, axis)  # type: ignore[no-any-return]


@kernels.add
def mean_sparse_categorical_crossentropy(
    target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1
) -> Tensor:
    found = _of_logits(target, output, axis, "mean") if from_logits and output.ndim > 1 else None
    if found is not None:
        return found
    return default("mean_sparse_categorical_crossentropy", target, output, from_logits, axis)  # type: ignore[no-any-return]


def _of_logits(target: Tensor, output: Tensor, axis: int, reduction: str) -> Tensor | None:
    """Cross-entropy by PyTorch's kernel; ``None`` if the shapes are not what it takes."""
    logits = output if output.ndim == 2 and axis in (-1, 1) else output.movedim(axis, 1)
    classes = target.squeeze(-1) if target.ndim == output.ndim and target.shape[-1] == 1 else target
    if classes.shape != (logits.shape[0], *logits.shape[2:]):
        return None
    return _of_classes(logits, classes.long(), reduction)


def _of_classes(logits: Tensor, classes: Tensor, reduction: str) -> Tensor:
    if logits.is_cpu and not torch.compiler.is_compiling():
        try:
            return functional.cross_entropy(logits, classes, reduction=reduction, ignore_index=_IGNORED)
        except IndexError:
            pass  # a class that does not exist, whose loss is NaN
    known = (classes >= 0) & (classes < logits.shape[1])
    losses = functional.cross_entropy(
        logits, torch.where(known, classes, _IGNORED), reduction="none", ignore_index=_IGNORED
    )
    losses = torch.where(known, losses, torch.nan)
    return losses.mean() if reduction == "mean" else losses
