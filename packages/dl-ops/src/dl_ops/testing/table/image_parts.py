"""Cases of parts of images, and of images with a border, against loops over pixels."""

from __future__ import annotations

import itertools
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import draw
from dl_ops.testing.case import ALL, Case
from dl_ops.typing import Array


def _patches(
    images: Array,
    size: Any,
    strides: Any = None,
    dilation_rate: int = 1,
    padding: str = "valid",
    data_format: str | None = None,
    *,
    rank: int | None = None,
) -> Array:
    rank = rank or (2 if isinstance(size, int) else len(size))
    sizes = (size,) * rank if isinstance(size, int) else tuple(size)
    steps = sizes if strides is None else (strides,) * rank if isinstance(strides, int) else tuple(strides)
    first = data_format == "channels_first"
    batch = images if images.ndim == rank + 2 else images[None]
    batch = np.moveaxis(batch, 1, -1) if first else batch
    starts = []
    for n, k, step in zip(batch.shape[1:-1], sizes, steps, strict=True):
        reach = (k - 1) * dilation_rate + 1
        if padding == "valid":
            starts.append(range(0, n - reach + 1, step))
        else:
            count = -(-n // step)
            before = max((count - 1) * step + reach - n, 0) // 2
            starts.append(range(-before, count * step - before, step))
    found = []
    for corner in itertools.product(*starts):
        vector = []
        for offset in np.ndindex(*sizes):
            place = [c + o * dilation_rate for c, o in zip(corner, offset, strict=True)]
            inside = all(0 <= p < n for p, n in zip(place, batch.shape[1:-1], strict=True))
            vector.append(
                batch[(slice(None), *place)] if inside else np.zeros((len(batch), batch.shape[-1]), batch.dtype)
            )
        found.append(np.concatenate(vector, -1))
    result = np.stack(found, 1).reshape(len(batch), *map(len, starts), -1)
    result = np.moveaxis(result, -1, 1) if first else result
    return result if images.ndim == rank + 2 else result[0]


def _volumes(
    volumes: Array,
    size: Any,
    strides: Any = None,
    dilation_rate: int = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    return _patches(volumes, size, strides, dilation_rate, padding, data_format, rank=3)


def _cropped(
    images: Array, top: Any = None, left: Any = None, bottom: Any = None, right: Any = None, *sizes: Any, **named: Any
) -> Array:
    axis = images.ndim - (2 if named.get("data_format") == "channels_first" else 3)
    ends = {"top": top, "left": left, "bottom": bottom, "right": right}
    ends |= {name.split("_")[0]: value for name, value in named.items() if name.endswith("_cropping")}
    targets = (named.get("target_height"), named.get("target_width"))
    for low, high, target, along in zip(("top", "left"), ("bottom", "right"), targets, (axis, axis + 1), strict=True):
        n = images.shape[along]
        start = n - ends[high] - target if ends[low] is None else ends[low]
        stop = start + target if ends[high] is None else n - ends[high]
        images = np.take(images, range(start, stop), along)
    return images


def _padded(images: Array, **named: Any) -> Array:
    axis = images.ndim - (2 if named.get("data_format") == "channels_first" else 3)
    for low, high, target, along in (
        ("top_padding", "bottom_padding", "target_height", axis),
        ("left_padding", "right_padding", "target_width", axis + 1),
    ):
        before, after, n = named.get(low), named.get(high), images.shape[along]
        before = named[target] - n - after if before is None else before
        after = named[target] - n - before if after is None else after
        images = np.pad(images, [(before, after) if i == along else (0, 0) for i in range(images.ndim)])
    return images


_IMAGES: Final = draw(2, 5, 7, 3)
_VOLUMES: Final = draw(2, 4, 5, 3, 2)

CASES: Final = [
    Case("extract_patches", (_IMAGES, 2), reference=_patches, dtypes=ALL, gradient=True, label="side-by-side"),
    Case("extract_patches", (_IMAGES, (2, 3), 1), reference=_patches, gradient=True, label="overlapping"),
    Case("extract_patches", (_IMAGES, (3, 2), (2, 3), 1, "same"), reference=_patches, gradient=True, label="same"),
    Case("extract_patches", (_IMAGES, 2, 2, 1, "same"), reference=_patches, label="same-side-by-side"),
    Case("extract_patches", (_IMAGES, 2, 1, 2), reference=_patches, label="dilated"),
    Case("extract_patches", (_IMAGES[0], 3), reference=_patches, unknown=False, label="one-image"),
    Case(
        "extract_patches",
        (np.moveaxis(_IMAGES, -1, 1), (2, 3)),
        {"data_format": "channels_first"},
        reference=_patches,
        label="channels-first",
    ),
    Case("extract_patches", (_VOLUMES, (2, 2, 1)), reference=_patches, label="volumes"),
    Case("extract_patches_3d", (_VOLUMES, 2), reference=_volumes, gradient=True, label="batch"),
    Case("extract_patches_3d", (_VOLUMES[0], (2, 3, 1), 1), reference=_volumes, unknown=False, label="one"),
    Case(
        "extract_patches_3d",
        (np.moveaxis(_VOLUMES, -1, 1), 2, (1, 2, 1), 1, "same"),
        {"data_format": "channels_first"},
        reference=_volumes,
        label="channels-first",
    ),
    Case("crop_images", (_IMAGES, 1, 2, 0, 3), reference=_cropped, dtypes=ALL, gradient=True, label="sides"),
    Case("crop_images", (_IMAGES, 1, 2), {"target_height": 3, "target_width": 4}, reference=_cropped, label="corner"),
    Case(
        "crop_images",
        (_IMAGES[0],),
        {"bottom_cropping": 1, "right_cropping": 2, "target_height": 3, "target_width": 4},
        reference=_cropped,
        label="other-corner",
    ),
    Case(
        "crop_images",
        (np.moveaxis(_IMAGES, -1, 1), 1, 2, 4, 0),
        {"data_format": "channels_first"},
        reference=_cropped,
        label="channels-first-empty",
    ),
    Case(
        "pad_images",
        (_IMAGES,),
        {"top_padding": 1, "left_padding": 2, "bottom_padding": 0, "right_padding": 3},
        reference=_padded,
        dtypes=ALL,
        gradient=True,
        label="sides",
    ),
    Case(
        "pad_images",
        (_IMAGES,),
        {"bottom_padding": 1, "right_padding": 2, "target_height": 7, "target_width": 9},
        reference=_padded,
        label="target",
    ),
    Case(
        "pad_images",
        (np.moveaxis(_IMAGES[0], -1, 0),),
        {
            "top_padding": 1,
            "left_padding": 0,
            "target_height": 8,
            "target_width": 7,
            "data_format": "channels_first",
        },
        reference=_padded,
        label="channels-first",
    ),
]
