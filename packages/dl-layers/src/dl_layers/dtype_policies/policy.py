"""Dtype policies: in which dtype a layer computes, and in which it keeps its variables."""

from __future__ import annotations

from typing import Any, Final

from dl_ops import config
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.objects import public

_MIXED: Final = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}


@public(
    "keras.DTypePolicy",
    "keras.dtype_policies.DTypePolicy",
    "keras.FloatDTypePolicy",
    "keras.dtype_policies.FloatDTypePolicy",
    "keras.mixed_precision.DTypePolicy",
    "keras.mixed_precision.Policy",
)
class DTypePolicy:
    """Compute and variable dtype of a layer.

    Parameters
    ----------
    name : str, optional
        A dtype, which both then are, or ``"mixed_float16"`` or ``"mixed_bfloat16"``: compute in 16 bits, keep
        variables in float32. By default the default float.

    Raises
    ------
    ValueError
        If `name` is none of these.

    Examples
    --------
    >>> policy = DTypePolicy("mixed_bfloat16")
    >>> policy.compute_dtype, policy.variable_dtype
    ('bfloat16', 'float32')

    References
    ----------
    Micikevicius et al., "Mixed Precision Training", arXiv:1710.03740.
    """

    def __init__(self, name: str | None = None) -> None:
        self._name = config.floatx() if name is None else name
        if not isinstance(self._name, str):
            raise TypeError(f"DTypePolicy(name={name!r}): expected a string")
        if self._name in _MIXED:
            self._compute_dtype, self._variable_dtype = _MIXED[self._name], "float32"
        else:
            try:
                self._compute_dtype = self._variable_dtype = standardize_dtype(self._name)
            except ValueError as error:
                raise ValueError(
                    f"DTypePolicy(name={name!r}): expected a dtype, {', '.join(map(repr, _MIXED))}; {error}"
                ) from None

    @property
    def name(self) -> str:
        """Name given, or the dtype's."""
        return self._name

    @property
    def compute_dtype(self) -> str:
        """Dtype that layers cast their floating-point inputs and variables to."""
        return self._compute_dtype

    @property
    def variable_dtype(self) -> str:
        """Dtype that layers create their variables in."""
        return self._variable_dtype

    @property
    def quantization_mode(self) -> str | None:
        """Kind of quantization, ``None`` for a float policy."""
        return None

    def at(self, path: str) -> DTypePolicy:
        """Policy of the layer at a path: this one, wherever the layer is."""
        return self

    def convert_input(self, x: Any, autocast: bool, dtype: str) -> Any:
        """Return a tensor-like as a tensor, cast to `dtype` if it is floating-point and `autocast` is true."""
        from dl_ops import ops

        if not hasattr(x, "dtype"):
            return x
        x = ops.convert_to_tensor(x)
        return ops.cast(x, dtype) if autocast and is_float(standardize_dtype(x.dtype)) else x

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` makes an equal policy from."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        """Make a policy from its configuration."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    def __hash__(self) -> int:
        return hash((type(self), self._name))

    def __repr__(self) -> str:
        return f'<{type(self).__name__} "{self._name}">'


_default: DTypePolicy | None = None


def dtype_policy() -> DTypePolicy:
    """Return the policy of layers that are given none.

    Examples
    --------
    >>> dtype_policy().name
    'float32'
    """
    return _default or DTypePolicy()


def set_dtype_policy(policy: str | DTypePolicy | None) -> None:
    """Set the policy of layers that are given none.

    Parameters
    ----------
    policy : str or DTypePolicy
        ``None`` goes back to the default float.
    """
    global _default
    _default = None if policy is None else get(policy)


def get(identifier: Any) -> DTypePolicy:
    """Return a policy from a name, a configuration, a dtype or a policy; the default one for ``None``.

    A name is a dtype's, ``"mixed_float16"``, ``"mixed_bfloat16"``, or that of a quantized policy:
    ``"int8_from_float32"``, ``"int4/128_from_mixed_bfloat16"``, ``"gptq/4/128_from_float32"``.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        from dl_layers.dtype_policies.quantized import from_name

        return from_name(identifier) or DTypePolicy(identifier)
    return DTypePolicy(standardize_dtype(identifier))


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """Return the configuration of a policy, with its class."""
    from dl_ops.objects import serialize_keras_object

    config: dict[str, Any] = serialize_keras_object(dtype_policy)
    return config


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> DTypePolicy:
    """Return the policy that `serialize` was given; a ``ValueError`` if the configuration is of something else."""
    from dl_ops.objects import deserialize_keras_object

    policy = deserialize_keras_object(config, custom_objects=custom_objects)
    if not isinstance(policy, DTypePolicy):
        raise ValueError(f"dtype policy: the configuration is of a {type(policy).__name__}")
    return policy
