"""Combinations of tensors, each by a layer made for it."""

from __future__ import annotations

from typing import Any

from dl_layers.merging.arithmetic import Add, Average, Maximum, Minimum, Multiply, Subtract
from dl_layers.merging.concatenate import Concatenate
from dl_layers.merging.dot import Dot
from dl_ops.objects import public


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
    >>> from dl_ops import ops
    >>> add([ops.ones((1, 2)), ops.ones((1, 2))]).tolist()
    [[2.0, 2.0]]
    """
    return Add(**kwargs)(inputs)


@public("keras.layers.average")
def average(inputs: Any, **kwargs: Any) -> Any:
    """Mean of a list of tensors, by an `Average` layer made from `kwargs`.

    Parameters
    ----------
    inputs : list of tensor
    **kwargs
        As for `Average`.

    Returns
    -------
    tensor

    Examples
    --------
    >>> from dl_ops import ops
    >>> average([ops.full((1, 2), 3.0), ops.ones((1, 2))]).tolist()
    [[2.0, 2.0]]
    """
    return Average(**kwargs)(inputs)


@public("keras.layers.maximum")
def maximum(inputs: Any, **kwargs: Any) -> Any:
    """Element-wise maximum of a list of tensors, by a `Maximum` layer made from `kwargs`.

    Parameters
    ----------
    inputs : list of tensor
    **kwargs
        As for `Maximum`.

    Returns
    -------
    tensor

    Examples
    --------
    >>> from dl_ops import ops
    >>> maximum([ops.full((1, 2), 3.0), ops.ones((1, 2))]).tolist()
    [[3.0, 3.0]]
    """
    return Maximum(**kwargs)(inputs)


@public("keras.layers.minimum")
def minimum(inputs: Any, **kwargs: Any) -> Any:
    """Element-wise minimum of a list of tensors, by a `Minimum` layer made from `kwargs`.

    Parameters
    ----------
    inputs : list of tensor
    **kwargs
        As for `Minimum`.

    Returns
    -------
    tensor

    Examples
    --------
    >>> from dl_ops import ops
    >>> minimum([ops.full((1, 2), 3.0), ops.ones((1, 2))]).tolist()
    [[1.0, 1.0]]
    """
    return Minimum(**kwargs)(inputs)


@public("keras.layers.multiply")
def multiply(inputs: Any, **kwargs: Any) -> Any:
    """Product of a list of tensors, by a `Multiply` layer made from `kwargs`.

    Parameters
    ----------
    inputs : list of tensor
    **kwargs
        As for `Multiply`.

    Returns
    -------
    tensor

    Examples
    --------
    >>> from dl_ops import ops
    >>> multiply([ops.full((1, 2), 3.0), ops.full((1, 2), 2.0)]).tolist()
    [[6.0, 6.0]]
    """
    return Multiply(**kwargs)(inputs)


@public("keras.layers.subtract")
def subtract(inputs: Any, **kwargs: Any) -> Any:
    """Difference of two tensors, by a `Subtract` layer made from `kwargs`.

    Parameters
    ----------
    inputs : list of tensor
    **kwargs
        As for `Subtract`.

    Returns
    -------
    tensor

    Examples
    --------
    >>> from dl_ops import ops
    >>> subtract([ops.full((1, 2), 3.0), ops.ones((1, 2))]).tolist()
    [[2.0, 2.0]]
    """
    return Subtract(**kwargs)(inputs)


@public("keras.layers.concatenate")
def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Concatenation of a list of tensors, by a `Concatenate` layer made from the arguments.

    Parameters
    ----------
    inputs : list of tensor
    axis : int, default -1
    **kwargs
        As for `Concatenate`.

    Returns
    -------
    tensor

    Examples
    --------
    >>> from dl_ops import ops
    >>> concatenate([ops.ones((1, 2)), ops.ones((1, 3))]).shape
    (1, 5)
    """
    return Concatenate(axis=axis, **kwargs)(inputs)


@public("keras.layers.dot")
def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """Dot products of vectors of two tensors, by a `Dot` layer made from the arguments.

    Parameters
    ----------
    inputs : list of tensor
    axes : int or pair of int, default -1
    **kwargs
        As for `Dot`.

    Returns
    -------
    tensor

    Examples
    --------
    >>> from dl_ops import ops
    >>> dot([ops.ones((1, 4)), ops.ones((1, 4))]).tolist()
    [[4.0]]
    """
    return Dot(axes=axes, **kwargs)(inputs)
