"""The backend contract, the registry of backends, and the choice of the active one."""

from dl_ops.backend.contract import CONTRACT_VERSION, Backend, Loop, UnsupportedOp
from dl_ops.backend.kernels import Kernels
from dl_ops.backend.registry import (
    BackendChoice,
    available_backends,
    backend,
    backend_choice,
    backend_scope,
    current_backend,
    enable_determinism,
    get_backend,
    loaded_backends,
    register_backend,
    set_backend,
)

__all__ = [
    "CONTRACT_VERSION",
    "Backend",
    "BackendChoice",
    "Kernels",
    "Loop",
    "UnsupportedOp",
    "available_backends",
    "backend",
    "backend_choice",
    "backend_scope",
    "current_backend",
    "enable_determinism",
    "get_backend",
    "loaded_backends",
    "register_backend",
    "set_backend",
]
