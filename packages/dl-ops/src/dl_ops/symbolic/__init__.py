"""Symbolic tensors, and the graphs that operations on them make."""

from dl_ops.symbolic.graph import Function, source_inputs
from dl_ops.symbolic.keras_tensor import KerasHistory, KerasTensor, any_symbolic, is_keras_tensor
from dl_ops.symbolic.operation import Node, OpCall, Operation

__all__ = [
    "Function",
    "KerasHistory",
    "KerasTensor",
    "Node",
    "OpCall",
    "Operation",
    "any_symbolic",
    "is_keras_tensor",
    "source_inputs",
]
