"""Configs of layers, ``keras.layers.serialize`` and ``keras.layers.deserialize``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dl_layers.layer import Layer
from dl_ops.objects import deserialize_keras_object, serialize_keras_object


def serialize(layer: Layer) -> dict[str, Any]:
    """Config of a layer.

    Parameters
    ----------
    layer : Layer

    Returns
    -------
    dict

    Examples
    --------
    >>> from dl_layers import Dense
    >>> serialize(Dense(3))["config"]["units"]
    3
    """
    config: dict[str, Any] = serialize_keras_object(layer)
    return config


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Layer:
    """Layer of a config; its weights are new.

    Parameters
    ----------
    config : dict
        What `serialize` returned, or ``{"class_name": ..., "config": ...}`` with the name of a layer of Keras.
    custom_objects : mapping from name to class, optional

    Returns
    -------
    Layer

    Raises
    ------
    ValueError, TypeError
        If the config describes no layer.

    Examples
    --------
    >>> deserialize({"class_name": "Dense", "config": {"units": 3}}).units
    3
    """
    if not isinstance(config, Mapping) or "class_name" not in config:
        raise ValueError(f"layers.deserialize(config={config!r}): expected a dictionary with 'class_name' and 'config'")
    layer = deserialize_keras_object({"module": "keras.layers", **config}, custom_objects=custom_objects)
    if not isinstance(layer, Layer):
        raise ValueError(f"layers.deserialize(): the config is of a {type(layer).__name__}, which is no layer")
    return layer
