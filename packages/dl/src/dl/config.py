"""Settings of the process, ``keras.config``."""

from dl_layers.dtype_policies import dtype_policy, set_dtype_policy
from dl_ops.backend import available_backends, backend, backend_choice, set_backend
from dl_ops.config import (
    disable_interactive_logging,
    enable_interactive_logging,
    epsilon,
    floatx,
    image_data_format,
    is_interactive_logging_enabled,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from dl_ops.objects import enable_unsafe_deserialization

__all__ = [
    "available_backends",
    "backend",
    "backend_choice",
    "disable_interactive_logging",
    "dtype_policy",
    "enable_interactive_logging",
    "enable_unsafe_deserialization",
    "epsilon",
    "floatx",
    "image_data_format",
    "is_interactive_logging_enabled",
    "set_backend",
    "set_dtype_policy",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
]
