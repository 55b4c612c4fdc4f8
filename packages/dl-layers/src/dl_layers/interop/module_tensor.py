"""Variables that are the parameters and buffers of a PyTorch module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from dl_ops.backend import Backend
from dl_ops.variable import Variable

if TYPE_CHECKING:
    import torch

Kind = Literal["_parameters", "_buffers"]


class Place(NamedTuple):
    """Where a module keeps a tensor; one that is used twice is in two places."""

    owner: torch.nn.Module
    kind: Kind
    name: str


class ModuleTensor(Variable):
    """Variable whose value is what stands in the places of a module, which so computes with whatever is put there.

    In a `StatelessScope`, which compiled steps and transformations use, the module has the scope's values.
    """

    _places: Sequence[Place] = ()

    @property
    def _value(self) -> Any:
        owner, kind, name = self._places[0]
        return getattr(owner, kind)[name]

    @_value.setter
    def _value(self, value: Any) -> None:
        for owner, kind, name in self._places:
            getattr(owner, kind)[name] = value

    @classmethod
    def move(cls, variable: Variable, place: Place) -> None:
        """Have a variable that exists keep its value in a place of a module, beside those where it is kept already."""
        value = variable._value
        places = variable._places if isinstance(variable, ModuleTensor) else ()
        # the same object, as layers, optimizers and compiled steps hold on to it
        variable.__class__ = cls
        moved = cast("ModuleTensor", variable)
        moved._places = (*places, place)
        moved._value = value


def module_tensors(module: torch.nn.Module, kind: Kind, backend: Backend) -> list[ModuleTensor]:
    """Variables for all parameters, or all buffers, of a module and the modules in it, each once, by their names."""
    places: dict[int, tuple[str, Any, list[Place]]] = {}
    for path, owner in module.named_modules():
        for name, tensor in getattr(owner, kind).items():
            if tensor is not None:
                full = f"{path}.{name}" if path else name
                places.setdefault(id(tensor), (full, tensor, []))[2].append(Place(owner, kind, name))
    found = []
    for name, tensor, where in places.values():
        variable = ModuleTensor.of_storage(tensor, backend, trainable=tensor.requires_grad, name=name)
        variable._places = tuple(where)
        found.append(variable)
    return found
