"""Divisors, multiples and places: what integers alone have."""

from __future__ import annotations

from math import prod
from typing import Any

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.dtypes import promote
from dl_ops.op import op
from dl_ops.rules import broadcast, integral, standardize_shape
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import ShapeLike, Tensor, TensorLike

__all__ = ["gcd", "lcm", "unravel_index"]


@op(shape=broadcast, dtype=integral)
def gcd(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise greatest common divisor.

    Parameters
    ----------
    x1, x2 : tensor_like
        Integers, of shapes that broadcast; booleans become int32.

    Returns
    -------
    tensor
        Of the broadcast shape, not negative; the other number where one is 0.

    Raises
    ------
    TypeError
        If they are not integers.

    References
    ----------
    Euclid, Elements, book VII, proposition 2.

    Examples
    --------
    >>> gcd([12, -8, 0], [18, 6, 5]).tolist()
    [6, 2, 5]
    """
    total = ops.zeros_like(ops.add(x1, x2))

    def unfinished(a: Any, b: Any) -> Any:
        return ops.any(ops.not_equal(b, 0))

    def step(a: Any, b: Any) -> Any:
        done = ops.equal(b, 0)
        rest = ops.mod(a, ops.where(done, ops.ones_like(b), b))
        return ops.where(done, a, b), ops.where(done, b, rest)

    first, second = ops.add(ops.absolute(x1), total), ops.add(ops.absolute(x2), total)
    divisor, _ = ops.while_loop(unfinished, step, (first, second))
    return divisor  # type: ignore[no-any-return]


@op(shape=broadcast, dtype=integral)
def lcm(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Element-wise least common multiple.

    Parameters
    ----------
    x1, x2 : tensor_like
        Integers, of shapes that broadcast; booleans become int32.

    Returns
    -------
    tensor
        Of the broadcast shape, not negative; 0 where one of them is.

    Raises
    ------
    TypeError
        If they are not integers.

    Examples
    --------
    >>> lcm([12, -8, 0], [18, 6, 5]).tolist()
    [36, 24, 0]
    """
    # both are 0 where the divisor is
    divisor = ops.maximum(gcd(x1, x2), 1)
    return ops.absolute(ops.multiply(ops.floor_divide(x1, divisor), x2))


def _places(indices: KerasTensor, shape: ShapeLike) -> tuple[KerasTensor, ...]:
    return tuple(KerasTensor(indices.shape, indices.dtype, record_history=False) for _ in _known(shape))


def _known(shape: ShapeLike) -> tuple[int, ...]:
    sizes = standardize_shape(shape)
    if None in sizes:
        raise ValueError(f"unravel_index(shape={sizes}): all sizes must be known")
    return tuple(size for size in sizes if size is not None)


@op(spec=_places, dtype=integral)
def unravel_index(indices: TensorLike, shape: ShapeLike) -> tuple[Tensor, ...]:
    """Positions along each axis, from positions in the flattened tensor.

    Parameters
    ----------
    indices : tensor_like of int, shape (...)
        Negative ones count from the end; those beyond an end are taken for it.
    shape : int or sequence of int
        Of the tensor that they are positions in.

    Returns
    -------
    tuple of tensor, each of shape (...)
        One for each axis, of the dtype of `indices`.

    Raises
    ------
    TypeError
        If `indices` are not integers.
    ValueError
        If a size is not known.

    Examples
    --------
    >>> [index.tolist() for index in unravel_index([1, 5], (2, 3))]
    [[0, 1], [1, 2]]
    """
    sizes = _known(shape)
    dtype = dtype_of(indices)
    # sizes may be too large for the dtype of the indices
    rest: Any = indices if dtype == "uint64" else ops.cast(indices, promote(dtype, "int32"))
    count = prod(sizes)
    rest = ops.clip(ops.where(ops.less(rest, 0), ops.add(rest, count), rest), 0, max(count - 1, 0))
    places = []
    for size in reversed(sizes):
        places.append(ops.cast(ops.mod(rest, max(size, 1)), dtype))
        rest = ops.floor_divide(rest, max(size, 1))
    return tuple(reversed(places))
