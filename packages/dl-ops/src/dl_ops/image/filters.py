"""Images averaged over windows, their edges, and how alike two of them are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from dl_ops import ops
from dl_ops.dtypes import promote, standardize_dtype
from dl_ops.image.layout import check_rank, compute_dtype, spatial_axes, to_dtype
from dl_ops.nn.windows import per_axis
from dl_ops.op import op
from dl_ops.rules import DtypeRule, floating, kept
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["gaussian_blur", "sobel_edges", "ssim"]


def gaussian_weights(size: int, sigma: Any, dtype: str) -> Any:
    """Values of a normal density of standard deviation `sigma` around the middle of `size` pixels, of sum 1.

    Examples
    --------
    >>> gaussian_weights(3, 1.0, "float32").tolist()
    [0.274..., 0.451..., 0.274...]
    """
    places = (np.arange(size) - (size - 1) / 2).astype(dtype)
    if isinstance(sigma, float):
        density = np.exp(-0.5 * (places / sigma) ** 2)
        return (density / density.sum()).astype(dtype)
    values = ops.exp(ops.multiply(-0.5, ops.square(ops.divide(places, sigma))))
    return ops.divide(values, ops.sum(values))


def weighted(x: Any, weights: Sequence[Any], axis: int, *, inside: bool = False) -> Any:
    """Weighted sums of neighbours along an axis.

    Parameters
    ----------
    x : tensor
    weights : sequence of n floats or scalar tensors
    axis : int
    inside : bool
        Keep only what has all its neighbours, ``n - 1`` elements less; zeros stand in for them otherwise.
    """
    count = len(weights)
    if not inside:
        pads = [(0, 0)] * len(x.shape)
        pads[axis] = ((count - 1) // 2, count // 2)
        x = ops.pad(x, pads)
    total: Any = None
    for i in range(count):
        part = x[(slice(None),) * axis + (slice(i, i + 1 - count or None),)]
        part = ops.multiply(part, weights[i])
        total = part if total is None else ops.add(total, part)
    return total


def _blurred(images: Any, kernel_size: Any = (3, 3), sigma: Any = (1.0, 1.0), data_format: str | None = None) -> Shape:
    spatial_axes(images, data_format)
    per_axis(kernel_size, 2, "kernel_size")
    if tuple(sigma.shape) not in ((), (1,), (2,)):
        raise ValueError(f"sigma has shape {tuple(sigma.shape)}: expected a number or two of them")
    return tuple(images.shape)


@op(shape=_blurred, dtype=kept)
def gaussian_blur(
    images: TensorLike,
    kernel_size: Sequence[int] = (3, 3),
    sigma: TensorLike = (1.0, 1.0),
    data_format: str | None = None,
) -> Tensor:
    """Images averaged over a window with Gaussian weights; outside they are taken as 0.

    Parameters
    ----------
    images : tensor_like, shape ([batch,] height, width, channels) or ([batch,] channels, height, width)
    kernel_size : (int, int)
        Height and width of the window, in pixels.
    sigma : tensor_like, shape (2,)
        Standard deviation along the height and the width, in pixels.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.

    Returns
    -------
    tensor
        Of the shape and dtype of `images`; integers are rounded.

    Raises
    ------
    ValueError
        If `images` have other than 3 or 4 dimensions, or the window's size is not positive.

    Examples
    --------
    >>> images = ops.reshape([0.0, 1.0, 0.0], (1, 3, 1))
    >>> ops.squeeze(gaussian_blur(images, (1, 3))).tolist()
    [0.274..., 0.451..., 0.274...]
    """
    dtype, compute = standardize_dtype(cast(Tensor, images).dtype), compute_dtype(images)
    deviations = ops.broadcast_to(ops.cast(sigma, compute), (2,))
    x = ops.cast(images, compute)
    sizes = per_axis(kernel_size, 2, "kernel_size")
    for i, axis in enumerate(spatial_axes(images, data_format)):
        weights = gaussian_weights(sizes[i], deviations[i], compute)
        x = weighted(x, [weights[k] for k in range(sizes[i])], axis)
    return cast(Tensor, to_dtype(x, dtype))


def _signed(dtype: str, arguments: Any) -> str:
    # differences of small integers do not fit their own dtype
    dtype = promote(dtype)
    return "int32" if dtype in ("bool", "int8", "int16", "uint8", "uint16") else dtype


def _edges(images: Any, data_format: str | None = None) -> Shape:
    axes = spatial_axes(images, data_format)
    if any(images.shape[axis] is not None and images.shape[axis] < 2 for axis in axes):
        raise ValueError(f"images have shape {tuple(images.shape)}: expected a height and a width of 2 at least")
    return (*images.shape, 2)


@op(shape=_edges, dtype=DtypeRule(lambda dtypes: _signed(dtypes[0], {}), lambda dtype, arguments: dtype))
def sobel_edges(images: TensorLike, data_format: str | None = None) -> Tensor:
    """How steeply images rise downwards and to the right, by Sobel's filters; at the border they are mirrored.

    Parameters
    ----------
    images : tensor_like, shape ([batch,] height, width, channels) or ([batch,] channels, height, width)
        At least 2 pixels high and wide.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.

    Returns
    -------
    tensor, shape (*images.shape, 2)
        Eight times the change from a pixel to the next, downwards and to the right. Of the dtype of `images`; int32 for
        smaller integers.

    Raises
    ------
    ValueError
        If `images` have other than 3 or 4 dimensions, or are too small.

    References
    ----------
    Sobel and Feldman, "A 3x3 isotropic gradient operator for image processing", 1968.

    Examples
    --------
    >>> images = ops.reshape(ops.arange(9.0), (3, 3, 1))
    >>> sobel_edges(images)[1, 1, 0].tolist()
    [24.0, 8.0]
    """
    axes = spatial_axes(images, data_format)
    padded: Any = images
    for axis in axes:
        # not pad(), which needs to know the size
        before = (slice(None),) * axis
        ends = padded[(*before, slice(1, 2))], padded[(*before, slice(-2, -1))]
        padded = ops.concatenate([ends[0], padded, ends[1]], axis=axis)

    def change(along: int, across: int) -> Any:
        smooth = weighted(padded, (1, 2, 1), across, inside=True)
        before = smooth[(slice(None),) * along + (slice(None, -2),)]
        return ops.subtract(smooth[(slice(None),) * along + (slice(2, None),)], before)

    return ops.stack([change(*axes), change(*reversed(axes))], axis=-1)


def _similarity(
    image1: Any,
    image2: Any,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Shape:
    axes = spatial_axes(image1, data_format, "image1")
    first, second = tuple(image1.shape), tuple(image2.shape)
    if len(first) != len(second) or any(None not in (m, n) and m != n for m, n in zip(first, second, strict=True)):
        raise ValueError(f"image1 has shape {first}, image2 {second}: expected the same")
    if filter_size < 1:
        raise ValueError(f"filter_size={filter_size}: expected a positive integer")
    if any(first[axis] is not None and first[axis] < filter_size for axis in axes):
        raise ValueError(f"filter_size={filter_size}: expected no more than the size of images of shape {first}")
    return first[:1] if len(first) == 4 else ()


@op(shape=_similarity, dtype=floating)
def ssim(
    image1: TensorLike,
    image2: TensorLike,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Tensor:
    """How alike two images are in brightness, contrast and structure (SSIM): 1 if they are the same.

    ``(2 m1 m2 + c1) (2 s12 + c2) / ((m1**2 + m2**2 + c1) (s1**2 + s2**2 + c2))`` with the means ``m``, variances
    ``s**2`` and covariance ``s12`` over a Gaussian window, ``c1 = (k1 * max_val) ** 2`` and
    ``c2 = (k2 * max_val) ** 2``; averaged over all places where the window is inside the images, and all channels.

    Parameters
    ----------
    image1, image2 : tensor_like, shape ([batch,] height, width, channels) or ([batch,] channels, height, width)
        Of the same shape; integers are promoted to the default float.
    max_val : float, default 1.0
        The largest value that pixels can have.
    filter_size : int, default 11
        Height and width of the window, in pixels.
    filter_sigma : float, default 1.5
        Standard deviation of its weights, in pixels.
    k1, k2 : float, default 0.01 and 0.03
        Keep the ratio finite where images are dark or even.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.

    Returns
    -------
    tensor, shape (batch,) or ()

    Raises
    ------
    ValueError
        If the shapes differ, or the window is larger than the images.

    References
    ----------
    Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural similarity", IEEE
    TIP 13(4), 2004.

    Examples
    --------
    >>> images = ops.reshape(ops.arange(144.0), (12, 12, 1))
    >>> round(float(ssim(images, images, max_val=255.0)), 4)
    1.0
    """
    dtype, compute = standardize_dtype(cast(Tensor, image1).dtype), compute_dtype(image1)
    rank = check_rank(image1, "image1")
    axes = spatial_axes(image1, data_format, "image1")
    x, y = ops.cast(image1, compute), ops.cast(image2, compute)
    weights = [float(w) for w in gaussian_weights(filter_size, float(filter_sigma), "float64")]
    # means of all five at once: a filter is a chain of small ops
    moments = ops.stack([x, y, ops.multiply(x, x), ops.multiply(y, y), ops.multiply(x, y)])
    for axis in axes:
        moments = weighted(moments, weights, axis + 1, inside=True)
    m1, m2, xx, yy, xy = (moments[i] for i in range(5))
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    product, squares = ops.multiply(m1, m2), ops.add(ops.square(m1), ops.square(m2))
    brightness = ops.divide(ops.add(ops.multiply(2, product), c1), ops.add(squares, c1))
    structure = ops.divide(
        ops.add(ops.multiply(2, ops.subtract(xy, product)), c2), ops.add(ops.subtract(ops.add(xx, yy), squares), c2)
    )
    similarity = ops.mean(ops.multiply(brightness, structure), axis=tuple(range(rank - 3, rank)))
    return ops.cast(similarity, dtype)
