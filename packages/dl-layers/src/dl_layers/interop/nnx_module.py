"""A layer as a module of Flax NNX."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from flax import nnx

from dl_layers.interop.weight_names import built_on, named
from dl_layers.layer import Layer
from dl_ops.backend import backend_scope
from dl_ops.scopes import StatelessScope
from dl_ops.variable import Variable


class LayerState(nnx.Variable):  # type: ignore[misc]  # where types are checked there is no Flax
    """What training does not change by gradients: statistics, seeds, frozen weights."""


class Weights(nnx.Module):  # type: ignore[misc]  # the same
    """Variables by name, or groups of them."""


class LayerModule(Weights):
    """Module that computes by a layer, from variables of its own.

    Parameters
    ----------
    layer : Layer
        A built one of the JAX backend.

    Notes
    -----
    As a transformation of NNX gives back another module with new arrays, the values are this module's own. They begin
    as the layer's; `write_back` gives them to it.
    """

    def __init__(self, layer: Layer) -> None:
        built_on(layer, "jax", "as_nnx_module")
        trained = {id(v) for v in layer.trainable_variables}
        self.layer = nnx.static(_Held(layer))
        self.paths = nnx.static(tuple(named(layer.variables, layer.path, _is_taken)))
        for path, variable in zip(self.paths, layer.variables, strict=True):
            # copies: a training step of dl may give the memory of the layer's own arrays away
            value = jnp.copy(variable._value)
            group: Any = self
            for part in path[:-1]:
                if not hasattr(group, part):
                    setattr(group, part, Weights())
                group = getattr(group, part)
            setattr(group, path[-1], (nnx.Param if id(variable) in trained else LayerState)(value))

    def _pairs(self) -> list[tuple[Variable, Any]]:
        found = []
        for path, variable in zip(self.paths, self.layer.layer.variables, strict=True):
            value: Any = self
            for part in path:
                value = getattr(value, part)
            found.append((variable, value))
        return found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the layer; what it assigns, this module has afterwards."""
        pairs = self._pairs()
        values = [(variable, own[...]) for variable, own in pairs]
        with backend_scope("jax"), StatelessScope(values) as scope:
            outputs = self.layer.layer(*args, **kwargs)
        written = {id(variable) for variable in scope.written}
        for variable, own in pairs:
            if id(variable) in written:
                own[...] = scope.get_current_value(variable)
        return outputs

    def write_back(self) -> None:
        """Give the layer this module's values."""
        for variable, own in self._pairs():
            variable.assign(jnp.copy(own[...]))


class _Held:
    """The layer, equal to itself alone: NNX compares what it does not know."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer


def _is_taken(name: str) -> bool:
    return hasattr(LayerModule, name) or name in ("layer", "paths")
