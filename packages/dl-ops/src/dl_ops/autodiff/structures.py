"""Structures of tensors, which functions take and give, as the lists that backends differentiate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dl_ops import tree
from dl_ops.backend.contract import Backend, UnsupportedOp
from dl_ops.backend.registry import current_backend
from dl_ops.dtypes import is_complex, is_float
from dl_ops.interchange import backend_of, convert
from dl_ops.symbolic.inference import spec_of
from dl_ops.symbolic.keras_tensor import any_symbolic


class Leaves:
    """The tensors in a structure, as a list.

    Parameters
    ----------
    structure : structure of tensor_like
        ``None`` in it stays where it is.
    backend : Backend
        Numbers and arrays become its tensors.
    """

    def __init__(self, structure: Any, backend: Backend) -> None:
        self.structure, self.backend = structure, backend
        leaves = tree.flatten(structure)
        self._places = [i for i, x in enumerate(leaves) if x is not None]
        self._count = len(leaves)
        self.tensors: list[Any] = [convert(leaves[i], backend) for i in self._places]

    def packed(self, values: Sequence[Any]) -> Any:
        """The structure with other tensors in it."""
        leaves: list[Any] = [None] * self._count
        for i, value in zip(self._places, values, strict=True):
            leaves[i] = value
        return tree.pack_sequence_as(self.structure, leaves)

    def zeros_for_none(self, values: Sequence[Any]) -> list[Any]:
        """Values like the tensors, with zeros for ``None``."""
        from dl_ops import ops

        return [ops.zeros_like(x) if y is None else y for x, y in zip(self.tensors, values, strict=True)]

    def like(self, structure: Any, what: str) -> list[Any]:
        """Tensors of another structure, which has to have the same shapes; ``None`` in it stands for zeros.

        Raises
        ------
        ValueError
            If the structure or a shape differs.
        """
        backend = self.backend
        leaves = tree.flatten(structure)
        if len(leaves) != self._count:
            raise ValueError(f"{what}: expected {self._count} tensors, got {len(leaves)}")
        found: list[Any] = []
        for i, x in zip(self._places, self.tensors, strict=True):
            if leaves[i] is None:
                found.append(None)
                continue
            value = convert(leaves[i], backend, backend.dtype_name(x.dtype))
            shape, expected = backend.shape(value), backend.shape(x)
            if shape != expected and not (None in (*shape, *expected) and len(shape) == len(expected)):
                raise ValueError(f"{what}: got a tensor of shape {shape}, expected {expected}")
            found.append(value)
        return self.zeros_for_none(found)

    def check_differentiable(self, what: str) -> None:
        """Raise a ``TypeError`` if there are tensors that have no derivatives, such as ones of integers."""
        for x in self.tensors:
            name = self.backend.dtype_name(x.dtype)
            if not (is_float(name) or is_complex(name)):
                raise TypeError(f"{what}: derivatives are with respect to float tensors, got one of dtype {name}")


def trainable_backend(what: str, *structures: Any) -> Backend:
    """Backend that structures belong to.

    Raises
    ------
    UnsupportedOp
        If it computes no gradients.
    TypeError
        If tensors are symbolic: derivatives are of functions, not of graphs.
    """
    if any_symbolic(structures):
        raise TypeError(f"{what}: got symbolic tensors; in a functional model use it inside a Lambda layer or a Layer")
    backend = backend_among(structures)
    check_trainable(what, backend)
    return backend


def backend_among(structure: Any) -> Backend:
    """Backend of the first tensor or variable in a structure, else the active one."""
    owners = (backend_of(x) for x in tree.flatten(structure))
    return next((owner for owner in owners if owner is not None), None) or current_backend()


def check_trainable(what: str, backend: Backend) -> None:
    """Raise an `UnsupportedOp` if a backend computes no gradients."""
    if not backend.trainable:
        raise UnsupportedOp(f"{what}: the {backend.name} backend computes no gradients; train on another one")


class Flattened:
    """A function of structures as one of lists of tensors.

    Parameters
    ----------
    f : callable
    arguments : Leaves
        Its arguments.
    has_aux : bool
        Whether it returns a pair, the second part of which is not differentiated.

    Attributes
    ----------
    result : Leaves
        What the last call has given.
    """

    result: Leaves

    def __init__(self, f: Callable[..., Any], arguments: Leaves, has_aux: bool) -> None:
        self.f, self.arguments, self.has_aux = f, arguments, has_aux

    def __call__(self, *values: Any) -> tuple[list[Any], Any]:
        result = self.f(*self.arguments.packed(values))
        value, aux = pair(self.f, result) if self.has_aux else (result, None)
        self.result = Leaves(value, self.arguments.backend)
        return self.result.tensors, aux


def pair(f: Callable[..., Any], result: Any) -> tuple[Any, Any]:
    """The value and the auxiliary output of a function."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        name = getattr(f, "__name__", f)
        raise ValueError(f"has_aux=True: {name} must return a pair (value, aux), got {type(result).__name__}")
    return result[0], result[1]


def specs(structure: Any) -> Any:
    """Symbolic tensors of the shapes and dtypes of tensors; ``None`` stays."""
    return tree.map_structure(lambda x: x if x is None else spec_of(x), structure)
