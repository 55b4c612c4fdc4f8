"""What is public at the top alone: tensors, variables, graphs, scopes."""

from dl_ops import (
    Function,
    KerasTensor,
    Operation,
    StatelessScope,
    SymbolicScope,
    Variable,
    available_backends,
    backend_scope,
    device,
    name_scope,
    set_backend,
)
from dl_ops.autodiff import remat

__all__ = [
    "Function",
    "KerasTensor",
    "Operation",
    "StatelessScope",
    "SymbolicScope",
    "Variable",
    "available_backends",
    "backend_scope",
    "device",
    "name_scope",
    "remat",
    "set_backend",
]
