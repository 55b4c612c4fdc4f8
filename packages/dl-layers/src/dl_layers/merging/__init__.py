"""Layers that combine several inputs."""

from dl_layers.merging.arithmetic import Add, Average, Maximum, Minimum, Multiply, Subtract
from dl_layers.merging.concatenate import Concatenate
from dl_layers.merging.dot import Dot
from dl_layers.merging.functions import add, average, concatenate, dot, maximum, minimum, multiply, subtract

__all__ = [
    "Add",
    "Average",
    "Concatenate",
    "Dot",
    "Maximum",
    "Minimum",
    "Multiply",
    "Subtract",
    "add",
    "average",
    "concatenate",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]
