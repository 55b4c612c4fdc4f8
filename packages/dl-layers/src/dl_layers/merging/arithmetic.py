"""Element-wise combinations of inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dl_layers.merging.base import MaskedMerge, Masks, Merge, any_of
from dl_ops import ops
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.objects import public
from dl_ops.typing import Tensor


@public("keras.layers.Add")
class Add(Merge):
    """Sum of the inputs.

    Parameters
    ----------
    **options
        As for `Layer`.

    Examples
    --------
    >>> Add()([ops.ones((1, 2)), ops.ones((1, 2))]).tolist()
    [[2.0, 2.0]]
    """

    def merge(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.add(x, y)


@public("keras.layers.Subtract")
class Subtract(Merge):
    """Difference of two inputs.

    Parameters
    ----------
    **options
        As for `Layer`.

    Examples
    --------
    >>> Subtract()([ops.full((1, 2), 3.0), ops.ones((1, 2))]).tolist()
    [[2.0, 2.0]]
    """

    minimum_inputs = maximum_inputs = 2

    def merge(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.subtract(x, y)


@public("keras.layers.Multiply")
class Multiply(MaskedMerge):
    """Product of the inputs; those that are masked at a position are left out there.

    Parameters
    ----------
    **options
        As for `Layer`.

    Examples
    --------
    >>> Multiply()([ops.full((1, 2), 3.0), ops.full((1, 2), 2.0)]).tolist()
    [[6.0, 6.0]]
    """

    def merge(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.multiply(x, y)

    def merge_masked(self, inputs: Sequence[Tensor], masks: Masks) -> Tensor:
        product = super().merge_masked(inputs, masks)
        counts = any_of(masks)
        return product if counts is None else ops.where(counts, product, ops.zeros_like(product))


@public("keras.layers.Average")
class Average(Merge):
    """Mean of the inputs.

    Parameters
    ----------
    **options
        As for `Layer`.

    Examples
    --------
    >>> Average()([ops.full((1, 2), 3.0), ops.ones((1, 2))]).tolist()
    [[2.0, 2.0]]
    """

    def merge(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.add(x, y)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        total = super().call(inputs)
        if not is_float(standardize_dtype(total.dtype)):
            total = ops.cast(total, self.compute_dtype)
        return ops.divide(total, len(inputs))

    def compute_output_spec(self, inputs: Any) -> Any:
        """Symbolic outputs, without history, for symbolic inputs."""
        return self._spec_by_call((inputs,), {})


@public("keras.layers.Maximum")
class Maximum(MaskedMerge):
    """Element-wise maximum of the inputs; those that are masked at a position are left out there.

    Parameters
    ----------
    **options
        As for `Layer`.

    Examples
    --------
    >>> Maximum()([ops.full((1, 2), 3.0), ops.ones((1, 2))]).tolist()
    [[3.0, 3.0]]
    """

    def merge(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.maximum(x, y)


@public("keras.layers.Minimum")
class Minimum(MaskedMerge):
    """Element-wise minimum of the inputs; those that are masked at a position are left out there.

    Parameters
    ----------
    **options
        As for `Layer`.

    Examples
    --------
    >>> Minimum()([ops.full((1, 2), 3.0), ops.ones((1, 2))]).tolist()
    [[1.0, 1.0]]
    """

    def merge(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.minimum(x, y)
