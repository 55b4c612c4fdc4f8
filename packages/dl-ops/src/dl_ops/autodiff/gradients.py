"""Gradients of Python functions on any backend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dl_ops import tree
from dl_ops.backend.contract import Backend
from dl_ops.backend.registry import backend_scope, current_backend
from dl_ops.dispatch.ownership import mixed_backends
from dl_ops.interchange import backend_of, convert
from dl_ops.variable import Variable


def value_and_grad(
    f: Callable[..., Any],
    variables: Sequence[Variable] | None = None,
    *,
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
) -> Callable[..., tuple[Any, Any]]:
    """Make a function that gives the value of `f` and its gradient.

    Parameters
    ----------
    f : callable
        Returns a scalar tensor; with `has_aux`, a pair of a scalar and anything else.
    variables : sequence of Variable, optional
        Differentiate with respect to these, which `f` reads; else with respect to arguments. What `f` assigns to
        variables stays assigned.
    argnums : int or sequence of int, default 0
        Positions of the arguments, structures of float tensors, to differentiate with respect to.
    has_aux : bool, default False

    Returns
    -------
    callable
        With the arguments of `f`; returns ``(value, gradients)``. The value is what `f` returns. Gradients are a list
        like `variables`, ``None`` for those that `f` does not depend on; or a structure like the argument, or a tuple
        of them if `argnums` is a sequence.

    Raises
    ------
    ValueError
        If `f` does not return a scalar, or a backend that has no gradients is asked for them.
    TypeError
        If the variables belong to several backends.

    Examples
    --------
    >>> from dl_ops import ops, Variable
    >>> w = Variable([1.0, 2.0])
    >>> value, (gradient,) = value_and_grad(lambda x: ops.sum(w * w * x), [w])(3.0)
    >>> float(value), gradient.tolist()
    (15.0, [6.0, 12.0])
    >>> value, gradient = value_and_grad(lambda x: ops.sum(x * x))(ops.convert_to_tensor([1.0, 3.0]))
    >>> gradient.tolist()
    [2.0, 6.0]
    """

    def normalized(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        if has_aux:
            loss, aux = f(*args, **kwargs)
        else:
            loss, aux = f(*args, **kwargs), None
        if tuple(getattr(loss, "shape", ())) != ():
            raise ValueError(
                f"value_and_grad(): the function must return a scalar, got a tensor of shape {tuple(loss.shape)}"
            )
        return loss, aux

    def result(loss: Any, aux: Any) -> Any:
        return (loss, aux) if has_aux else loss

    if variables is not None:
        wanted = list(variables)
        owners = sorted({variable.backend.name for variable in wanted})
        if len(owners) > 1:
            raise mixed_backends("value_and_grad(): variables", *owners)

        def of_variables(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
            backend = wanted[0].backend if wanted else current_backend()
            _check_trainable(backend)
            with backend_scope(backend):
                loss, aux, gradients = backend.value_and_grad_of_variables(lambda: normalized(*args, **kwargs), wanted)
            return result(loss, aux), gradients

        return of_variables

    positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)

    def of_arguments(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        from dl_ops import ops

        for i in positions:
            if not -len(args) <= i < len(args):
                raise ValueError(f"value_and_grad(argnums={i}): called with {len(args)} positional arguments")
        structures = [args[i] for i in positions]
        leaves = tree.flatten(structures)
        backend = next((owner for owner in map(backend_of, leaves) if owner is not None), None) or current_backend()
        _check_trainable(backend)
        inputs = [convert(x, backend) for x in leaves]

        def pure(*values: Any) -> tuple[Any, Any]:
            replaced = list(args)
            for i, structure in zip(positions, tree.pack_sequence_as(structures, list(values)), strict=True):
                replaced[i] = structure
            return normalized(*replaced, **kwargs)

        with backend_scope(backend):
            loss, aux, gradients = backend.value_and_grad(pure, inputs)
            gradients = [ops.zeros_like(x) if g is None else g for g, x in zip(gradients, inputs, strict=True)]
        packed = tree.pack_sequence_as(structures, gradients)
        return result(loss, aux), packed[0] if isinstance(argnums, int) else tuple(packed)

    return of_arguments


def _check_trainable(backend: Backend) -> None:
    if not backend.trainable:
        raise ValueError(f"value_and_grad(): the {backend.name} backend computes no gradients; train on another one")
