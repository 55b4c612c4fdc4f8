"""Computing again instead of remembering."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from dl_ops import scopes, tree
from dl_ops.autodiff.structures import Leaves, backend_among
from dl_ops.backend import assignments
from dl_ops.backend.registry import backend_scope
from dl_ops.scopes import StatelessScope
from dl_ops.symbolic.keras_tensor import any_symbolic
from dl_ops.variable import Variable

__all__ = ["remat"]


def remat(f: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that is computed again when its gradient is, so that nothing in between takes memory.

    Parameters
    ----------
    f : callable
        Takes and gives structures of tensors, and anything else. May read variables, which get gradients, and assign
        them; random numbers are drawn alike both times. A layer is one.

    Returns
    -------
    callable
        With the same arguments, results and gradients. On TensorFlow memory is saved in compiled steps alone; on
        PyTorch a compiled step decides itself what is computed again.

    Examples
    --------
    >>> from dl_ops import ops
    >>> f = remat(lambda x: ops.sum(ops.exp(ops.sin(x))))
    >>> float(ops.grad(f)(0.0))
    1.0
    """

    @functools.wraps(f, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        if scopes.current.symbolic or any_symbolic((args, kwargs)):
            return f(*args, **kwargs)
        backend = backend_among((args, kwargs))
        leaves = tree.flatten((args, kwargs))
        places = [i for i, x in enumerate(leaves) if not isinstance(x, Variable) and backend.is_tensor(x)]
        results: list[Leaves] = []
        # when it runs again, the scope may be over in which variables have these values
        state = scopes.stateless_values()

        def of_tensors(*tensors: Any) -> Any:
            filled = list(leaves)
            for i, x in zip(places, tensors, strict=True):
                filled[i] = x
            positional, keyword = tree.pack_sequence_as((args, kwargs), filled)
            return f(*positional, **keyword)

        def run(variables: Sequence[Variable], values: Sequence[Any]) -> tuple[Sequence[Any], Any]:
            count = len(values)

            def flat(*given: Any) -> list[Any]:
                with StatelessScope(state):
                    after, result = assignments.call(of_tensors, variables, given[:count], *given[count:])
                results[:] = [Leaves(result, backend)]
                return [*after, *results[0].tensors]

            outputs = backend.checkpoint(flat, [*values, *[leaves[i] for i in places]])
            return outputs[:count], results[0].packed(outputs[count:])

        with backend_scope(backend):
            return assignments.threading(run)

    return call
