"""Products with the Jacobian of a function, backwards and forwards, without the Jacobian itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dl_ops import scopes
from dl_ops.autodiff.structures import Flattened, Leaves, check_trainable, pair, specs, trainable_backend
from dl_ops.backend.registry import backend_scope, current_backend
from dl_ops.op import op
from dl_ops.typing import Structure

__all__ = ["jvp", "vjp"]


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """Value of a function, and a function that takes gradients back through it.

    Parameters
    ----------
    f : callable
        Gives a structure of tensors; with `has_aux`, a pair of one and anything else.
    *primals : structure of tensor_like
        Its arguments, of float dtypes.
    has_aux : bool, default False

    Returns
    -------
    value : structure
        ``f(*primals)``.
    pullback : callable
        Takes a structure like the value, ``None`` in it standing for zeros: the gradient of some scalar with respect to
        the value. Gives a tuple of its gradients with respect to each of `primals`. May be called several times.
    aux : any
        With `has_aux` alone.

    Raises
    ------
    TypeError
        If an argument is not of a float dtype.
    ValueError
        When `pullback` is called with tensors of other shapes.
    UnsupportedOp
        If the backend has no gradients; on JAX, when `pullback` is called, if `f` has a `while_loop`, whose number of
        turns JAX does not know.

    Examples
    --------
    >>> from dl_ops import ops
    >>> value, pullback = vjp(lambda x, y: (x * y, ops.sum(y)), 3.0, ops.convert_to_tensor([1.0, 2.0]))
    >>> x, y = pullback((ops.ones(2), 10.0))
    >>> float(x), y.tolist()
    (3.0, [13.0, 13.0])
    """
    backend = trainable_backend("vjp()", primals)
    arguments = Leaves(primals, backend)
    arguments.check_differentiable("vjp()")
    flat = Flattened(f, arguments, has_aux)
    with backend_scope(backend):
        outputs, aux, back = backend.vjp(flat, arguments.tensors)
        results = flat.result
        value = results.packed(outputs)
        # of the outputs themselves, which, unlike what the function saw, can be looked at
        known = Leaves(value, backend)

    def pullback(gradients: Any) -> Any:
        with backend_scope(backend):
            found = back(known.like(gradients, "pullback of vjp()"))
            return arguments.packed(arguments.zeros_for_none(found))

    return (value, pullback, aux) if has_aux else (value, pullback)


def _jvp_spec(fun: Callable[..., Any], primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    _check_pair(primals, tangents)
    with scopes.symbolic_scope():
        result = fun(*primals)
    value, aux = pair(fun, result) if has_aux else (result, None)
    return (specs(value), specs(value), aux) if has_aux else (specs(value), specs(value))


def _check_pair(primals: Any, tangents: Any) -> None:
    for name, value in (("primals", primals), ("tangents", tangents)):
        if not isinstance(value, (list, tuple)):
            raise TypeError(
                f"jvp(): {name} must be a tuple or list with an entry for each argument of the function, "
                f"got {type(value).__name__}"
            )
    if len(primals) != len(tangents):
        raise ValueError(f"jvp(): got {len(primals)} primals and {len(tangents)} tangents, expected as many")


@op(spec=_jvp_spec)
def jvp(fun: Callable[..., Any], primals: Structure, tangents: Structure, has_aux: bool = False) -> Any:
    """Value of a function, and how fast it changes when its arguments move in a direction.

    On NumPy, on JAX and outside of TensorFlow's graphs it is computed forwards along with the value, so the memory it
    takes does not grow with the length of the function. Elsewhere the pullback of `vjp` is transposed.

    Parameters
    ----------
    fun : callable
        Gives a structure of tensors; with `has_aux`, a pair of one and anything else.
    primals : tuple or list of structures of tensor_like
        Its arguments, of float dtypes.
    tangents : tuple or list of structures of tensor_like
        The direction: as `primals`, of the same shapes. ``None`` stands for zeros.
    has_aux : bool, default False

    Returns
    -------
    value : structure
        ``fun(*primals)``.
    tangent : structure
        Like the value: its derivative in the direction of `tangents`.
    aux : any
        With `has_aux` alone.

    Raises
    ------
    TypeError
        If `primals` or `tangents` is no tuple or list, or an argument is not of a float dtype.
    ValueError
        If they differ in number or shape.
    UnsupportedOp
        If the backend has no derivatives.

    Examples
    --------
    >>> value, tangent = jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0))
    >>> float(value), float(tangent)
    (6.0, 23.0)
    """
    backend = current_backend()
    check_trainable("jvp()", backend)
    _check_pair(primals, tangents)
    arguments = Leaves(tuple(primals), backend)
    arguments.check_differentiable("jvp()")
    directions = arguments.like(tuple(tangents), "jvp(): tangents")
    flat = Flattened(fun, arguments, has_aux)
    outputs, aux, moved = backend.jvp(flat, arguments.tensors, directions)
    value = flat.result.packed(outputs)
    known = Leaves(value, backend)
    tangent = known.packed(known.zeros_for_none(moved))
    return (value, tangent, aux) if has_aux else (value, tangent)
