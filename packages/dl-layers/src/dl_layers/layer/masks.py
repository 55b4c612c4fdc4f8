"""The mask that travels with a tensor: which time steps count."""

from __future__ import annotations

import weakref
from typing import Any

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
    """Whether any concrete tensor has a mask at present; cheap, for the short path of a call."""
    return bool(_masks)
