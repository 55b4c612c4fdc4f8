"""Gradients by PyTorch's autograd, nested to any order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from dl_ops import tree


class _Nesting(threading.local):
    depth = 0


_nesting = _Nesting()


@contextmanager
def _differentiating() -> Iterator[bool]:
    """Record a graph inside; gives whether that happens inside another differentiation."""
    _nesting.depth += 1
    try:
        with torch.enable_grad():
            yield _nesting.depth > 1
    finally:
        _nesting.depth -= 1


def with_respect_to_leaves(
    f: Callable[[], tuple[Any, Any]], leaves: Sequence[torch.Tensor]
) -> tuple[Any, Any, list[Any]]:
    """Value, auxiliary output and gradients of ``f() -> (loss, aux)`` with respect to tensors that it reads.

    They are ones that require gradients.
    """
    with _differentiating() as nested:
        loss, aux = f()
        return _finish(loss, aux, leaves, nested)


def with_respect_to_inputs(
    f: Callable[..., tuple[Any, Any]], inputs: Sequence[torch.Tensor]
) -> tuple[Any, Any, list[Any]]:
    """Value, auxiliary output and gradients of ``f(*inputs) -> (loss, aux)`` with respect to the inputs."""
    if is_transforming():
        return _functional(f, inputs)
    with _differentiating() as nested:
        # an alias stays in the graph of an outer differentiation; without one the input is to be a leaf of its own
        leaves = [x.view_as(x) if nested and x.requires_grad else x.detach().requires_grad_() for x in inputs]
        loss, aux = f(*leaves)
        return _finish(loss, aux, leaves, nested)


def _finish(loss: Any, aux: Any, leaves: Sequence[torch.Tensor], nested: bool) -> tuple[Any, Any, list[Any]]:
    if not isinstance(loss, torch.Tensor) or not loss.requires_grad:
        return loss, aux, [None] * len(leaves)
    gradients = list(torch.autograd.grad(loss, leaves, create_graph=nested, allow_unused=True))
    if nested:
        return loss, aux, gradients
    # else whatever is computed from the results, metrics for one, would go on recording a graph that nobody asks for
    return loss.detach(), tree.map_structure(_detach, aux), gradients


def _detach(x: Any) -> Any:
    return x.detach() if isinstance(x, torch.Tensor) else x


def is_transforming() -> bool:
    """Whether a transformation of ``torch.func``, such as ``vmap``, is being applied."""
    return torch._C._functorch.peek_interpreter_stack() is not None


def _functional(f: Callable[..., tuple[Any, Any]], inputs: Sequence[torch.Tensor]) -> tuple[Any, Any, list[Any]]:
    """Inside ``torch.func``'s transformations tensors are wrapped, and only its own ``grad`` sees through that."""

    def pure(values: tuple[torch.Tensor, ...]) -> tuple[Any, Any]:
        loss, aux = f(*values)
        return loss, (loss, aux)

    gradients, (loss, aux) = torch.func.grad(pure, has_aux=True)(tuple(inputs))
    return loss, aux, list(gradients)
