"""Transformations of functions of lists of tensors, by PyTorch's ``Function`` and checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.utils.checkpoint import checkpoint as torch_checkpoint

from dl_backend_torch.tracing import is_plain, is_transforming
from dl_ops.backend.contract import Pullback


def custom_gradient(f: Callable[..., tuple[Sequence[Any], Pullback]], inputs: Sequence[Any]) -> list[Any]:
    """As `Backend.custom_gradient`."""
    return list(_Custom.apply(_Call(f), *inputs))  # type: ignore[no-untyped-call]  # untyped in PyTorch


class _Call:
    """One call of a function that has a gradient of its own."""

    def __init__(self, f: Callable[..., tuple[Sequence[Any], Pullback]]) -> None:
        self.f = f
        self.pullback: Pullback | None = None


class _Custom(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(call: _Call, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        outputs, pullback = call.f(*inputs)
        if not is_transforming():
            call.pullback = pullback
        # no input may come out as it is
        return tuple([y.view_as(y) if any(y is x for x in inputs) else y for y in outputs])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.call = inputs[0]
        ctx.save_for_backward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, *given: torch.Tensor) -> tuple[Any, ...]:
        pullback = ctx.call.pullback
        if pullback is None or torch.is_grad_enabled():
            # once more, now with a graph, for a gradient that will be differentiated itself
            _, pullback = ctx.call.f(*ctx.saved_tensors)
        return None, *pullback(given)


def checkpoint(f: Callable[..., Sequence[Any]], inputs: Sequence[Any]) -> list[Any]:
    """As `Backend.checkpoint`; a step that is being compiled decides itself what it computes again."""
    if not (is_plain() and torch.is_grad_enabled()):
        return list(f(*inputs))
    return list(torch_checkpoint(lambda *values: tuple(f(*values)), *inputs, use_reentrant=False))
