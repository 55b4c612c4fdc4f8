"""Images of other sizes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, default_of
from dl_ops.backend import Kernels
from dl_ops.config import standardize_data_format
from dl_ops.image.resizing import along, resize_weights

kernels = Kernels()


@kernels.add
def resize(
    images: Tensor,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Tensor:
    adjusted = antialias or crop_to_aspect_ratio or pad_to_aspect_ratio or fill_mode != "constant"
    exact = interpolation == "bilinear" and images.dtype == tf.float32 and images.shape.rank in (3, 4)
    last = standardize_data_format(data_format) == "channels_last"
    if adjusted or not exact or not last or None in images.shape[-3:] or 0 in images.shape:
        options = (interpolation, antialias, crop_to_aspect_ratio, pad_to_aspect_ratio, fill_mode, fill_value)
        return default_of("resize")(images, size, *options, data_format)
    batch = images if images.shape.rank == 4 else images[None]
    y = _bilinear(tuple(batch.shape[1:3]), (int(size[0]), int(size[1])))(batch)
    return y if images.shape.rank == 4 else y[0]


@functools.lru_cache(maxsize=256)
def _bilinear(sizes: tuple[int, ...], targets: tuple[int, ...]) -> Callable[[Tensor], Tensor]:
    weights = [resize_weights(n, m, "bilinear", False) for n, m in zip(sizes, targets, strict=True)]

    # TensorFlow takes its own gradient for a constant
    @tf.custom_gradient  # type: ignore[untyped-decorator]  # TensorFlow has no types
    def scaled(images: Tensor) -> tuple[Tensor, Any]:
        y = tf.raw_ops.ResizeBilinear(images=images, size=targets, half_pixel_centers=True)

        def gradient(upstream: Tensor) -> Tensor:
            for axis, matrix in enumerate(weights, start=1):
                upstream = along(upstream, tf.constant(matrix.T, upstream.dtype), axis)
            return upstream

        return y, gradient

    return scaled  # type: ignore[no-any-return]
