"""Gradients by PyTorch's autograd, nested to any order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import torch

from dl_backend_torch.tracing import is_transforming
from dl_ops import tree
from dl_ops.backend.contract import Pullback


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
        leaves = _leaves(inputs, nested)
        return (leaves, *f(*leaves))

    return _differentiate(run)


def _leaves(inputs: Sequence[torch.Tensor], nested: bool) -> list[torch.Tensor]:
    # an alias stays in the graph of an outer differentiation; without one the input is to be a leaf of its own
    return [x.view_as(x) if nested and x.requires_grad else x.detach().requires_grad_() for x in inputs]


def vjp(f: Callable[..., tuple[Sequence[Any], Any]], inputs: Sequence[torch.Tensor]) -> tuple[list[Any], Any, Pullback]:
    """Outputs, auxiliary output and pullback of ``f(*inputs) -> (outputs, aux)``."""
    if is_transforming():
        return _functional_vjp(f, inputs)
    with _differentiating() as nested:
        leaves = _leaves(inputs, nested)
        outputs, aux = f(*leaves)

    def pullback(given: Sequence[Any]) -> list[Any]:
        pairs = [
            (y, g)
            for y, g in zip(outputs, given, strict=True)
            if g is not None and isinstance(y, torch.Tensor) and y.requires_grad
        ]
        if not pairs:
            return [None] * len(leaves)
        with nullcontext() if torch.is_grad_enabled() else torch.enable_grad():
            return list(
                torch.autograd.grad(
                    [y for y, _ in pairs],
                    leaves,
                    [g for _, g in pairs],
                    retain_graph=True,
                    create_graph=_nesting.depth > 0,
                    allow_unused=True,
                )
            )

    if nested:
        return list(outputs), aux, pullback
    return [_detached(y) for y in outputs], _detached(aux), pullback


@contextmanager
def _differentiating() -> Iterator[bool]:
    """Record inside what may be differentiated again; gives whether it is inside of another differentiation."""
    nested = _nesting.depth > 0
    _nesting.depth += 2
    try:
        with nullcontext() if torch.is_grad_enabled() else torch.enable_grad():
            yield nested
    finally:
        _nesting.depth -= 2


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
    loss, aux = _filled(structure[0], structure[1], tensors)
    return loss, aux, list(gradients)


def _functional_vjp(
    f: Callable[..., tuple[Sequence[Any], Any]], inputs: Sequence[torch.Tensor]
) -> tuple[list[Any], Any, Pullback]:
    structure: list[Any] = []

    def pure(*values: torch.Tensor) -> tuple[Any, Any]:
        outputs, aux = f(*values)
        leaves = tree.flatten(aux)
        structure[:] = aux, leaves
        return tuple(outputs), [x for x in leaves if isinstance(x, torch.Tensor)]

    found: tuple[Any, ...] = torch.func.vjp(pure, *inputs, has_aux=True)
    outputs, back, tensors = found

    def pullback(given: Sequence[Any]) -> list[Any]:
        filled = [torch.zeros_like(y) if g is None else g for g, y in zip(given, outputs, strict=True)]
        return list(back(tuple(filled)))

    return list(outputs), _filled(structure[0], structure[1], tensors), pullback


def _filled(structure: Any, leaves: Sequence[Any], tensors: Sequence[torch.Tensor]) -> Any:
    """A structure of these leaves, with other tensors in it."""
    rest = iter(tensors)
    filled = [next(rest) if isinstance(x, torch.Tensor) else x for x in leaves]
    return tree.pack_sequence_as(structure, filled) if tree.is_nested(structure) else filled[0]
