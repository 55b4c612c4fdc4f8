"""Which results are sparse, from shapes and from which arguments are: the same on every backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dl_ops.rules import standardize_axes
from dl_ops.typing import Shape

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

Sparsity = Callable[[Mapping[str, Any], Shape], bool]
"""From an op's arguments, tensors among them symbolic, and the result's shape to whether the result is sparse."""


def fills(shape: Shape, result: Shape) -> bool:
    """Whether a tensor of a shape need not be broadcast to have the result's."""
    return len(shape) == len(result) and all(size in (None, other) for size, other in zip(shape, result, strict=True))


def _tensors(arguments: Mapping[str, Any]) -> list[KerasTensor]:
    values = list(arguments.values())
    return [x for x in (values[0] if isinstance(values[0], list) else values) if hasattr(x, "sparse")]


def kept(arguments: Mapping[str, Any], result: Shape) -> bool:
    """The first argument is: the op leaves zeros alone, or moves them."""
    return _tensors(arguments)[0].sparse


def union(arguments: Mapping[str, Any], result: Shape) -> bool:
    """All arguments are, and none is broadcast: stored is what is stored in one of them."""
    return all(x.sparse and fills(x.shape, result) for x in _tensors(arguments))


def joined(arguments: Mapping[str, Any], result: Shape) -> bool:
    """All arguments are."""
    return all(x.sparse for x in _tensors(arguments))


def intersection(arguments: Mapping[str, Any], result: Shape) -> bool:
    """One argument is that is not broadcast, or both are: its zeros stay zero."""
    return all(fills(x.shape, result) for x in _tensors(arguments) if x.sparse)


def quotient(arguments: Mapping[str, Any], result: Shape) -> bool:
    """The first is and is not broadcast, the second is not: zeros stay zero, whatever they are divided by."""
    x1, x2 = _tensors(arguments)
    return x1.sparse and not x2.sparse and fills(x1.shape, result)


def product(arguments: Mapping[str, Any], result: Shape) -> bool:
    """Both arguments are sparse matrices."""
    return all(x.sparse and len(x.shape) == 2 for x in _tensors(arguments))


def dot_product(arguments: Mapping[str, Any], result: Shape) -> bool:
    """As for `product`, and what is multiplied by a number."""
    return (
        intersection(arguments, result) if any(not x.shape for x in _tensors(arguments)) else product(arguments, result)
    )


def reduced(arguments: Mapping[str, Any], result: Shape) -> bool:
    """The argument is, and an axis is left."""
    x = _tensors(arguments)[0]
    return x.sparse and len(standardize_axes(arguments["axis"], len(x.shape))) < len(x.shape)


def axis_left(arguments: Mapping[str, Any], result: Shape) -> bool:
    """The first argument is, and the result has an axis."""
    return kept(arguments, result) and len(result) > 0


def unless_refused(arguments: Mapping[str, Any], result: Shape) -> bool:
    """The first argument is, and the op's argument `sparse` does not say that the result is not to be."""
    return kept(arguments, result) and arguments["sparse"] is not False


def asked_for(arguments: Mapping[str, Any], result: Shape) -> bool:
    """The op's argument `sparse` says so."""
    return bool(arguments["sparse"])
