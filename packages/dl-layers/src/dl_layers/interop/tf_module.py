"""A layer as a TensorFlow module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from dl_layers.interop.weight_names import built_on, named_state, named_weights
from dl_layers.layer import Layer
from dl_ops.backend import backend_scope


class Weights(tf.Module):  # type: ignore[misc]  # TensorFlow ships no types
    """Variables by name, or groups of them."""


class LayerModule(Weights):
    """Module that computes by a layer, and has its ``tf.Variable`` objects.

    Parameters
    ----------
    layer : Layer
        A built one of the TensorFlow backend.
    """

    def __init__(self, layer: Layer) -> None:
        super().__init__(name=_valid(layer.name))
        built_on(layer, "tensorflow", "as_tf_module")
        self._layer = layer
        for path, variable in {**named_weights(layer, _is_taken), **named_state(layer)}.items():
            group: Any = self
            for part in path[:-1]:
                if not hasattr(group, part):
                    setattr(group, part, Weights(name=_valid(part)))
                group = getattr(group, part)
            setattr(group, path[-1], variable._value)

    # any Python code may be in a layer, and none of it is meant for graphs
    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]  # TensorFlow ships no types
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the layer."""
        with backend_scope("tensorflow"):
            return self._layer(*args, **kwargs)

    @property
    def trainable_variables(self) -> Sequence[Any]:
        """Those of the layer that training changes: freezing it counts."""
        return tuple(variable._value for variable in self._layer.trainable_variables)

    @property
    def non_trainable_variables(self) -> Sequence[Any]:
        """All others."""
        return tuple(variable._value for variable in self._layer.non_trainable_variables)


def _is_taken(name: str) -> bool:
    return hasattr(tf.Module, name) or name == "_layer"


def _valid(name: str) -> str:
    # a module's name is a Python identifier
    cleaned = "".join(character if character.isalnum() else "_" for character in name)
    return cleaned if cleaned.isidentifier() else f"_{cleaned}"
