"""The op definitions, symbolic graphs, variables and the backend contract of dl."""

from dl_ops import ops, tree
from dl_ops.backend import (
    Backend,
    Kernels,
    UnsupportedOp,
    available_backends,
    backend,
    backend_choice,
    backend_scope,
    current_backend,
    get_backend,
    set_backend,
)
from dl_ops.scopes import AutocastScope, StatelessScope, SymbolicScope, device, name_scope
from dl_ops.symbolic import Function, KerasTensor, Operation
from dl_ops.variable import Variable

__all__ = [
    "AutocastScope",
    "Backend",
    "Function",
    "KerasTensor",
    "Kernels",
    "Operation",
    "StatelessScope",
    "SymbolicScope",
    "UnsupportedOp",
    "Variable",
    "available_backends",
    "backend",
    "backend_choice",
    "backend_scope",
    "current_backend",
    "device",
    "get_backend",
    "name_scope",
    "ops",
    "set_backend",
    "tree",
]
