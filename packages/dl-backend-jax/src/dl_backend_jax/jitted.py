"""Kernels as jitted functions, whose eager calls take JAX's fast path: `jnp.reshape` takes 17 µs, jitted it takes 5."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

import jax

F = TypeVar("F", bound=Callable[..., Any])


def jitted(function: F) -> F:
    """Jit a kernel, which is called by position; inside a traced function it leaves no trace of that.

    Parameters whose annotation does not name an array are static. Where such an argument cannot be hashed, lists are made tuples; if that
    does not help, the kernel runs as it is.
    """
    parameters = inspect.signature(function).parameters.values()
    static = tuple(i for i, p in enumerate(parameters) if p.annotation is not p.empty and "Array" not in str(p.annotation))
    compiled = jax.jit(function, static_argnums=static, inline=True)
    if not static:
        return cast(F, compiled)

    @functools.wraps(function)
    def call(*args: Any) -> Any:
        try:
            return compiled(*args)
        except ValueError:
            frozen = [_freeze(x) if i in static else x for i, x in enumerate(args)]
            try:
                same = hash(tuple(frozen[i] for i in static if i < len(args))) and all(map(_is, frozen, args))
            except TypeError:
                return function(*args)
            if same:
                raise
            return compiled(*frozen)

    return cast(F, call)


def _is(x: Any, y: Any) -> bool:
    return x is y


def _freeze(x: Any) -> Any:
    return tuple(map(_freeze, x)) if isinstance(x, (list, tuple)) else x
