"""Names of classes and functions, and configs: what lets an object be described in a file and built again from it."""

from dl_ops.objects.identifiers import Identifiers
from dl_ops.objects.names import find_public, public, public_family, public_name
from dl_ops.objects.registry import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from dl_ops.objects.serialization import (
    SafeModeScope,
    SharedObjectsScope,
    check_nesting,
    deserialize_keras_object,
    deserialize_lambda,
    enable_unsafe_deserialization,
    in_safe_mode,
    serialize_keras_object,
    serialize_lambda,
)

__all__ = [
    "CustomObjectScope",
    "Identifiers",
    "SafeModeScope",
    "SharedObjectsScope",
    "check_nesting",
    "custom_object_scope",
    "deserialize_keras_object",
    "deserialize_lambda",
    "enable_unsafe_deserialization",
    "find_public",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "in_safe_mode",
    "public",
    "public_family",
    "public_name",
    "register_keras_serializable",
    "serialize_keras_object",
    "serialize_lambda",
]
