"""Gradients of scalars, with respect to arguments and to variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dl_ops import scopes
from dl_ops.autodiff.structures import Leaves, check_trainable, pair, specs, trainable_backend
from dl_ops.backend.registry import backend_scope, current_backend
from dl_ops.dispatch.ownership import mixed_backends
from dl_ops.symbolic.keras_tensor import any_symbolic
from dl_ops.variable import Variable

__all__ = ["grad", "value_and_grad"]


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Make a function that gives the gradient of `f`.

    Parameters
    ----------
    f : callable
        Returns a scalar tensor; with `has_aux`, a pair of a scalar and anything else. May itself compute gradients.
    argnums : int or sequence of int, default 0
        Positions of the arguments, structures of float tensors, to differentiate with respect to.
    has_aux : bool, default False

    Returns
    -------
    callable
        With the arguments of `f`; returns a structure like the argument, or a tuple of them if `argnums` is a sequence;
        with `has_aux`, a pair of that and what came along.

    Raises
    ------
    ValueError
        If `f` does not return a scalar, or `argnums` does not fit.
    TypeError
        If an argument is not of a float dtype.
    UnsupportedOp
        If the backend has no gradients; on JAX also if `f` has a `while_loop`, whose number of turns JAX does not know.

    Examples
    --------
    >>> float(grad(grad(lambda x: x * x * x))(2.0))
    12.0
    """
    both = value_and_grad(f, argnums=argnums, has_aux=has_aux)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, found = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def argument_positions(name: str, argnums: int | Sequence[int], args: Sequence[Any]) -> tuple[int, ...]:
    """Positions of the arguments to differentiate with respect to; a ``ValueError`` if there are none there."""
    positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    for i in positions:
        if not -len(args) <= i < len(args):
            raise ValueError(f"{name}(argnums={i}): called with {len(args)} positional arguments")
    return positions


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
        If `f` does not return a scalar, or `argnums` does not fit.
    TypeError
        If the variables belong to several backends, or an argument is not of a float dtype.
    UnsupportedOp
        If the backend has no gradients; on JAX also if `f` has a `while_loop`, whose number of turns JAX does not know.

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
            loss, aux = pair(f, f(*args, **kwargs))
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
            check_trainable("value_and_grad()", backend)
            with backend_scope(backend):
                loss, aux, gradients = backend.value_and_grad_of_variables(lambda: normalized(*args, **kwargs), wanted)
            return result(loss, aux), gradients

        return of_variables

    def of_arguments(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        positions = argument_positions("value_and_grad", argnums, args)
        if scopes.current.symbolic and any_symbolic(args):
            # shapes and dtypes alone are asked for
            found = tuple([specs(args[i]) for i in positions])
            loss, aux = normalized(*args, **kwargs)
            return result(loss, aux), found[0] if isinstance(argnums, int) else found
        backend = trainable_backend("value_and_grad()", [args[i] for i in positions])
        arguments = Leaves(tuple([args[i] for i in positions]), backend)
        arguments.check_differentiable("value_and_grad()")

        def pure(*values: Any) -> tuple[Any, Any]:
            replaced = list(args)
            for i, structure in zip(positions, arguments.packed(values), strict=True):
                replaced[i] = structure
            return normalized(*replaced, **kwargs)

        with backend_scope(backend):
            loss, aux, gradients = backend.value_and_grad(pure, arguments.tensors)
            packed = arguments.packed(arguments.zeros_for_none(gradients))
        return result(loss, aux), packed[0] if isinstance(argnums, int) else packed

    return of_arguments
