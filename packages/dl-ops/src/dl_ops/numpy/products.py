"""Products composed of `matmul` and of element-wise ones."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters
from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import ndim
from dl_ops.core.tensors import shape as shape_of
from dl_ops.numpy.contraction import agree, matmul
from dl_ops.op import op
from dl_ops.rules import product, promoted, standardize_axes
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = ["dot", "inner", "kron", "outer", "tensordot", "vdot"]


def _matmul(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Matrix product in the dtype of its operands, which `matmul` widens if that is int8."""
    y = matmul(x1, x2)
    return ops.cast(y, "int8") if dtype_of(x1) == "int8" else y


def _contracted(a: Shape, b: Shape, axes: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Axes of each operand that `tensordot` sums over."""
    if isinstance(axes, int):
        if not 0 <= axes <= min(len(a), len(b)):
            raise ValueError(f"axes={axes}: shapes {a} and {b} do not have so many axes")
        pairs = tuple(range(len(a) - axes, len(a))), tuple(range(axes))
    else:
        if not isinstance(axes, Sequence) or isinstance(axes, str):
            raise TypeError(f"axes={axes!r}: expected a number of axes, or a pair of them")
        if len(axes) != 2:
            raise ValueError(f"axes={axes}: expected the axes of x1 and those of x2")
        pairs = (
            standardize_axes(axes[0], len(a), name="axes"),
            standardize_axes(axes[1], len(b), name="axes"),
        )
    if len(pairs[0]) != len(pairs[1]) or not all(agree(a[i], b[j]) for i, j in zip(*pairs, strict=True)):
        raise ValueError(f"axes={axes}: the axes to sum over do not fit, in shapes {a} and {b}")
    return pairs


def _others(shape: Shape, axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(i for i in range(len(shape)) if i not in axes)


def _tensordot(x1: KerasTensor, x2: KerasTensor, axes: Any = 2) -> Shape:
    left, right = _contracted(x1.shape, x2.shape, axes)
    return tuple(x.shape[i] for x, summed in ((x1, left), (x2, right)) for i in _others(x.shape, summed))


@op(shape=_tensordot, dtype=promoted)
def tensordot(x1: TensorLike, x2: TensorLike, axes: int | Sequence[Any] = 2) -> Tensor:
    """Sum of products over given axes of two tensors.

    Parameters
    ----------
    x1, x2 : tensor_like
    axes : int or pair of int or pair of sequence of int, default 2
        That many last axes of `x1` and first ones of `x2`; or the axes of each.

    Returns
    -------
    tensor
        With the other axes of `x1` and then those of `x2`.

    Raises
    ------
    ValueError
        If the axes do not fit together.

    Examples
    --------
    >>> tensordot([[1, 2], [3, 4]], [[1, 0], [0, 2]], axes=1).tolist()
    [[1, 4], [3, 8]]
    """
    a, b = shape_of(x1), shape_of(x2)
    left, right = _contracted(a, b, axes)
    rows, columns = _others(a, left), _others(b, right)
    if [*(a[i] for i in rows), *(b[i] for i in columns)].count(None) > 1:
        # a matrix does not tell them
        return ops.cast(ops.einsum(_subscripts(len(a), len(b), left, right), x1, x2), dtype_of(x1))
    count = product([a[i] for i in left])
    if count is None:
        count = product([b[i] for i in right])
    m, n = product([a[i] for i in rows]), product([b[i] for i in columns])
    flat1 = ops.reshape(_ordered(x1, rows + left), (m, count))
    flat2 = ops.reshape(_ordered(x2, right + columns), (count, n))
    return ops.reshape(_matmul(flat1, flat2), (*(a[i] for i in rows), *(b[i] for i in columns)))


def _ordered(x: Any, axes: tuple[int, ...]) -> Any:
    return x if axes == tuple(range(len(axes))) else ops.transpose(x, axes)


def _subscripts(rank1: int, rank2: int, left: Sequence[int], right: Sequence[int]) -> str:
    """What `einsum` calls a product over the axes `left` of the first and `right` of the second tensor."""
    first = ascii_letters[:rank1]
    second = list(ascii_letters[rank1 : rank1 + rank2])
    result = [letter for i, letter in enumerate(first) if i not in left]
    result += [letter for i, letter in enumerate(second) if i not in right]
    for i, j in zip(left, right, strict=True):
        second[j] = first[i]
    return f"{first},{''.join(second)}->{''.join(result)}"


def _dot(x1: KerasTensor, x2: KerasTensor) -> Shape:
    if not x1.shape or not x2.shape:
        return x1.shape or x2.shape
    return _tensordot(x1, x2, ([-1], [-2 if len(x2.shape) > 1 else -1]))


@op(shape=_dot, dtype=promoted)
def dot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Sum of products over the last axis of `x1` and the last but one of `x2`.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of one dimension, `x2` is summed over along that; a number multiplies.

    Returns
    -------
    tensor
        With the other axes of `x1` and then those of `x2`.

    Raises
    ------
    ValueError
        If the sizes of those axes differ.

    Examples
    --------
    >>> int(dot([1, 2], [3, 4])), dot([[1, 2], [3, 4]], 2).tolist()
    (11, [[2, 4], [6, 8]])
    """
    rank = ndim(x2)
    if ndim(x1) == 0 or rank == 0:
        return ops.multiply(x1, x2)
    return _matmul(x1, x2) if rank <= 2 else tensordot(x1, x2, ([-1], [-2]))


@op(shape=lambda x1, x2: (product(x1.shape), product(x2.shape)), dtype=promoted)
def outer(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Products of each element of one tensor with each of another.

    Parameters
    ----------
    x1, x2 : tensor_like
        Flattened, if they have more than one dimension.

    Returns
    -------
    tensor, shape (size of x1, size of x2)

    Examples
    --------
    >>> outer([1, 2], [3, 4]).tolist()
    [[3, 4], [6, 8]]
    """
    return ops.multiply(ops.reshape(x1, (-1, 1)), ops.reshape(x2, (1, -1)))


def _inner(x1: KerasTensor, x2: KerasTensor) -> Shape:
    if not x1.shape or not x2.shape:
        return x1.shape or x2.shape
    return _tensordot(x1, x2, ([-1], [-1]))


@op(shape=_inner, dtype=promoted)
def inner(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Sum of products over the last axis of both.

    Parameters
    ----------
    x1, x2 : tensor_like
        A number multiplies.

    Returns
    -------
    tensor
        With the other axes of `x1` and then those of `x2`.

    Raises
    ------
    ValueError
        If the sizes of the last axes differ.

    Examples
    --------
    >>> inner([[1, 2], [3, 4]], [1, 1]).tolist()
    [3, 7]
    """
    if ndim(x1) == 0 or ndim(x2) == 0:
        return ops.multiply(x1, x2)
    return tensordot(x1, x2, ([-1], [-1]))


def _vdot(x1: KerasTensor, x2: KerasTensor) -> Shape:
    if not agree(product(x1.shape), product(x2.shape)):
        raise ValueError(f"x1 and x2 must have equally many elements, got shapes {x1.shape} and {x2.shape}")
    return ()


@op(shape=_vdot, dtype=promoted)
def vdot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Sum of products of all elements, of the complex conjugate of `x1`.

    Parameters
    ----------
    x1, x2 : tensor_like
        Flattened, if they have more than one dimension.

    Returns
    -------
    tensor, shape ()

    Raises
    ------
    ValueError
        If the numbers of elements differ.

    Examples
    --------
    >>> int(vdot([[1, 2], [3, 4]], [[1, 0], [0, 1]]))
    5
    """
    return _matmul(ops.ravel(ops.conj(x1)), ops.ravel(x2))


def _paired(a: Shape, b: Shape) -> list[tuple[int | None, int | None]]:
    """Sizes of both shapes, axis by axis from the last."""
    rank = max(len(a), len(b))
    return list(zip((1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b, strict=True))


@op(shape=lambda x1, x2: tuple(product(pair) for pair in _paired(x1.shape, x2.shape)), dtype=promoted)
def kron(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Kronecker product: the second tensor, times each element of the first in the place of that element.

    Parameters
    ----------
    x1, x2 : tensor_like
        Of the two, the one with fewer axes gets leading ones.

    Returns
    -------
    tensor
        Its sizes are the products of theirs.

    Examples
    --------
    >>> kron([[1, 2]], [[1, 10], [100, 1000]]).tolist()
    [[1, 10, 2, 20], [100, 1000, 200, 2000]]
    """
    pairs = _paired(shape_of(x1), shape_of(x2))
    # the axes of x1 and of x2 in turn, each of size 1 in the other
    left = ops.reshape(x1, tuple(n for a, _ in pairs for n in (a, 1)))
    right = ops.reshape(x2, tuple(n for _, b in pairs for n in (1, b)))
    return ops.reshape(ops.multiply(left, right), tuple(product(pair) for pair in pairs))
