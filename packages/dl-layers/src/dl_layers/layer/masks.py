"""The mask that travels with a tensor: which time steps count."""

from __future__ import annotations

import weakref
from typing import Any

from dl_ops import tree
from dl_ops.symbolic import KerasTensor

# by identity, since most frameworks' tensors take no attributes; entries go when their tensor goes
_masks: dict[int, tuple[weakref.ref[Any], Any]] = {}


def get_mask(x: Any) -> Any:
    """Mask of a tensor, or ``None``."""
    if isinstance(x, KerasTensor):
        return x._keras_mask
    if not _masks:
        return None
    entry = _masks.get(id(x))
    return entry[1] if entry is not None and entry[0]() is x else None


def masks_of(structure: Any) -> Any:
    """Structure of the masks of tensors."""
    if not isinstance(structure, (list, tuple, dict)):
        return get_mask(structure)
    return tree.map_structure(get_mask, structure)


def is_masked(masks: Any) -> bool:
    """Whether a structure holds a mask."""
    return masks is not None and any(mask is not None for mask in tree.flatten(masks))


def set_mask(x: Any, mask: Any) -> None:
    """Give a tensor a mask, or take it away with ``None``."""
    if isinstance(x, KerasTensor):
        x._keras_mask = mask
        return
    key = id(x)
    if mask is None:
        _masks.pop(key, None)
        return

    def forget(_: Any) -> None:
        entry = _masks.get(key)
        if entry is not None and entry[0]() is None:
            _masks.pop(key, None)

    _masks[key] = (weakref.ref(x, forget), mask)


def any_mask() -> bool:
    """Whether any concrete tensor has a mask at present."""
    return bool(_masks)


def with_mask_of(x: Any, converted: Any) -> Any:
    """A tensor that was made from another one by conversion, with that one's mask."""
    mask = get_mask(x) if _masks else None
    if mask is not None:
        set_mask(converted, mask)
    return converted
