"""Dtype policies, ``keras.dtype_policies``."""

from dl_layers.dtype_policies.by_path import DTypePolicyMap
from dl_layers.dtype_policies.policy import DTypePolicy, deserialize, dtype_policy, get, serialize, set_dtype_policy
from dl_layers.dtype_policies.quantized import (
    AWQDTypePolicy,
    GPTQDTypePolicy,
    Int4DTypePolicy,
    QuantizedDTypePolicy,
    QuantizedFloat8DTypePolicy,
)

__all__ = [
    "AWQDTypePolicy",
    "DTypePolicy",
    "DTypePolicyMap",
    "GPTQDTypePolicy",
    "Int4DTypePolicy",
    "QuantizedDTypePolicy",
    "QuantizedFloat8DTypePolicy",
    "deserialize",
    "dtype_policy",
    "get",
    "serialize",
    "set_dtype_policy",
]
