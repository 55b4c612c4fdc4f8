"""Layers inside the configuration of another."""

from __future__ import annotations

from typing import Any

from dl_ops.objects import deserialize_keras_object, serialize_keras_object


def part_config(layer: Any) -> dict[str, Any]:
    """Configuration of a layer that another one builds, in its own name scope."""
    config: dict[str, Any] = serialize_keras_object(layer)
    config.pop("build_config", None)
    return config


def part_from_config(config: Any) -> Any:
    """The layer of a configuration, not built; what is none is handed back."""
    if not isinstance(config, dict):
        return config
    return deserialize_keras_object({name: value for name, value in config.items() if name != "build_config"})
