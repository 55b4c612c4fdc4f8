"""Layers that combine several inputs."""

from dl_layers.merging.arithmetic import Add, Multiply, add
from dl_layers.merging.concatenate import Concatenate, concatenate

__all__ = ["Add", "Concatenate", "Multiply", "add", "concatenate"]
