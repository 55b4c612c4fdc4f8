"""Images as columns of patches, and back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import known_size
from dl_ops.core.tensors import shape as shape_of
from dl_ops.nn.gathering import side_by_side, taken
from dl_ops.nn.windows import per_axis
from dl_ops.op import op
from dl_ops.rules import kept
from dl_ops.typing import Array, Shape, Tensor, TensorLike

__all__ = ["fold", "unfold"]


class Patches(NamedTuple):
    """Patches of images, with a number for each of two spatial axes."""

    size: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: tuple[int, ...]
    stride: tuple[int, ...]

    def counts(self, spatial: Shape) -> tuple[int | None, ...]:
        """Number of patches along each axis of an image."""
        counts: list[int | None] = []
        for size, window, step, pad, stride in zip(spatial, *self, strict=True):
            count = None if size is None else (size + 2 * pad - (window - 1) * step - 1) // stride + 1
            if count is not None and count < 1:
                raise ValueError(f"patches of {self.size}, dilated by {self.dilation}, do not fit into {spatial}")
            counts.append(count)
        return tuple(counts)

    def places(self, axis: int, count: int) -> Array:
        """Pixel along an axis that each pixel of each patch is: (size, count), negative in the padding before."""
        inside = np.arange(self.size[axis]) * self.dilation[axis]
        return inside[:, None] + np.arange(count) * self.stride[axis] - self.padding[axis]


def patches(kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> Patches:
    """Check and standardise the options of `fold` and `unfold`.

    Raises
    ------
    ValueError
        If one is out of range or has the wrong length.

    Examples
    --------
    >>> patches(3, 1, (0, 1), 2).counts((5, 5))
    (2, 3)
    """
    # the least padding is 0, and not 1
    raised = padding + 1 if hasattr(padding, "__index__") else [n + 1 for n in padding]
    try:
        pads = tuple(n - 1 for n in per_axis(raised, 2, "padding"))
    except ValueError:
        raise ValueError(f"padding={padding!r}: expected integers that are not negative, one or two") from None
    return Patches(
        per_axis(kernel_size, 2, "kernel_size"), per_axis(dilation, 2, "dilation"), pads, per_axis(stride, 2, "stride")
    )


def _unfolded(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Shape:
    if len(x.shape) != 4:
        raise ValueError(f"x has shape {tuple(x.shape)}: expected (batch, channels, height, width)")
    p = patches(kernel_size, dilation, padding, stride)
    batch, channels, *spatial = x.shape
    counts = p.counts(tuple(spatial))
    rows = None if channels is None else channels * math.prod(p.size)
    return (batch, rows, None if None in counts else math.prod(n or 0 for n in counts))


@op(shape=_unfolded, dtype=kept)
def unfold(
    x: TensorLike,
    kernel_size: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    stride: int | Sequence[int] = 1,
) -> Tensor:
    """Patches of images as columns, as for convolutions by a matrix product.

    Parameters
    ----------
    x : tensor_like, shape (batch, channels, height, width)
    kernel_size : int or pair of int
        Height and width of the patches.
    dilation : int or pair of int, default 1
        Distance from one pixel of a patch to the next.
    padding : int or pair of int, default 0
        Zeros on both sides of each axis.
    stride : int or pair of int, default 1
        Distance from one patch to the next.

    Returns
    -------
    tensor, shape (batch, channels * kernel height * kernel width, patches)

    Raises
    ------
    ValueError
        If `x` has another number of dimensions, an option is out of range, or no patch fits.

    Examples
    --------
    >>> x = ops.reshape(ops.arange(6), (1, 1, 2, 3))
    >>> unfold(x, 2).tolist()
    [[[0, 1], [1, 2], [3, 4], [4, 5]]]
    """
    p = patches(kernel_size, dilation, padding, stride)
    height, width = known_size(x, 2), known_size(x, 3)
    rows, columns = (n or 0 for n in p.counts((height, width)))
    y = taken(x, 3, p.places(1, columns), width)
    y = ops.transpose(taken(y, 2, p.places(0, rows), height), (0, 1, 2, 4, 3, 5))
    channels = known_size(x, 1)
    return ops.reshape(y, (shape_of(x)[0], channels * math.prod(p.size), rows * columns))


def _folded(x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Shape:
    if len(x.shape) != 3:
        raise ValueError(f"x has shape {tuple(x.shape)}: expected (batch, channels * kernel size, patches)")
    p = patches(kernel_size, dilation, padding, stride)
    spatial = per_axis(output_size, 2, "output_size")
    counts = [n or 0 for n in p.counts(spatial)]
    batch, rows, columns = x.shape
    if columns not in (None, math.prod(counts)):
        raise ValueError(
            f"x has {columns} patches: expected {counts[0]} * {counts[1]} for an image of output_size={output_size}"
        )
    if rows is not None and rows % math.prod(p.size):
        raise ValueError(f"x has {rows} rows: expected a multiple of {p.size[0]} * {p.size[1]}, a patch's pixels")
    return (batch, None if rows is None else rows // math.prod(p.size), *spatial)


@op(shape=_folded, dtype=kept)
def fold(
    x: TensorLike,
    output_size: int | Sequence[int],
    kernel_size: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    stride: int | Sequence[int] = 1,
) -> Tensor:
    """Images from their patches, with what falls on the same pixel added up: the adjoint of `unfold`.

    Parameters
    ----------
    x : tensor_like, shape (batch, channels * kernel height * kernel width, patches)
        As `unfold` gives.
    output_size : int or pair of int
        Height and width of the images.
    kernel_size, dilation, padding, stride
        As for `unfold`.

    Returns
    -------
    tensor, shape (batch, channels, height, width)

    Raises
    ------
    ValueError
        If `x` does not hold the patches of such images, or an option is out of range.

    Examples
    --------
    >>> fold(unfold(ops.ones((1, 1, 2, 3)), 2), (2, 3), 2).tolist()
    [[[[1.0, 2.0, 1.0], [1.0, 2.0, 1.0]]]]
    """
    p = patches(kernel_size, dilation, padding, stride)
    spatial = per_axis(output_size, 2, "output_size")
    rows, columns = (n or 0 for n in p.counts(spatial))
    channels = known_size(x, 1) // math.prod(p.size)
    y: Any = ops.reshape(x, (shape_of(x)[0], channels, *p.size, rows, columns))
    y = ops.transpose(y, (0, 1, 2, 4, 3, 5))
    y = ops.reshape(y, (shape_of(x)[0], channels, p.size[0] * rows, p.size[1] * columns))
    for axis, count in ((0, rows), (1, columns)):
        places = np.ravel(p.places(axis, count))
        # every pixel adds up what lies on it
        met = [np.flatnonzero(places == pixel).tolist() for pixel in range(spatial[axis])]
        y = ops.sum(taken(y, axis + 2, side_by_side(met), len(places)), axis=axis + 3)
    # sums of small integers are wider
    return ops.cast(y, dtype_of(x))
