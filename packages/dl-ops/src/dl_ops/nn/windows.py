"""Windows that slide over images: options of convolutions and poolings, for shape rules and kernels alike."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

from dl_ops import ops
from dl_ops.config import standardize_data_format
from dl_ops.core.tensors import known_size
from dl_ops.typing import Shape


class Windows(NamedTuple):
    """Windows over the spatial axes of a batch of images; each tuple has an entry per spatial axis."""

    size: tuple[int, ...]
    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    same: bool
    channels_last: bool

    def reach(self) -> tuple[int, ...]:
        """Pixels from the first to the last that a window covers, dilation included."""
        return tuple((size - 1) * step + 1 for size, step in zip(self.size, self.dilation, strict=True))

    def output(self, spatial: Shape) -> Shape:
        """Number of windows along each spatial axis.

        Raises
        ------
        ValueError
            If a window does not fit into the image.
        """
        sizes: list[int | None] = []
        for size, reach, stride in zip(spatial, self.reach(), self.strides, strict=True):
            if size is None:
                sizes.append(None)
            elif self.same:
                sizes.append(-(-size // stride))
            elif size < reach:
                raise ValueError(
                    f"a window of {self.size}, dilated by {self.dilation}, does not fit into an image of {spatial}"
                )
            else:
                sizes.append((size - reach) // stride + 1)
        return tuple(sizes)

    def padding(self, spatial: Sequence[int]) -> tuple[tuple[int, int], ...]:
        """Pixels to add before and after along each spatial axis; where the number is odd, one more after."""
        if not self.same:
            return tuple((0, 0) for _ in spatial)
        pairs = []
        for size, reach, stride in zip(spatial, self.reach(), self.strides, strict=True):
            total = max((-(-size // stride) - 1) * stride + reach - size, 0)
            pairs.append((total // 2, total - total // 2))
        return tuple(pairs)

    def spatial(self, shape: Shape) -> Shape:
        """The spatial part of a shape."""
        return tuple(shape[1:-1]) if self.channels_last else tuple(shape[2:])

    def channels(self, shape: Shape) -> int | None:
        """The number of channels in a shape."""
        return shape[-1] if self.channels_last else shape[1]

    def shape(self, batch: int | None, spatial: Shape, channels: int | None) -> Shape:
        """The shape of a batch of images."""
        return (batch, *spatial, channels) if self.channels_last else (batch, channels, *spatial)


def windows(
    inputs: Any,
    size: int | Sequence[int | None],
    strides: int | Sequence[int] | None = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation: int | Sequence[int] = 1,
    *,
    name: str = "pool_size",
    inside: bool = True,
) -> Windows:
    """Check and standardise the options of a convolution or pooling.

    Parameters
    ----------
    inputs : tensor
        Images, of 3 to 5 dimensions.
    size : int or sequence of int
        Of the windows.
    strides : int or sequence of int, optional
        By default the size.
    padding : {"valid", "same"}
        Upper case is accepted too.
    data_format : {"channels_last", "channels_first"}, optional
        By default ``config.image_data_format()``.
    dilation : int or sequence of int, default 1
    name : str
        What the caller calls `size`, for messages.
    inside : bool
        Whether without padding a window must fit into the images: not all frameworks notice.

    Raises
    ------
    ValueError
        If one of them is out of range or has the wrong length, or a window does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> w = windows(np.zeros((1, 5, 6, 2)), 3, 2, "same")
    >>> w.output((5, 6)), w.padding((5, 6))
    ((3, 3), ((1, 1), (0, 1)))
    """
    rank = len(inputs.shape) - 2
    if rank not in (1, 2, 3):
        raise ValueError(f"inputs have shape {tuple(inputs.shape)}: expected 3, 4 or 5 dimensions")
    same = str(padding).lower()
    if same not in ("valid", "same"):
        raise ValueError(f"padding={padding!r}: expected 'valid' or 'same'")
    sizes = per_axis(size, rank, name)
    result = Windows(
        sizes,
        sizes if strides is None else per_axis(strides, rank, "strides"),
        per_axis(dilation, rank, "dilation_rate"),
        same == "same",
        standardize_data_format(data_format) == "channels_last",
    )
    if inside:
        result.output(result.spatial(tuple(inputs.shape)))
    return result


def per_axis(value: Any, rank: int, name: str) -> tuple[int, ...]:
    """Return `value` once per spatial axis, or as it is if it is a sequence of that length.

    Raises
    ------
    ValueError
        If the length is another, or a number is not positive; the message calls it `name`.
    """
    try:
        entries = (value.__index__(),) * rank if hasattr(value, "__index__") else tuple(x.__index__() for x in value)
    except (AttributeError, TypeError):
        raise ValueError(f"{name}={value!r}: expected positive integers") from None
    if len(entries) == 1:
        entries *= rank
    if len(entries) != rank:
        raise ValueError(f"{name}={value!r}: expected {rank} entries, one per spatial axis")
    if min(entries) < 1:
        raise ValueError(f"{name}={value!r}: expected positive integers")
    return entries


def window_parts(inputs: Any, w: Windows, fill: float) -> list[Any]:
    """Pixels that each position in the windows meets, for defaults.

    Parameters
    ----------
    inputs : tensor
        Images in the data format of `w`.
    w : Windows
    fill : float
        What is outside the image.

    Returns
    -------
    list of tensor, shape (batch, *windows, channels)
        One for each position in a window, the last axis varying fastest.
    """
    x = inputs if w.channels_last else ops.moveaxis(inputs, 1, -1)
    if w.same:
        widths = w.padding([known_size(x, axis) for axis in range(1, len(w.size) + 1)])
        x = ops.pad(x, [(0, 0), *widths, (0, 0)], constant_values=fill)
    parts = []
    for position in itertools.product(*map(range, w.size)):
        starts = [index * step for index, step in zip(position, w.dilation, strict=True)]
        # negative, so that the size need not be known
        stops = [start + 1 - reach or None for start, reach in zip(starts, w.reach(), strict=True)]
        parts.append(ops.get_item(x, (slice(None), *map(slice, starts, stops, w.strides))))
    return parts
