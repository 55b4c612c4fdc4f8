"""Element-wise combinations of inputs."""

from __future__ import annotations

from typing import Any

from dl_layers.merging.base import Merge
from dl_ops import ops
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


@public("keras.layers.Multiply")
class Multiply(Merge):
    """Product of the inputs.

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


@public("keras.layers.add")
def add(inputs: Any, **kwargs: Any) -> Any:
    """Sum of a list of tensors, by an `Add` layer made from `kwargs`.

    Parameters
    ----------
    inputs : list of tensor
    **kwargs
        As for `Add`.

    Returns
    -------
    tensor

    Examples
    --------
    >>> add([ops.ones((1, 2)), ops.ones((1, 2))]).tolist()
    [[2.0, 2.0]]
    """
    return Add(**kwargs)(inputs)
