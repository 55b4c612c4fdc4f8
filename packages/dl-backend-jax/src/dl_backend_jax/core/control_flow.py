"""Control flow that depends on tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from dl_ops.backend import Kernels, assignments

kernels = Kernels()


@kernels.add
def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    # a known condition needs no compiling of what is not run
    if not isinstance(pred, jax.core.Tracer):
        return true_fn() if pred else false_fn()
    return assignments.threading(
        lambda variables, values: lax.cond(
            pred,
            lambda values: assignments.call(true_fn, variables, values),
            lambda values: assignments.call(false_fn, variables, values),
            values,
        )
    )


@kernels.add
def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    if not isinstance(index, jax.core.Tracer):
        return branches[min(max(int(index), 0), len(branches) - 1)](*operands)
    return assignments.threading(
        lambda variables, values: lax.switch(
            index,
            [
                lambda values, branch=branch: assignments.call(branch, variables, values, *operands)
                for branch in branches
            ],
            values,
        )
    )


@kernels.add
def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    several = isinstance(loop_vars, (list, tuple))
    start = tuple(loop_vars) if several else (loop_vars,)

    def goes_on(state: Any) -> Any:
        count, _, loop_vars = state
        go = jnp.reshape(cond(*loop_vars), ())
        return go if maximum_iterations is None else jnp.logical_and(go, count < maximum_iterations)

    def run(variables: Any, values: Any) -> Any:
        def step(state: Any) -> Any:
            count, values, loop_vars = state
            values, result = assignments.call(body, variables, values, *loop_vars)
            return count + 1, values, _like(loop_vars, tuple(result) if several else (result,))

        _, values, result = lax.while_loop(goes_on, step, (jnp.int32(0), values, start))
        return values, result

    result = assignments.threading(run)
    return result if several else result[0]


@kernels.add
def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    def run(variables: Any, values: Any) -> Any:
        def step(i: Any, state: Any) -> Any:
            values, value = assignments.call(body_fun, variables, state[0], i, state[1])
            return values, _like(state[1], value)

        return lax.fori_loop(lower, upper, step, (values, init_val))

    return assignments.threading(run)


@kernels.add
def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> Any:
    def run(variables: Any, values: Any) -> Any:
        def step(state: Any, x: Any) -> Any:
            values, (carry, y) = assignments.call(f, variables, state[0], state[1], x)
            return (values, _like(state[1], carry)), y

        (values, carry), ys = lax.scan(step, (values, init), xs, length, reverse, unroll)
        return values, (carry, ys)

    return assignments.threading(run)


@kernels.add
def map(f: Callable[[Any], Any], xs: Any) -> Any:
    return scan(lambda carry, x: (carry, f(x)), None, xs)[1]


@kernels.add
def associative_scan(f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    return lax.associative_scan(f, elems, reverse, axis)


def _like(before: Any, after: Any) -> Any:
    """`after` as strongly typed as `before`: Python numbers would change a loop's state from one turn to the next."""
    return jax.tree.map(
        lambda x, y: lax.convert_element_type(y, x.dtype) if jnp.result_type(y) == x.dtype else y, before, after
    )
