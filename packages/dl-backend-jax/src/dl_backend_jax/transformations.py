"""Transformations of functions of lists of arrays, by JAX's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import jax
import jax.numpy as jnp

from dl_ops.backend.contract import Pullback, UnsupportedOp

# how JAX begins its own message
_NO_WAY_BACK: Final = "Reverse-mode differentiation does not work"
_LOOPS: Final = (
    "while_loop(), fori_loop(): JAX takes no gradients back through a loop whose number of turns is unknown while it "
    "traces; use scan(), or a fori_loop() with Python integers as bounds, or go forward with jvp()"
)


def vjp(f: Callable[..., tuple[Sequence[Any], Any]], inputs: Sequence[Any]) -> tuple[list[Any], Any, Pullback]:
    """As `Backend.vjp`."""
    outputs, back, aux = jax.vjp(_separately(f), *inputs, has_aux=True)

    def pullback(gradients: Sequence[Any]) -> list[Any]:
        filled = [jnp.zeros_like(y) if g is None else g for g, y in zip(gradients, outputs, strict=True)]
        try:
            return list(back(filled))
        except ValueError as error:
            if _NO_WAY_BACK not in str(error):
                raise
            raise UnsupportedOp(_LOOPS) from None

    return outputs, aux, pullback


def value_and_grad(f: Callable[..., tuple[Any, Any]], inputs: Sequence[Any]) -> tuple[Any, Any, list[Any | None]]:
    """As `Backend.value_and_grad`."""
    try:
        (loss, aux), gradients = jax.value_and_grad(lambda values: f(*values), has_aux=True)(list(inputs))
    except ValueError as error:
        if _NO_WAY_BACK not in str(error):
            raise
        raise UnsupportedOp(_LOOPS) from None
    return loss, aux, gradients


def jvp(
    f: Callable[..., tuple[Sequence[Any], Any]], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[list[Any], Any, list[Any | None]]:
    """As `Backend.jvp`."""
    outputs, moved, aux = jax.jvp(_separately(f), tuple(primals), tuple(tangents), has_aux=True)
    return outputs, aux, moved


def custom_gradient(f: Callable[..., tuple[Sequence[Any], Pullback]], inputs: Sequence[Any]) -> list[Any]:
    """As `Backend.custom_gradient`."""

    @jax.custom_gradient  # type: ignore[untyped-decorator]  # untyped in JAX
    def call(*values: Any) -> Any:
        outputs, pullback = f(*values)

        def back(gradients: Any) -> Any:
            pairs = zip(pullback(gradients), values, strict=True)
            return tuple(jnp.zeros_like(x) if g is None else g for g, x in pairs)

        return list(outputs), back

    return list(call(*inputs))


def _separately(f: Callable[..., tuple[Sequence[Any], Any]]) -> Callable[..., tuple[list[Any], Any]]:
    def call(*values: Any) -> tuple[list[Any], Any]:
        outputs, aux = f(*values)
        return list(outputs), aux

    return call
