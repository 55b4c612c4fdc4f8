"""Dtype policies, ``keras.dtype_policies``."""

from dl_layers.dtype_policies.policy import DTypePolicy, deserialize, dtype_policy, get, serialize, set_dtype_policy

__all__ = ["DTypePolicy", "deserialize", "dtype_policy", "get", "serialize", "set_dtype_policy"]
