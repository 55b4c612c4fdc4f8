"""Reading and changing parts of an array."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.typing import Array

kernels = Kernels()

_REDUCTIONS: Final = {"add": np.add, "max": np.maximum, "min": np.minimum, "mul": np.multiply}


@kernels.add
def scatter_update(inputs: Array, indices: Array, updates: Array, reduction: str | None = None) -> Array:
    y = inputs.copy()
    positions = tuple(np.moveaxis(indices, -1, 0))
    if reduction is None:
        y[positions] = updates
    else:
        _REDUCTIONS[reduction].at(y, positions, updates)
    return y


def _part(name: str, inputs: Array, start_indices: Array, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Key of a part, which NumPy would cut off where it does not lie inside."""
    starts = start_indices.tolist()
    for start, size, available in zip(starts, shape, inputs.shape, strict=True):
        if start < 0 or size < 0 or start + size > available:
            raise ValueError(
                f"{name}(start_indices={starts}): "
                f"a part of shape {shape} from there does not lie inside shape {inputs.shape}"
            )
    return tuple([slice(start, start + size) for start, size in zip(starts, shape, strict=True)])


@kernels.add
def slice_update(inputs: Array, start_indices: Array, updates: Array) -> Array:
    y = inputs.copy()
    y[_part("slice_update", inputs, start_indices, updates.shape)] = updates
    return y


def _slice(inputs: Array, start_indices: Array, shape: Any) -> Any:
    return inputs[_part("slice", inputs, start_indices, (shape,) if isinstance(shape, int) else tuple(shape))]


# a function of that name would hide the built-in one here
kernels.register("slice", _slice)
