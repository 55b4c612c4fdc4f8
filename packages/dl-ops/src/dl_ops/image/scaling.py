"""Tensors scaled and moved along their axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import numpy as np

from dl_ops import ops
from dl_ops.dtypes import standardize_dtype
from dl_ops.image.kernels import KERNELS, interpolation_weights
from dl_ops.image.layout import compute_dtype, extent, positions, to_dtype
from dl_ops.image.resizing import along
from dl_ops.op import op
from dl_ops.rules import kept, standardize_axes, standardize_shape
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["scale_and_translate"]

_METHODS: Final = {
    **KERNELS,
    **dict.fromkeys(("linear", "trilinear", "triangle"), KERNELS["bilinear"]),
    **dict.fromkeys(("cubic", "tricubic"), KERNELS["bicubic"]),
}


def _scaled(
    images: Any,
    output_shape: Any,
    scale: Any,
    translation: Any,
    spatial_dims: Any,
    method: str,
    antialias: bool = True,
) -> Shape:
    if method not in _METHODS:
        raise ValueError(f"method={method!r}: expected one of {', '.join(map(repr, _METHODS))}")
    rank = len(images.shape)
    axes = standardize_axes(tuple(spatial_dims), rank, name="spatial_dims")
    target = standardize_shape(output_shape)
    if len(target) != rank:
        raise ValueError(f"output_shape={target}: expected {rank} sizes, as images have shape {tuple(images.shape)}")
    for axis, (size, wanted) in enumerate(zip(images.shape, target, strict=True)):
        if axis in axes and wanted is None:
            raise ValueError(f"output_shape={target}: the sizes along spatial_dims={spatial_dims} must be known")
        if axis not in axes and None not in (size, wanted) and size != wanted:
            raise ValueError(
                f"output_shape={target}: expected the sizes of images, of shape {tuple(images.shape)}, "
                f"outside spatial_dims={spatial_dims}"
            )
    for name, x in (("scale", scale), ("translation", translation)):
        if tuple(x.shape) != (len(axes),):
            raise ValueError(
                f"{name} has shape {tuple(x.shape)}: expected ({len(axes)},), as spatial_dims={spatial_dims}"
            )
    return tuple(target[axis] if axis in axes else size for axis, size in enumerate(images.shape))


@op(shape=_scaled, dtype=kept)
def scale_and_translate(
    images: TensorLike,
    output_shape: Sequence[int],
    scale: TensorLike,
    translation: TensorLike,
    spatial_dims: Sequence[int],
    method: str,
    antialias: bool = True,
) -> Tensor:
    """Images scaled and moved, each axis by itself.

    What is at the place ``x`` along an axis goes to ``x * scale + translation``; pixels reach from one integer to the
    next.

    Parameters
    ----------
    images : tensor_like, shape (...)
    output_shape : sequence of int
        Of the result; as in `images` along axes that are not in `spatial_dims`.
    scale, translation : tensor_like, shape (k,)
        For each of `spatial_dims`; the translation in pixels of the result. Scales are not zero.
    spatial_dims : sequence of k int
        Axes to scale.
    method : {"linear", "bilinear", "trilinear", "triangle", "cubic", "bicubic", "tricubic", "lanczos3", "lanczos5"}
        Cubic is Keys's kernel with a = -1/2.
    antialias : bool, default True
        Average over all pixels where images shrink.

    Returns
    -------
    tensor, shape `output_shape`
        Zero where it comes from outside the images. Of the dtype of `images`; integers are rounded, and limited to the
        dtype's range.

    Raises
    ------
    ValueError
        If shapes do not fit together, or there is no such method.

    References
    ----------
    Keys, "Cubic convolution interpolation for digital image processing", IEEE TASSP 29(6), 1981.

    Examples
    --------
    >>> scale_and_translate([0.0, 4.0], (4,), [2.0], [0.0], (0,), "linear").tolist()
    [0.0, 1.0, 3.0, 4.0]
    """
    target = _scaled(images, output_shape, scale, translation, spatial_dims, method, antialias)
    dtype, compute = standardize_dtype(cast(Tensor, images).dtype), compute_dtype(images, scale, translation)
    x: Any = ops.cast(images, compute)
    scales, shifts = ops.cast(scale, compute), ops.cast(translation, compute)
    for i, axis in enumerate(standardize_axes(tuple(spatial_dims), len(target))):
        inverse = ops.divide(1.0, scales[i])
        middles = (np.arange(cast(int, target[axis]), dtype=compute) + 0.5)[:, None]
        places = ops.subtract(ops.multiply(ops.subtract(middles, shifts[i]), inverse), 0.5)
        width = ops.maximum(ops.absolute(inverse), 1.0) if antialias else 1.0
        pixels = ops.reshape(positions(x, axis, compute), (-1,))
        weights = interpolation_weights(ops, places, pixels, _METHODS[method], width)
        inside = ops.logical_and(
            ops.greater_equal(places, -0.5), ops.less_equal(places, ops.subtract(extent(x, axis, compute), 0.5))
        )
        x = along(x, ops.where(inside, weights, 0.0), axis)
    return cast(Tensor, to_dtype(x, dtype))
