"""Choosing elements by index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.numpy.indexing import full_key
from dl_ops.typing import Array

kernels = Kernels()


@kernels.add
def take(x: Array, indices: Array, axis: int | None = None) -> Any:
    return x.take(indices, axis)


@kernels.add
def take_along_axis(x: Array, indices: Array, axis: int | None = None) -> Array:
    if axis is None:
        return x.reshape(-1)[indices.reshape(-1)]
    return np.take_along_axis(x, indices, axis)


@kernels.add
def get_item(x: Array, key: tuple[Any, ...]) -> Any:
    return x[key]


@kernels.add
def gather_item(x: Array, indices: Sequence[Array], key: tuple[Any, ...]) -> Any:
    return x[full_key(key, indices)]
