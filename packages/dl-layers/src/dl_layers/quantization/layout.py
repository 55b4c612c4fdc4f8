"""What the quantization of a kernel needs to know of the layer that has it."""

from __future__ import annotations

import math
from typing import NamedTuple

from dl_ops import ops
from dl_ops.typing import Tensor


class Layout(NamedTuple):
    """A kernel, and how its layer's product of inputs and kernel uses it."""

    name: str
    """Of the weight."""

    shape: tuple[int, ...]
    """Of the kernel in floating point."""

    summed: tuple[int, ...]
    """Axes of the kernel that the product sums over."""

    inputs_summed: tuple[int, ...]
    """Axes of the inputs that it sums over."""

    scale_axes: tuple[int | None, ...]
    """For each axis of the outputs that scales have, the axis of the kernel that is there; ``None`` for none."""

    matrix: tuple[int, int]
    """Shape of the kernel as a matrix, by a plain reshape."""

    grouped: int = 0
    """Axis of the matrix that is split into blocks, which have a scale each in 4 bits."""

    packed: int = 1
    """Axis of the matrix along which two integers of 4 bits share a byte."""

    zero_dtype: str = "int8"
    """Of the blocks' zero points."""

    @property
    def kept(self) -> tuple[int, ...]:
        """Axes of the kernel that the product does not sum over."""
        return tuple(i for i in range(len(self.shape)) if i not in self.summed)

    @property
    def rows(self) -> int:
        """Number of products that make one output."""
        return math.prod(self.shape[i] for i in self.summed)

    @property
    def columns(self) -> int:
        """Number of outputs."""
        return math.prod(self.shape[i] for i in self.kept)

    @property
    def scale_shape(self) -> tuple[int, ...]:
        """Shape of scales of one channel each, as they multiply outputs."""
        return tuple(1 if i is None else self.shape[i] for i in self.scale_axes)

    def to_outputs(self, scale: Tensor) -> Tensor:
        """Rearrange scales of the kernel's rank, with size 1 along `summed`, as they multiply outputs."""
        order = [i for i in self.scale_axes if i is not None]
        return ops.reshape(ops.transpose(scale, [*self.summed, *order]), self.scale_shape)

    def to_kernel(self, scale: Tensor) -> Tensor:
        """Undo `to_outputs`."""
        order = [i for i in self.scale_axes if i is not None]
        kept = ops.reshape(scale, [self.shape[i] for i in order])
        kept = ops.transpose(kept, [order.index(i) for i in self.kept])
        return ops.reshape(kept, [1 if i in self.summed else size for i, size in enumerate(self.shape)])

    def to_rows(self, kernel: Tensor) -> Tensor:
        """Kernel as a matrix with what is summed over in rows and outputs in columns."""
        return ops.reshape(ops.transpose(kernel, [*self.summed, *self.kept]), (self.rows, self.columns))

    def from_rows(self, matrix: Tensor) -> Tensor:
        """Undo `to_rows`."""
        order = [*self.summed, *self.kept]
        kernel = ops.reshape(matrix, [self.shape[i] for i in order])
        return ops.transpose(kernel, [order.index(i) for i in range(len(order))])
