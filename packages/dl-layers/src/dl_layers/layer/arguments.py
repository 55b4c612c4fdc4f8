"""Looking into the arguments of a call: which are tensors, of what shape, of which backend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from dl_ops import tree
from dl_ops.backend import Backend
from dl_ops.dtypes import standardize_dtype
from dl_ops.interchange import backend_of
from dl_ops.symbolic import KerasTensor
from dl_ops.symbolic.inference import spec_of, static_shape

NO_TENSORS: Final = frozenset({type(None), bool, int, float, str})
"""Types of arguments that are no tensors and need no look."""


def is_plain(x: Any) -> bool:
    """Whether an argument holds no tensor at all."""
    if type(x) in NO_TENSORS:
        return True
    leaves = tree.flatten(x) if isinstance(x, (list, tuple, dict)) else [x]
    return not any(hasattr(leaf, "shape") for leaf in leaves)


def shapes_of(x: Any) -> Any:
    """Shapes of the tensors in a structure, ``None`` for what is none."""
    return tree.map_structure(lambda leaf: tuple(static_shape(leaf)) if hasattr(leaf, "shape") else None, x)


def dtypes_of(x: Any) -> list[str]:
    """Dtypes of the tensors in a structure."""
    return [standardize_dtype(leaf.dtype) for leaf in tree.flatten(x) if hasattr(leaf, "dtype")]


def as_shapes(x: Any) -> Any:
    """Shapes from a configuration, where JSON has made lists of tuples."""
    if isinstance(x, dict):
        return {name: as_shapes(item) for name, item in x.items()}
    if isinstance(x, (list, tuple)):
        return tuple(x) if all(size is None or isinstance(size, int) for size in x) else [as_shapes(item) for item in x]
    return x


def spec_or_same(x: Any) -> Any:
    """A symbolic tensor without history for a tensor; anything else as it is."""
    if isinstance(x, KerasTensor):
        spec = KerasTensor(x.shape, x.dtype, sparse=x.sparse, ragged=x.ragged, record_history=False)
        spec._keras_mask = x._keras_mask
        return spec
    return spec_of(x) if hasattr(x, "shape") and hasattr(x, "dtype") else x


def any_symbolic(values: Sequence[Any]) -> bool:
    """Whether there is a symbolic tensor among values or in containers among them."""
    for x in values:
        kind = type(x)
        if kind is KerasTensor:
            return True
        if kind in NO_TENSORS:
            continue
        if isinstance(x, (list, tuple)) and any_symbolic(x):
            return True
        if isinstance(x, dict) and any_symbolic(tuple(x.values())):
            return True
        if isinstance(x, KerasTensor):
            return True
    return False


def backend_of_inputs(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Backend | None:
    """Backend of the first tensor that belongs to one; ``None`` if none does."""
    for x in args:
        kind = type(x)
        if kind in NO_TENSORS or kind is np.ndarray or kind is KerasTensor:
            continue
        if isinstance(x, (list, tuple)):
            owner = backend_of_inputs(x, {})
        elif isinstance(x, dict):
            owner = backend_of_inputs(tuple(x.values()), {})
        else:
            owner = backend_of(x) if hasattr(x, "shape") and not isinstance(x, KerasTensor) else None
        if owner is not None:
            return owner
    return backend_of_inputs(tuple(kwargs.values()), {}) if kwargs else None
