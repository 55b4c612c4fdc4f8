"""Products of vectors in space, and powers of a vector's elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.core.tensors import known_size
from dl_ops.core.tensors import shape as shape_of
from dl_ops.op import op
from dl_ops.rules import broadcast_shapes, numeric, standardize_axis
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = ["cross", "vander"]


def _crossed(
    x1: KerasTensor, x2: KerasTensor, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Shape:
    names = ("axisa", "axisb", "axisc")
    if axis is not None:
        axisa = axisb = axisc = axis
        names = ("axis", "axis", "axis")
    (size1, batch1), (size2, batch2) = _parts(x1, axisa, names[0]), _parts(x2, axisb, names[1])
    sizes = {size1, size2}
    if not sizes <= {None, 2, 3} or sizes in ({None}, {None, 2}):
        raise ValueError(f"vectors must have 2 or 3 elements, got shapes {x1.shape} and {x2.shape}")
    shape = broadcast_shapes(batch1, batch2)
    if sizes == {2}:
        return shape
    position = standardize_axis(axisc, len(shape) + 1, name=names[2])
    return (*shape[:position], 3, *shape[position:])


def _parts(x: KerasTensor, axis: int, name: str) -> tuple[int | None, Shape]:
    """The size of an axis, and those of the others."""
    along = standardize_axis(axis, len(x.shape), name=name)
    return x.shape[along], (*x.shape[:along], *x.shape[along + 1 :])


@op(shape=_crossed, dtype=numeric)
def cross(
    x1: TensorLike, x2: TensorLike, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Tensor:
    """Cross product of vectors in space, or in the plane.

    Parameters
    ----------
    x1, x2 : tensor_like, shape (..., 2) or (..., 3)
        The other axes broadcast. Vectors of two elements have a third of zero. Booleans become int32.
    axisa, axisb, axisc : int, default -1
        Where the vectors' axis is in `x1`, in `x2` and in the result.
    axis : int, optional
        Instead of all three.

    Returns
    -------
    tensor, shape (..., 3)
        Of two vectors in the plane only the third element, without an axis for it.

    Raises
    ------
    ValueError
        If vectors have not 2 or 3 elements, or an axis is out of range.

    Examples
    --------
    >>> cross([1, 0, 0], [0, 1, 0]).tolist(), cross([1, 2], [3, 4]).tolist()
    ([0, 0, 1], -2)
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    first, second = _elements(x1, axisa), _elements(x2, axisb)
    if len(first) == len(second) == 2:
        return _determinant(first, second, 0, 1)
    a, b = ([*elements, ops.zeros_like(elements[0])][:3] for elements in (first, second))
    return ops.stack([_determinant(a, b, i, j) for i, j in ((1, 2), (2, 0), (0, 1))], axis=axisc)


def _elements(x: Any, axis: int) -> list[Any]:
    # of a size that is not known the rule lets pass only 3
    along = standardize_axis(axis, len(shape_of(x)))
    count = shape_of(x)[along]
    if count not in (None, 2, 3):
        raise ValueError(f"vectors must have 2 or 3 elements, got shape {shape_of(x)}")
    return [x[(*(slice(None),) * along, i)] for i in range(count or 3)]


def _determinant(a: list[Any], b: list[Any], i: int, j: int) -> Tensor:
    return ops.subtract(ops.multiply(a[i], b[j]), ops.multiply(a[j], b[i]))


def _powers(x: KerasTensor, N: int | None = None, increasing: bool = False) -> Shape:
    if len(x.shape) != 1:
        raise ValueError(f"x must have one dimension, got shape {x.shape}")
    if N is None:
        return (x.shape[0], x.shape[0])
    if not hasattr(N, "__index__"):
        raise TypeError(f"N={N!r}: expected an integer")
    if N < 0:
        raise ValueError(f"N={N}: expected a number of columns that is not negative")
    return (x.shape[0], int(N))


@op(shape=_powers, dtype=numeric)
def vander(x: TensorLike, N: int | None = None, increasing: bool = False) -> Tensor:
    """Vandermonde matrix: each row holds the powers of one element.

    Parameters
    ----------
    x : tensor_like, shape (n,)
        Booleans become int32.
    N : int, optional
        Number of columns; by default as many as rows.
    increasing : bool, default False
        Whether powers go from 0 to ``N - 1``; by default they go the other way.

    Returns
    -------
    tensor, shape (n, N)

    Raises
    ------
    TypeError, ValueError
        If `N` is not an integer, or negative; if `x` has not one dimension.

    Examples
    --------
    >>> vander([2, 3], 3).tolist()
    [[4, 2, 1], [9, 3, 1]]
    """
    _powers(x, N)  # type: ignore[arg-type]  # any tensor has a shape
    count = known_size(x, 0) if N is None else N
    column = ops.expand_dims(x, 1)
    # a running product rather than powers, whose gradient is not defined at zero
    factors = ops.concatenate([ops.ones_like(column), *[column] * max(count - 1, 0)], axis=1)
    powers = ops.cumprod(factors[:, :count], axis=1)
    return powers if increasing else ops.flip(powers, axis=1)
