"""Arguments of a call as tensors of the layer's backend: how, is worked out once for each type and dtype."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dl_layers.layer.arguments import NO_TENSORS
from dl_layers.layer.masks import with_mask_of
from dl_ops import tree
from dl_ops.backend import Backend
from dl_ops.dispatch import mixed_backends
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.interchange import backend_of
from dl_ops.symbolic import KerasTensor
from dl_ops.variable import Variable

if TYPE_CHECKING:
    from dl_layers.layer.base import Layer

Caster = Callable[[Any], Any]
Casters = dict[Any, Caster | None]
"""By type, dtype and backend: what converts such an argument, ``None`` if it stays as it is."""

UNREADY: Final[Any] = object()
"""In the place of an argument that nothing has been worked out for."""


def ready(x: Any, casters: Mapping[Any, Caster | None], backend: Backend) -> Any:
    """Argument as tensors of the layer's backend, or `UNREADY`."""
    kind = type(x)
    if kind in NO_TENSORS:
        return x
    if kind is list:
        return ready_list(x, casters, backend)
    if kind is tuple:
        values = ready_list(x, casters, backend)
        return values if values is UNREADY else tuple(values)
    caster = casters.get((kind, getattr(x, "dtype", None), backend), UNREADY)
    return x if caster is None else caster if caster is UNREADY else caster(x)


def ready_list(xs: Iterable[Any], casters: Mapping[Any, Caster | None], backend: Backend) -> Any:
    """Arguments as a list of what `ready` gives for each, or `UNREADY`."""
    values = []
    for x in xs:
        value = ready(x, casters, backend)
        if value is UNREADY:
            return UNREADY
        values.append(value)
    return values


def ready_by_name(xs: Mapping[str, Any], casters: Mapping[Any, Caster | None], backend: Backend) -> Any:
    """Arguments by name as a dictionary of what `ready` gives for each, or `UNREADY`."""
    values = {}
    for name, x in xs.items():
        value = ready(x, casters, backend)
        if value is UNREADY:
            return UNREADY
        values[name] = value
    return values


def converted(x: Any, layer: Layer, backend: Backend) -> Any:
    """Argument as tensors of the layer's backend, floats in its compute dtype."""
    if isinstance(x, (list, tuple, dict)):
        return tree.map_structure(lambda leaf: leaf if type(leaf) in NO_TENSORS else converted(leaf, layer, backend), x)
    dtype = getattr(x, "dtype", None)
    if dtype is None:
        return x
    key = (type(x), dtype, backend)
    casters = layer._casts
    if key not in casters:
        casters[key] = _caster(x, layer, backend)
    caster = casters[key]
    return x if caster is None else caster(x)


def _caster(x: Any, layer: Layer, backend: Backend) -> Caster | None:
    owner = backend_of(x)
    if owner is not None and owner is not backend:
        raise mixed_backends(f"layer {layer.name!r} of backend {backend.name}", backend.name, owner.name)
    name = standardize_dtype(x.dtype)
    wanted = layer._compute_dtype
    target = wanted if layer.autocast and is_float(name) and name != wanted else None
    if isinstance(x, Variable):
        return lambda v: v.value if target is None else backend.cast(v.value, target)
    if backend.is_tensor(x) and not isinstance(x, np.generic):
        return None if target is None else lambda v: with_mask_of(v, backend.cast(v, target))
    return lambda v: with_mask_of(v, backend.to_tensor(v, target))


def cast_symbolic(x: Any, layer: Layer) -> Any:
    """Symbolic tensors of a structure in the dtype that the layer computes in."""
    if isinstance(x, KerasTensor):
        return _cast_spec(x, layer)
    if type(x) in NO_TENSORS or not isinstance(x, (list, tuple, dict)):
        return x
    return tree.map_structure(lambda leaf: _cast_spec(leaf, layer), x)


def _cast_spec(x: Any, layer: Layer) -> Any:
    dtype = layer._compute_dtype
    if not isinstance(x, KerasTensor) or x.dtype == dtype or not layer.autocast or not is_float(x.dtype):
        return x
    copy = KerasTensor(x.shape, dtype, sparse=x.sparse, record_history=False)
    copy._keras_mask = x._keras_mask
    return copy
