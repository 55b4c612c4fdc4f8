"""The config round trip: objects to plain data and back."""

from __future__ import annotations

from dl_ops.objects.lambdas import (
    SafeModeScope,
    deserialize_lambda,
    enable_unsafe_deserialization,
    in_safe_mode,
    serialize_lambda,
)
from dl_ops.objects.reading import check_nesting, deserialize_keras_object
from dl_ops.objects.sharing import SharedObjectsScope
from dl_ops.objects.writing import serialize_keras_object

__all__ = [
    "SafeModeScope",
    "SharedObjectsScope",
    "check_nesting",
    "deserialize_keras_object",
    "deserialize_lambda",
    "enable_unsafe_deserialization",
    "in_safe_mode",
    "serialize_keras_object",
    "serialize_lambda",
]
