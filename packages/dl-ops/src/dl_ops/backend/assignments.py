"""Functions that a framework traces by themselves and that assign variables.

The variables' values go in and out like other arguments.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from dl_ops import tree
from dl_ops.backend.kernels import Kernels
from dl_ops.backend.registry import backend_scope
from dl_ops.scopes import StatelessScope
from dl_ops.variable import Variable

T = TypeVar("T")


def inside(backend_name: str, kernels: Mapping[str, Callable[..., Any]]) -> Kernels:
    """Kernels that run in their backend's scope, so that what the functions they call create is the backend's own."""

    def scoped(kernel: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(kernel)
        def call(*args: Any) -> Any:
            with backend_scope(backend_name):
                return kernel(*args)

        return call

    return Kernels({name: scoped(kernel) for name, kernel in kernels.items()})


class _Assigns(Exception):
    def __init__(self, variables: list[Variable]) -> None:
        self.variables = variables


def call(
    function: Callable[..., T], variables: Sequence[Variable], values: Sequence[Any], *args: Any
) -> tuple[list[Any], T]:
    """Call a function with values for variables; return their values after it, and what it returned, with values in
    place of variables.
    """
    with StatelessScope(zip(variables, values, strict=True)) as scope:
        result = function(*args)
        if any(isinstance(x, Variable) for x in tree.flatten(result)):
            result = tree.map_structure(lambda x: x.value if isinstance(x, Variable) else x, result)
    known = {id(variable) for variable in variables}
    others = [variable for variable in scope.written if id(variable) not in known]
    if others:
        raise _Assigns([*variables, *others])
    return [scope.get_current_value(variable) for variable in variables], result


def threading(run: Callable[[list[Variable], list[Any]], tuple[Sequence[Any], T]]) -> T:
    """Run a framework's loop or branch with the variables that its functions assign, which tracing it finds out.

    Parameters
    ----------
    run : callable
        From variables and their values to their values afterwards, and a result. It calls functions through `call`.

    Returns
    -------
    The result; the variables have been assigned.
    """
    variables: list[Variable] = []
    while True:
        try:
            values, result = run(variables, [v.backend.read_storage(v._value) for v in variables])
        except _Assigns as found:
            variables = found.variables
            continue
        for variable, value in zip(variables, values, strict=True):
            variable._write(value)
        return result
