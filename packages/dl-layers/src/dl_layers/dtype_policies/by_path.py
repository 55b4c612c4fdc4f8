"""Dtype policies by the paths of layers."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

from dl_layers.dtype_policies import policy as policies
from dl_layers.dtype_policies.policy import DTypePolicy
from dl_layers.dtype_policies.quantized import QuantizedDTypePolicy
from dl_ops.objects import deserialize_keras_object, public, serialize_keras_object


@public("keras.dtype_policies.DTypePolicyMap")
class DTypePolicyMap(DTypePolicy, MutableMapping[str, DTypePolicy]):
    """Different policies for the layers inside a layer, by their paths.

    A key is a path, or a regular expression that whole paths match. Layers whose path matches none have the default
    policy. Given as ``dtype``, the map is handed on to the layers inside.

    Parameters
    ----------
    default_policy : str or DTypePolicy, optional
        By default that of layers that are given none, when it is asked for.
    policy_map : dict from str to policy, optional
        Policies, or what `get` takes.

    Raises
    ------
    TypeError
        If `policy_map` is not a dictionary.
    ValueError
        If a policy is unknown, a key is set twice or is no regular expression, or, when a policy is looked up, several
        keys match a path that is none of them.

    Examples
    --------
    >>> policies = DTypePolicyMap("float32", {"encoder/.*": "mixed_bfloat16"})
    >>> policies["encoder/dense"].name, policies["decoder/dense"].name
    ('mixed_bfloat16', 'float32')
    """

    def __init__(self, default_policy: Any = None, policy_map: dict[str, Any] | None = None) -> None:
        if policy_map is not None and not isinstance(policy_map, dict):
            raise TypeError(f"DTypePolicyMap(policy_map={policy_map!r}): expected a dictionary")
        self._default = None if default_policy is None else policies.get(default_policy)
        self._policies: dict[str, DTypePolicy] = {}
        for path, policy in (policy_map or {}).items():
            self[path] = policy

    @property
    def default_policy(self) -> DTypePolicy:
        """Policy of layers whose path matches no key."""
        return self._default or policies.dtype_policy()

    @property
    def name(self) -> str:
        """Name of the default policy, with a prefix."""
        return f"map_{self.default_policy.name}"

    @property
    def compute_dtype(self) -> str:
        """Compute dtype of the default policy."""
        return self.default_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """Variable dtype of the default policy."""
        return self.default_policy.variable_dtype

    @property
    def quantization_mode(self) -> str | None:
        """Kind of quantization of the default policy."""
        return self.default_policy.quantization_mode

    def at(self, path: str) -> DTypePolicy:
        return self[path]

    def __getitem__(self, path: str) -> DTypePolicy:
        if path in self._policies:
            return self._policies[path]
        matching = [key for key in self._policies if re.fullmatch(key, path)]
        if len(matching) > 1:
            raise ValueError(
                f"DTypePolicyMap: the path {path!r} matches several keys: {', '.join(map(repr, matching))}"
            )
        return self._policies[matching[0]] if matching else self.default_policy

    def __setitem__(self, path: str, policy: Any) -> None:
        if path in self._policies:
            raise ValueError(f"DTypePolicyMap: the key {path!r} has {self._policies[path]!r}: delete it first")
        try:
            re.compile(path)
        except (re.error, TypeError) as error:
            raise ValueError(f"DTypePolicyMap: the key {path!r} is no path or regular expression: {error}") from None
        try:
            self._policies[path] = policies.get(policy)
        except (TypeError, ValueError) as error:
            raise ValueError(f"DTypePolicyMap[{path!r}] = {policy!r}: {error}") from None

    def __delitem__(self, path: str) -> None:
        del self._policies[path]

    def __contains__(self, path: object) -> bool:
        return path in self._policies

    def __iter__(self) -> Iterator[str]:
        return iter(self._policies)

    def __len__(self) -> int:
        return len(self._policies)

    def __bool__(self) -> bool:
        return True

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` makes an equal map from.

        Without a default policy of its own, the sources of quantized policies are left open too: they follow the
        default of where the map is read.
        """
        entries = {path: serialize_keras_object(policy) for path, policy in self._policies.items()}
        if self._default is None:
            for path, policy in self._policies.items():
                if isinstance(policy, QuantizedDTypePolicy):
                    entries[path]["config"]["source_name"] = None
        default: Any = self._default
        if default is not None:
            plain = type(default) is DTypePolicy
            default = default.name if plain else serialize_keras_object(default)
        return {"default_policy": default, "policy_map": entries}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicyMap:
        """Make a map from its configuration."""
        entries = {
            path: deserialize_keras_object(policy) if isinstance(policy, dict) else policy
            for path, policy in config["policy_map"].items()
        }
        return cls(config["default_policy"], entries)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and (self._default, self._policies) == (other._default, other._policies)

    def __repr__(self) -> str:
        entries = {path: policy.name for path, policy in self._policies.items()}
        return f"<DTypePolicyMap default={self.default_policy.name!r}, {entries}>"
