"""Functions with a gradient of their own."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from dl_ops import scopes, tree
from dl_ops.autodiff.structures import Leaves, specs
from dl_ops.backend.registry import current_backend
from dl_ops.op import op
from dl_ops.typing import Structure

__all__ = ["custom_gradient"]


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function whose gradient is the one that comes with it.

    Parameters
    ----------
    f : callable
        ``f(*args) -> (value, grad_fn)``, where arguments and value are structures of tensors. ``grad_fn(upstream)``
        takes the gradient with respect to the value, a structure like it, and gives those with respect to each tensor
        in the arguments, a tensor if there is but one; ``None`` stands for zeros. A function that cannot be called like
        that is called as ``grad_fn(*args, upstream=upstream)``. What `f` reads beside its arguments has no gradient.

    Returns
    -------
    callable
        Gives ``f(*args)[0]``. Keyword arguments are passed on, and have no gradient.

    Raises
    ------
    ValueError
        While a gradient is computed, if `grad_fn` gives another number of gradients, or other shapes.

    Examples
    --------
    >>> from dl_ops import ops
    >>> @custom_gradient
    ... def clipped(x):
    ...     return x, lambda upstream: ops.clip(upstream, -1.0, 1.0)
    >>> float(ops.grad(lambda x: clipped(x) * 5.0)(2.0))
    1.0
    """

    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        return _call(functools.partial(f, **kwargs) if kwargs else f, args)

    return call


def _spec(f: Callable[..., Any], args: Any) -> Any:
    with scopes.symbolic_scope():
        value, _ = f(*args)
    return specs(value)


@op(spec=_spec, name="custom_gradient")
def _call(f: Callable[..., Any], args: Structure) -> Any:
    """``f(*args)[0]``, differentiated by ``f(*args)[1]``."""
    backend = current_backend()
    arguments = Leaves(args, backend)
    results: list[Leaves] = []

    def flat(*values: Any) -> tuple[list[Any], Callable[..., Any]]:
        packed = arguments.packed(values)
        value, grad_fn = f(*packed)
        result = Leaves(value, backend)
        results[:] = [result]

        def pullback(gradients: Any) -> list[Any]:
            upstream = result.packed(result.zeros_for_none(list(gradients)))
            leaves = tree.flatten(_gradients(grad_fn, packed, upstream))
            if len(leaves) != len(tree.flatten(args)):
                raise ValueError(
                    f"custom_gradient(): the gradient function gave {len(leaves)} gradients "
                    f"for {len(tree.flatten(args))} tensors in the arguments"
                )
            return arguments.like(leaves, "custom_gradient(): the gradient function")

        return result.tensors, pullback

    outputs = backend.custom_gradient(flat, arguments.tensors)
    return results[0].packed(outputs)


def _gradients(grad_fn: Callable[..., Any], args: Any, upstream: Any) -> Any:
    try:
        inspect.signature(grad_fn).bind(upstream)
    except TypeError:
        return grad_fn(*args, upstream=upstream)
    except ValueError:
        # built into a framework, without a signature to look at
        pass
    return grad_fn(upstream)
