"""Dtype policies, ``keras.dtype_policies``."""

from dl_layers.dtype_policies import DTypePolicy, deserialize, get, serialize

FloatDTypePolicy = DTypePolicy

__all__ = ["DTypePolicy", "FloatDTypePolicy", "deserialize", "get", "serialize"]
