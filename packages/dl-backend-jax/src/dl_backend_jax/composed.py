"""Defaults of ops as jitted functions: an eager call of one is a single call of JAX, not one for each op in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from dl_backend_jax.jitted import jit
from dl_ops import config
from dl_ops.backend import Backend, backend_scope
from dl_ops.op import Op

# a default that needs to know values cannot be traced
_NEEDS_VALUES = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
    jax.errors.NonConcreteBooleanIndexError,
)


def composed(backend: Backend, op: Op) -> Callable[..., Any] | None:
    """Jitted default of an op, or ``None`` if it has none, or one that may do more than compute: draw random
    numbers, or call functions.
    """
    annotations = " ".join(str(parameter.annotation) for parameter in op.signature.parameters.values())
    if op.primitive or "seed" in op.index or "Structure" in annotations or "Callable" in annotations:
        return None
    function = op.function

    def default(*args: Any, **kwargs: Any) -> Any:
        with backend_scope(backend):
            return function(*args, **kwargs)

    # what a default may take from the configuration is part of what it was traced for
    def configured(configuration: Any, *args: Any) -> Any:
        return default(*args)

    compiled = jit(configured, [0, *(i + 1 for i, parameter in enumerate(op.parameters) if parameter.role is None)])
    traceable = True

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal traceable
        if kwargs or not traceable:
            return default(*args, **kwargs)
        try:
            return compiled((config.floatx(), config.epsilon(), config.image_data_format()), *args)
        except _NEEDS_VALUES:
            traceable = False
            return default(*args)

    return call
