"""Cases of adaptive poolings, patches and blocks of pixels."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import apart, draw
from dl_ops.testing.case import ALL, FLOATS, NUMBERS, Case
from dl_ops.typing import Array

_FIRST: Final = "channels_first"


def _adaptive(reduce: Callable[..., Any]) -> Callable[..., Array]:
    def reference(x: Array, output_size: Any, data_format: str = "channels_last") -> Array:
        x = np.moveaxis(x, 1, -1) if data_format == _FIRST else x
        spatial = x.shape[1:-1]
        sizes = (output_size,) * len(spatial) if isinstance(output_size, int) else tuple(output_size)
        y = np.zeros((len(x), *sizes, x.shape[-1]))
        for place in np.ndindex(*sizes):
            parts = [
                slice(int(np.floor(i * n / k)), int(np.ceil((i + 1) * n / k)))
                for i, n, k in zip(place, spatial, sizes, strict=True)
            ]
            inside: Any = (slice(None), *parts)
            y[(slice(None), *place)] = reduce(x[inside], axis=tuple(range(1, x.ndim - 1)))
        return np.moveaxis(y, -1, 1) if data_format == _FIRST else y

    return reference


def _pools(*args: Any, label: str, dtypes: Any = ("float32",)) -> list[Case]:
    return [
        Case(name, args, reference=_adaptive(reduce), gradient=True, dtypes=dtypes, label=label)
        for name, reduce in (("adaptive_average_pool", np.mean), ("adaptive_max_pool", np.max))
    ]


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def _unfold(x: Array, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Array:
    (h, w), (dy, dx), (py, px), (sy, sx) = map(_pair, (kernel_size, dilation, padding, stride))
    x = np.pad(x, ((0, 0), (0, 0), (py, py), (px, px)))
    columns = [
        x[:, :, top : top + (h - 1) * dy + 1 : dy, left : left + (w - 1) * dx + 1 : dx].reshape(len(x), -1)
        for top in range(0, x.shape[2] - (h - 1) * dy, sy)
        for left in range(0, x.shape[3] - (w - 1) * dx, sx)
    ]
    return np.stack(columns, -1)


def _fold(x: Array, output_size: Any, kernel_size: Any, *options: Any) -> Array:
    # the adjoint of unfold, a linear map: by its matrix
    height, width = _pair(output_size)
    pixels = _unfold(np.eye(height * width).reshape(-1, 1, height, width), kernel_size, *options)
    h, w = _pair(kernel_size)
    y = np.einsum("bckl,pkl->bcp", x.reshape(len(x), -1, h * w, x.shape[-1]), pixels)
    return np.asarray(y.reshape(*y.shape[:2], height, width))


def _depth_to_space(x: Array, block: int, data_format: str = "channels_last") -> Array:
    x = np.moveaxis(x, 1, -1) if data_format == _FIRST else x
    channels = x.shape[-1] // block**2
    y = np.zeros((len(x), x.shape[1] * block, x.shape[2] * block, channels), x.dtype)
    for i, j in itertools.product(range(block), repeat=2):
        first = (i * block + j) * channels
        y[:, i::block, j::block] = x[..., first : first + channels]
    return np.moveaxis(y, -1, 1) if data_format == _FIRST else y


def _space_to_depth(x: Array, block: int, data_format: str = "channels_last") -> Array:
    x = np.moveaxis(x, 1, -1) if data_format == _FIRST else x
    y = np.concatenate([x[:, i::block, j::block] for i, j in itertools.product(range(block), repeat=2)], -1)
    return np.moveaxis(y, -1, 1) if data_format == _FIRST else y


def _case(op: str, reference: Callable[..., Array], *args: Any, label: str, dtypes: Any = ("float32",)) -> Case:
    return Case(op, args, reference=reference, gradient=True, dtypes=dtypes, label=label)


CASES: Final = [
    *_pools(apart(2, 7, 3), 3, label="1d", dtypes=FLOATS),
    *_pools(apart(2, 6, 8, 3), (3, 4), label="even"),
    *_pools(apart(2, 5, 7, 2), (3, 2), label="uneven"),
    *_pools(apart(2, 3, 5, 7), (2, 7), _FIRST, label="channels-first"),
    *_pools(apart(1, 4, 5, 3, 2), (2, 1, 3), label="3d"),
    *_pools(apart(1, 3, 2), 5, label="larger"),
    Case("adaptive_max_pool", (apart(2, 5, 2), 2), reference=_adaptive(np.max), dtypes=NUMBERS, label="dtypes"),
    Case("adaptive_average_pool", (apart(2, 6, 2), 3), reference=_adaptive(np.mean), dtypes=("int32",), label="int"),
    *(
        Case(
            name,
            (np.array([np.inf, 1.0, 2.0, np.nan, 3.0, 4.0]).reshape(1, 6, 1), 3),
            reference=lambda x, n, last=last: np.array([np.inf, np.nan, last]).reshape(1, 3, 1),
            label="not-finite",
        )
        for name, last in (("adaptive_average_pool", 3.5), ("adaptive_max_pool", 4.0))
    ),
    _case("unfold", _unfold, draw(2, 3, 4, 5), 2, label="plain", dtypes=ALL),
    _case("unfold", _unfold, draw(2, 2, 5, 6), (2, 3), (2, 1), (1, 2), (1, 2), label="options"),
    _case("unfold", _unfold, draw(1, 2, 4, 4), 2, 1, 0, 2, label="apart"),
    _case("unfold", _unfold, draw(1, 1, 3, 2), (3, 2), label="whole"),
    _case("fold", _fold, draw(2, 12, 12), (4, 5), 2, label="plain", dtypes=NUMBERS),
    _case("fold", _fold, draw(2, 12, 20), (5, 6), (2, 3), (2, 1), (1, 2), (1, 2), label="options"),
    _case("fold", _fold, draw(1, 8, 4), 4, 2, 1, 0, 2, label="apart"),
    _case("fold", _fold, draw(1, 4, 4), (6, 5), 2, 1, 0, 3, label="gaps"),
    _case("depth_to_space", _depth_to_space, draw(2, 2, 3, 8), 2, label="plain", dtypes=ALL),
    _case("depth_to_space", _depth_to_space, draw(2, 18, 2, 1), 3, _FIRST, label="channels-first"),
    _case("space_to_depth", _space_to_depth, draw(2, 4, 6, 3), 2, label="plain", dtypes=ALL),
    _case("space_to_depth", _space_to_depth, draw(2, 2, 3, 6), 3, _FIRST, label="channels-first"),
]
