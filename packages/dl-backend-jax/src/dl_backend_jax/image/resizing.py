"""Images of other sizes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Final

import jax
import jax.numpy as jnp
from jax import Array

from dl_backend_jax.composed import composed
from dl_backend_jax.jitted import jitted
from dl_ops.backend import Kernels, get_backend
from dl_ops.image.layout import spatial_axes, with_sizes
from dl_ops.op import registry

kernels = Kernels()

_METHODS: Final = {"bilinear": "linear", "bicubic": "cubic", "lanczos3": "lanczos3", "lanczos5": "lanczos5"}


@kernels.add
def resize(
    images: Array,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Array:
    if min(size) < 1:
        raise ValueError(f"size={size}: JAX makes an image without pixels")
    plain = not (crop_to_aspect_ratio or pad_to_aspect_ratio) and fill_mode == "constant"
    if plain and interpolation in _METHODS and images.ndim in (3, 4) and jnp.issubdtype(images.dtype, jnp.floating):
        shape = with_sizes(images.shape, spatial_axes(images, data_format), (int(size[0]), int(size[1])))
        return _scaled(images, shape, _METHODS[interpolation], antialias)
    options = (interpolation, antialias, crop_to_aspect_ratio, pad_to_aspect_ratio, fill_mode, fill_value)
    result: Array = _default()(images, tuple(size), *options, data_format)
    return result


@functools.cache
def _default() -> Callable[..., Any]:
    default = composed(get_backend("jax"), registry["resize"])
    assert default is not None
    return default


@jitted
def _scaled(images: Array, shape: Any, method: str, antialias: bool) -> Array:
    resized: Array = jax.image.resize(images, shape, method, antialias)
    return resized
