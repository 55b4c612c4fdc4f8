"""A layer as a PyTorch module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from dl_layers.interop.module_tensor import Kind, ModuleTensor, Place
from dl_layers.interop.weight_names import built_on, named_weights
from dl_layers.layer import Layer
from dl_ops.scopes import StatelessScope
from dl_ops.variable import Variable


class Weights(torch.nn.Module):
    """Parameters and buffers by name, or groups of them."""


class LayerModule(Weights):
    """Module that computes by a layer, whose weights are its parameters and buffers.

    Parameters
    ----------
    layer : Layer
        A built one of the PyTorch backend.

    Notes
    -----
    The layer's variables keep their values here from now on, so that both sides see what either does: an optimizer's
    step, ``load_state_dict()``, ``torch.func.functional_call()``, another object set as an attribute.
    """

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        built_on(layer, "torch", "as_torch_module")
        self.layer = layer
        self._places: list[tuple[Variable, Place]] = []
        for path, variable in named_weights(layer, _is_taken).items():
            group: torch.nn.Module = self
            for part in path[:-1]:
                if part not in group._modules:
                    group.add_module(part, Weights())
                group = group.get_submodule(part)
            kind: Kind = "_parameters" if isinstance(variable._value, torch.nn.Parameter) else "_buffers"
            if kind == "_parameters":
                group.register_parameter(path[-1], variable._value)
            else:
                group.register_buffer(path[-1], variable._value)
            place = Place(group, kind, path[-1])
            ModuleTensor.move(variable, place)
            self._places.append((variable, place))

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the layer, in training if the module is, unless `training` is given."""
        kwargs.setdefault("training", self.training)
        # another module of the same weights was there first, and only this one has been given others for the call
        own = [(v, getattr(owner, kind)[name]) for v, (owner, kind, name) in self._places]
        others = [(variable, value) for variable, value in own if value is not variable._value]
        if not others:
            return self.layer(*args, **kwargs)
        with StatelessScope(others):
            return self.layer(*args, **kwargs)

    def _apply(self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> Any:
        # to(), half(), double()
        for dtype in {variable._value.dtype for variable, _ in self._places}:
            after = fn(torch.empty(0, dtype=dtype)).dtype
            if after is not dtype:
                raise TypeError(
                    f"{self.layer!r} keeps its dtypes, and {dtype} would become {after}: make the layer with "
                    "another dtype"
                )
        return super()._apply(fn, recurse)  # type: ignore[no-untyped-call]  # untyped in PyTorch


def _is_taken(name: str) -> bool:
    return hasattr(torch.nn.Module, name) or name in {*_OWN, "layer"}


_OWN = frozenset(torch.nn.Module().__dict__) | {"_places"}
