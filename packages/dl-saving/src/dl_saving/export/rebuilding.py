"""Models made anew on another backend."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from dl_layers.layer import Layer
from dl_ops import tree
from dl_ops.backend import backend_scope, current_backend, get_backend
from dl_ops.objects import serialize_keras_object
from dl_ops.objects.lambdas import SafeModeScope
from dl_ops.symbolic import KerasTensor


def rebuilt_on(layer: Layer, name: str, signature: Sequence[Any], format: str) -> Layer:
    """The layer itself if it belongs to a backend, else one of the same configuration and weights that does.

    Parameters
    ----------
    layer : Layer
        A built one.
    name : str
        Of the backend.
    signature : sequence of structures of KerasTensor
        What the layer is called with.
    format : str
        What it is needed for.

    Raises
    ------
    ImportError
        If the backend is not installed, or its framework is not.
    ValueError
        If the configuration does not make the same layer.
    """
    owner = next((v.backend for v in layer.variables), layer._backend or current_backend())
    try:
        backend = get_backend(name)
    except (ValueError, ImportError) as error:
        raise ImportError(f"export(format={format!r}) needs the {name} backend: {error}") from error
    if owner.name == name:
        return layer
    try:
        # it is the user's own configuration, so that functions in it are his
        with backend_scope(backend), SafeModeScope(False), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".* is written as byte code")
            copy: Any = type(layer).from_config(serialize_keras_object(layer.get_config()))
            if not copy.built or len(copy.weights) != len(layer.weights):
                copy(*tree.map_structure(lambda x: KerasTensor(x.shape, x.dtype, name=x.name), list(signature)))
            copy.set_weights(layer.get_weights())
    except Exception as error:
        raise ValueError(
            f"export(format={format!r}): {layer.name!r}, of the {owner.name} backend, cannot be made anew on {name} "
            f"from its configuration: {error}"
        ) from error
    return copy  # type: ignore[no-any-return]  # of the same class
