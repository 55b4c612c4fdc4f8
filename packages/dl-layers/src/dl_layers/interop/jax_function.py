"""A layer as a pure function for JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from dl_layers.interop.weight_names import built_on, flattened, named, nested
from dl_layers.layer import Layer
from dl_ops.backend import backend_scope
from dl_ops.scopes import StatelessScope
from dl_ops.variable import Variable


class JaxFunction(NamedTuple):
    """What `as_jax_function` gives."""

    params: dict[str, Any]
    """Values of the trainable weights, nested by the parts of their paths."""
    state: dict[str, Any]
    """Values of all other variables: statistics, seeds."""
    apply: Callable[..., Any]
    """``apply(params, state, *args, **kwargs)`` gives the outputs and the new state."""
    write_back: Callable[..., None]
    """``write_back(params, state=None)`` gives the values to the layer."""


def as_jax_function(layer: Layer) -> JaxFunction:
    """As `dl_layers.interop.as_jax_function`."""
    built_on(layer, "jax", "as_jax_function")
    trained = {id(v) for v in layer.trainable_variables}
    trainable = named([v for v in layer.variables if id(v) in trained], layer.path)
    others = named([v for v in layer.variables if id(v) not in trained], layer.path)

    def pairs(params: Any, state: Any) -> list[tuple[Variable, Any]]:
        values = [*flattened(params, trainable, "params"), *flattened(state, others, "state")]
        return list(zip((*trainable.values(), *others.values()), values, strict=True))

    def apply(params: Any, state: Any, *args: Any, return_losses: bool = False, **kwargs: Any) -> Any:
        with backend_scope("jax"), StatelessScope(pairs(params, state)) as scope:
            outputs = layer(*args, **kwargs)
            losses = layer.losses if return_losses else []
        new_state = nested({path: scope.get_current_value(variable) for path, variable in others.items()})
        return (outputs, new_state, losses) if return_losses else (outputs, new_state)

    def write_back(params: Any, state: Any = None) -> None:
        given = (params, _copies(others) if state is None else state)
        for variable, value in pairs(*jax.tree.map(jnp.copy, given)):
            variable.assign(value)

    return JaxFunction(_copies(trainable), _copies(others), apply, write_back)


def _copies(variables: dict[tuple[str, ...], Variable]) -> dict[str, Any]:
    # a training step of dl may give the memory of the layer's own arrays away
    return nested({path: jnp.copy(variable._value) for path, variable in variables.items()})
