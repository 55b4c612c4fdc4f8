"""Gradients by PyTorch's autograd, nested to any order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import torch

from dl_backend_torch.tracing import is_transforming
from dl_ops import tree


class _Nesting(threading.local):
    depth = 0


_nesting = _Nesting()


def is_nested() -> bool:
    """Whether a gradient is being computed that will be differentiated again."""
    return _nesting.depth > 1


def unrecorded(function: Callable[..., Any], *args: Any) -> None:
    """Call a function that changes tensors in place, without a graph: ``no_grad()`` at a third of its cost, which
    counts for a few scalars.
    """
    before = torch.is_grad_enabled()
    torch._C._set_grad_enabled(False)
    try:
        function(*args)
    finally:
        torch._C._set_grad_enabled(before)


def with_respect_to_leaves(
    f: Callable[[], tuple[Any, Any]], leaves: Sequence[torch.Tensor]
) -> tuple[Any, Any, list[Any]]:
    """Value, auxiliary output and gradients of ``f() -> (loss, aux)`` with respect to tensors that it reads.

    They are ones that require gradients.
    """
    return _differentiate(lambda nested: (leaves, *f()))


def with_respect_to_inputs(
    f: Callable[..., tuple[Any, Any]], inputs: Sequence[torch.Tensor]
) -> tuple[Any, Any, list[Any]]:
    """Value, auxiliary output and gradients of ``f(*inputs) -> (loss, aux)`` with respect to the inputs."""
    if is_transforming():
        return _functional(f, inputs)

    def run(nested: bool) -> tuple[Sequence[torch.Tensor], Any, Any]:
        # an alias stays in the graph of an outer differentiation; without one the input is to be a leaf of its own
        leaves = [x.view_as(x) if nested and x.requires_grad else x.detach().requires_grad_() for x in inputs]
        return (leaves, *f(*leaves))

    return _differentiate(run)


def _differentiate(run: Callable[[bool], tuple[Sequence[torch.Tensor], Any, Any]]) -> tuple[Any, Any, list[Any]]:
    """Results and gradients of ``run(nested) -> (leaves, loss, aux)``."""
    nested = _nesting.depth > 0
    _nesting.depth += 1
    try:
        with nullcontext() if torch.is_grad_enabled() else torch.enable_grad():
            leaves, loss, aux = run(nested)
            if not isinstance(loss, torch.Tensor) or not loss.requires_grad:
                return loss, aux, [None] * len(leaves)
            gradients = list(torch.autograd.grad(loss, leaves, create_graph=nested, allow_unused=True))
    finally:
        _nesting.depth -= 1
    if nested:
        return loss, aux, gradients
    # else whatever is computed from the results, metrics for one, would go on recording a graph that nobody asks for
    return loss.detach(), _detached(aux), gradients


def _detached(x: Any) -> Any:
    if isinstance(x, torch.Tensor):
        return x.detach()
    kind = type(x)
    # walking these here takes a fifth of the time
    if kind is tuple or kind is list:
        return kind([_detached(item) for item in x])
    if kind is dict:
        return {key: _detached(value) for key, value in x.items()}
    return tree.map_structure(_detached, x) if tree.is_nested(x) else x


def _functional(f: Callable[..., tuple[Any, Any]], inputs: Sequence[torch.Tensor]) -> tuple[Any, Any, list[Any]]:
    """Inside ``torch.func``'s transformations tensors are wrapped, and only its own ``grad`` sees through that."""
    structure: list[Any] = []

    def pure(values: tuple[torch.Tensor, ...]) -> tuple[Any, Any]:
        loss, aux = f(*values)
        leaves = tree.flatten((loss, aux))
        structure[:] = (loss, aux), leaves
        # nothing but tensors may leave
        return loss, [x for x in leaves if isinstance(x, torch.Tensor)]

    gradients, tensors = torch.func.grad(pure, has_aux=True)(tuple(inputs))
    results, leaves = structure
    rest = iter(tensors)
    loss, aux = tree.pack_sequence_as(results, [next(rest) if isinstance(x, torch.Tensor) else x for x in leaves])
    return loss, aux, list(gradients)
