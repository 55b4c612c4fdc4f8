"""Axes in another order, and vectors repeated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers.layer import InputSpec, Layer, LayerOptions
from dl_layers.layer.validation import positive_integer
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor


@public("keras.layers.Permute")
class Permute(Layer):
    """Put the axes of each example in another order.

    Shapes: ``(batch, size_1, ..., size_n) -> (batch, size_dims[0], ..., size_dims[n - 1])``.

    Parameters
    ----------
    dims : sequence of int
        The order: each number from 1, the first axis behind the batch, to their number.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `dims` is no such order, or the input has another number of axes.

    Examples
    --------
    >>> Permute((2, 1))(ops.ones((1, 3, 5))).shape
    (1, 5, 3)
    """

    _keeps_dtype = True

    def __init__(self, dims: Sequence[int], **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        ordered = isinstance(dims, (list, tuple)) and all(
            hasattr(dim, "__index__") and not isinstance(dim, bool) for dim in dims
        )
        if not ordered or not dims or sorted(dims) != list(range(1, len(dims) + 1)):
            raise ValueError(f"Permute(dims={dims!r}): expected the integers from 1 to their number in any order")
        self.dims = tuple(int(dim) for dim in dims)
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.transpose(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], *(input_shape[dim] for dim in self.dims))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dims": self.dims}


@public("keras.layers.RepeatVector")
class RepeatVector(Layer):
    """Sequences in which a vector comes several times.

    Shapes: ``(batch, features) -> (batch, n, features)``.

    Parameters
    ----------
    n : int
        How often.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `n` is not a positive integer.

    Examples
    --------
    >>> RepeatVector(2)(ops.convert_to_tensor([[1.0, 5.0]])).tolist()
    [[[1.0, 5.0], [1.0, 5.0]]]
    """

    _keeps_dtype = True

    def __init__(self, n: int, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.n = positive_integer(n, "n", self)
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.repeat(ops.expand_dims(inputs, 1), self.n, 1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.n, input_shape[1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "n": self.n}
