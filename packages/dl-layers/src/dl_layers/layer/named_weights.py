"""Weights with an initializer, a regularizer and a constraint each, given as arguments of a layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from dl_layers import constraints, initializers, regularizers
from dl_ops.variable import Variable

_KINDS: Final[dict[str, Any]] = {
    "initializer": initializers,
    "regularizer": regularizers,
    "constraint": constraints,
}


class NamedWeights:
    """Mixin for layers with arguments such as ``kernel_initializer`` and ``bias_constraint``.

    The arguments become attributes, `add_named_weight` creates the weight that they belong to, and `weight_config`
    writes them to the configuration.
    """

    _weight_options: tuple[str, ...] = ()

    def set_weight_options(self, **options: Any) -> None:
        """Set attributes from arguments named ``<weight>_<initializer, regularizer or constraint>``: names,
        configurations or objects.
        """
        for name, value in options.items():
            setattr(self, name, _KINDS[name.rpartition("_")[2]].get(value))
        self._weight_options = (*self._weight_options, *options)

    def add_named_weight(self, name: str, shape: Sequence[int], *, of: str | None = None, **options: Any) -> Variable:
        """Create the weight that the options of this name belong to, or those of the name `of`."""
        given = {kind: getattr(self, f"{of or name}_{kind}", None) for kind in _KINDS}
        variable: Variable = self.add_weight(shape, name=name, **{**given, **options})  # type: ignore[attr-defined]  # a Layer's
        return variable

    def weight_config(self) -> dict[str, Any]:
        """Configuration of the options, in the order they were set."""
        return {name: _KINDS[name.rpartition("_")[2]].serialize(getattr(self, name)) for name in self._weight_options}
