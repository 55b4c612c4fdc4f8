"""Repetition until a condition fails, or a number of times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dl_ops.core.control_flow.structures import (
    check_alike,
    check_callable,
    check_structure,
    concrete,
    symbolically,
    tensors,
)
from dl_ops.op import op
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import Structure

__all__ = ["fori_loop", "while_loop"]


def _loop_spec(cond: Any, body: Any, loop_vars: Any, maximum_iterations: int | None = None) -> Any:
    many = isinstance(loop_vars, (list, tuple))
    state = tuple(loop_vars) if many else loop_vars
    check_callable(cond=cond, body=body)
    after = symbolically(body, *loop_vars) if many else symbolically(body, loop_vars)
    if many:
        after = _as_tuple(after)
    check_alike(after, state, "the result of body", "loop_vars")
    return state


def _as_tuple(x: Any) -> tuple[Any, ...]:
    return tuple(x) if isinstance(x, (list, tuple)) else (x,)


@op(spec=_loop_spec)
def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Structure, maximum_iterations: int | None = None
) -> Any:
    """Repeat a function as long as a condition holds.

    Parameters
    ----------
    cond, body : callable
        Take the loop variables as arguments; `cond` gives a boolean scalar, `body` the next values, of the same shapes
        and dtypes.
    loop_vars : structure of tensor_like
        First values: a list or tuple of structures, each an argument of its own, or a single one.
    maximum_iterations : int, optional
        Stop after so many repetitions.

    Returns
    -------
    structure
        Last values; a tuple where `loop_vars` is a list or tuple.

    Raises
    ------
    ValueError
        While tracing, if `body` changes the structure, a shape or a dtype.
    UnsupportedOp
        On JAX, if a gradient is taken back through the loop: JAX does not know how many steps to keep. `scan`
        has gradients, and so has `jvp` of a `while_loop`.

    Examples
    --------
    >>> steps, value = while_loop(lambda i, x: x < 100, lambda i, x: (i + 1, x * 2), (0, 1))
    >>> int(steps), int(value)
    (7, 128)
    """
    many = isinstance(loop_vars, (list, tuple))
    values = tuple(loop_vars) if many else (loop_vars,)
    first, iterations = values, 0
    while (maximum_iterations is None or iterations < maximum_iterations) and concrete(cond(*values), "while_loop()"):
        values = tensors(_as_tuple(body(*values)) if many else (body(*values),))
        if not iterations:
            check_structure(values, first, "the result of body", "loop_vars")
        iterations += 1
    return values if many else values[0]


def _fori_spec(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    check_callable(body_fun=body_fun)
    after = symbolically(body_fun, KerasTensor((), "int32", record_history=False), init_val)
    check_alike(after, init_val, "the result of body_fun", "init_val")
    return init_val


@op(spec=_fori_spec)
def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Structure) -> Any:
    """Repeat a function with a counter.

    Parameters
    ----------
    lower, upper : int or scalar tensor of int
        The counter runs from `lower` up to and without `upper`.
    body_fun : callable
        ``body_fun(counter, value)`` gives the next value, of the same structure, shapes and dtypes.
    init_val : structure of tensor_like
        First value.

    Returns
    -------
    structure
        Last value.

    Raises
    ------
    ValueError
        While tracing, if `body_fun` changes the structure, a shape or a dtype.
    UnsupportedOp
        On JAX, if a gradient is taken back through a loop whose bounds are tensors that it traces.

    Examples
    --------
    >>> float(fori_loop(1, 5, lambda i, x: x * i, 1.0))
    24.0
    """
    value = init_val
    first = int(concrete(lower, "fori_loop()"))
    for i in range(first, int(concrete(upper, "fori_loop()"))):
        value = tensors(body_fun(i, value))
        if i == first:
            check_structure(value, init_val, "the result of body_fun", "init_val")
    return value
