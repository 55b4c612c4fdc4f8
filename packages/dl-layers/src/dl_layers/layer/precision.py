"""In which dtypes a layer computes and keeps its weights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dl_layers import dtype_policies
from dl_layers.dtype_policies import DTypePolicy, DTypePolicyMap

if TYPE_CHECKING:
    from dl_layers.layer.base import Layer


class LayerPrecision:
    """The dtype policy of a layer, and what layers say that cannot be quantized."""

    @property
    def dtype_policy(self) -> DTypePolicy:
        """In which dtype the layer computes and keeps its variables."""
        policy: DTypePolicy = self.__dict__["_dtype_policy"]
        return policy

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        self.__dict__["_dtype_policy"] = dtype_policies.get(value)
        self._apply_policy()

    def _apply_policy(self) -> None:
        """Take over the policy, which may depend on the layer's path."""
        state = self.__dict__
        given = state["_dtype_policy"]
        policy = given.at(state["_path"]) if state.get("_path") else getattr(given, "default_policy", given)
        state["_own_policy"] = policy
        state["_compute_dtype"] = policy.compute_dtype
        state["_autocast_dtype"] = policy.compute_dtype if policy.compute_dtype != policy.variable_dtype else None
        state["_casts"] = {}

    _own_policy: DTypePolicy
    """That of the layer itself, where the policy is a map for the layers inside."""

    @property
    def dtype(self) -> str:
        """Dtype of the variables, same as `variable_dtype`."""
        return self._own_policy.variable_dtype

    @property
    def variable_dtype(self) -> str:
        """Dtype that variables are created in."""
        return self._own_policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """Dtype that the layer computes in."""
        return self._own_policy.compute_dtype

    @property
    def input_dtype(self) -> str:
        """Dtype that floating-point inputs are cast to."""
        return self._own_policy.compute_dtype

    @property
    def quantization_mode(self) -> str | None:
        """Kind of quantization, ``None`` if the layer is not quantized."""
        return self._own_policy.quantization_mode

    def quantize(self, mode: Any = None, type_check: bool = True, config: Any = None) -> None:
        """Keep the layer's kernel in fewer bits, where the layer can do that: see `Quantizable.quantize`."""
        raise self._not_quantizable("quantize")

    def quantized_build(self, *args: Any, **kwargs: Any) -> None:
        """Create the variables that quantized kernels are kept in, where the layer has such."""
        raise self._not_quantizable("quantized_build")

    def quantized_call(self, *args: Any, **kwargs: Any) -> Any:
        """Call a quantized layer."""
        raise self._not_quantizable("quantized_call")

    def _not_quantizable(self, method: str) -> NotImplementedError:
        return NotImplementedError(f"{type(self).__name__}.{method}(): layers of this class cannot be quantized")


def policy_to_write(layer: Layer) -> DTypePolicy:
    """Policy for a layer's configuration: one that says which layers inside were quantized, if some were.

    Layers inside are made again with the policy of the layer around them, and would not fit their weights otherwise.
    """
    policy = layer.dtype_policy
    inside = [x for x in layer._flatten_layers(include_self=False) if getattr(x, "_was_quantized", False)]
    if not inside or isinstance(policy, DTypePolicyMap):
        return policy
    start = len(layer.path) - len(layer.name)
    return DTypePolicyMap(policy, {f"(.*/)?{re.escape(x.path[start:])}": x._own_policy for x in inside})
