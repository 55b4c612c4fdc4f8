"""Products that sum over axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.core.tensors import ndim
from dl_ops.core.tensors import shape as shape_of
from dl_ops.op import op, primitive
from dl_ops.rules import broadcast_shapes, multiplied, product, standardize_axes
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = ["dot", "einsum", "inner", "matmul", "outer", "tensordot", "vdot"]


def _agree(a: int | None, b: int | None) -> bool:
    return a is None or b is None or a == b


def _matmul(x1: KerasTensor, x2: KerasTensor) -> Shape:
    if not x1.shape or not x2.shape:
        raise ValueError(f"x1 and x2 must have at least one dimension, got shapes {x1.shape} and {x2.shape}")
    left = x1.shape if len(x1.shape) > 1 else (1, *x1.shape)
    right = x2.shape if len(x2.shape) > 1 else (*x2.shape, 1)
    if not _agree(left[-1], right[-2]):
        raise ValueError(f"shapes {x1.shape} and {x2.shape} do not fit: {left[-1]} columns meet {right[-2]} rows")
    batch = broadcast_shapes(left[:-2], right[:-2])
    rows = (left[-2],) if len(x1.shape) > 1 else ()
    columns = (right[-1],) if len(x2.shape) > 1 else ()
    return (*batch, *rows, *columns)


@op(shape=_matmul, dtype=multiplied)
def matmul(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Matrix product over the last two axes.

    Parameters
    ----------
    x1 : tensor_like, shape (..., m, n) or (n,)
    x2 : tensor_like, shape (..., n, p) or (n,)
        One dimension stands for a row on the left and a column on the right. Leading axes broadcast.

    Returns
    -------
    tensor, shape (..., m, p), without the axes that were added
        Of the promoted dtype; int32 for int8.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Examples
    --------
    >>> matmul([[1, 2], [3, 4]], [1, 1]).tolist()
    [3, 7]
    """
    raise primitive()


# -- einsum -----------------------------------------------------------------------------------------------------------


def _parse(subscripts: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """Labels of each operand's axes and the result's, with ``...`` kept."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(ranks):
        raise ValueError(f"subscripts={subscripts!r} has {len(terms)} terms for {len(ranks)} operands")
    for term, rank in zip(terms, ranks, strict=True):
        labels = term.replace("...", "", 1)
        if not all(label.isalpha() for label in labels):
            raise ValueError(f"subscripts={subscripts!r}: {term!r} must be letters and at most one '...'")
        if len(labels) > rank or (len(labels) < rank and "..." not in term):
            raise ValueError(
                f"subscripts={subscripts!r}: {term!r} does not name the axes of an operand with {rank} dimensions"
            )
    if not arrow:
        every = "".join(terms).replace("...", "")
        output = "..." * ("..." in inputs) + "".join(sorted(label for label in set(every) if every.count(label) == 1))
    unknown = set(output.replace("...", "")) - set(inputs)
    if unknown or len(set(output.replace("...", ""))) != len(output.replace("...", "")):
        raise ValueError(f"subscripts={subscripts!r}: {output!r} must name axes of the operands, each once")
    return terms, output


def _summed(subscripts: str, *operands: KerasTensor, **options: Any) -> Shape:
    shapes = [x.shape for x in operands]
    terms, output = _parse(subscripts, [len(shape) for shape in shapes])
    sizes: dict[str, int | None] = {}
    rest: list[Shape] = []
    for term, shape in zip(terms, shapes, strict=True):
        before, dots, after = term.partition("...")
        end = len(shape) - len(after)
        rest.append(shape[len(before) : end] if dots else ())
        for label, size in zip(before + after, (*shape[: len(before)], *shape[end:]), strict=True):
            known = sizes.get(label)
            if known is None or known == 1:
                sizes[label] = size if size is not None or label not in sizes else known
            elif size not in (None, 1, known):
                raise ValueError(
                    f"subscripts={subscripts!r}: axis {label!r} has sizes {known} and {size} "
                    f"in shapes {', '.join(map(str, shapes))}"
                )
    middle = broadcast_shapes(*rest) if rest else ()
    before, dots, after = output.partition("...")
    return (*(sizes[label] for label in before), *(middle if dots else ()), *(sizes[label] for label in after))


@op(shape=_summed, dtype=multiplied)
def einsum(subscripts: str, *operands: TensorLike, **kwargs: Any) -> Tensor:
    """Sum of products in Einstein's notation.

    Parameters
    ----------
    subscripts : str
        Letters for the axes of each operand, separated by commas, and those of the result after ``->``; ``...`` for
        further axes, which broadcast. Axes that the result does not name are summed over. Without ``->`` it has the
        letters that occur once, in order.
    *operands : tensor_like
    **kwargs
        Passed on to the backend's own function.

    Returns
    -------
    tensor
        Of the promoted dtype; int32 for int8.

    Raises
    ------
    ValueError
        If the subscripts do not fit the operands.

    Examples
    --------
    >>> einsum("ij,jk->ik", [[1, 2], [3, 4]], [[1, 0], [0, 2]]).tolist()
    [[1, 4], [3, 8]]
    """
    raise primitive()


# -- composed of them -------------------------------------------------------------------------------------------------


def _contracted(a: Shape, b: Shape, axes: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Axes of each operand that `tensordot` sums over."""
    if isinstance(axes, int):
        if not 0 <= axes <= min(len(a), len(b)):
            raise ValueError(f"axes={axes}: shapes {a} and {b} do not have so many axes")
        pairs = tuple(range(len(a) - axes, len(a))), tuple(range(axes))
    else:
        left, right = axes
        pairs = (
            standardize_axes((left,) if isinstance(left, int) else tuple(left), len(a)),
            standardize_axes((right,) if isinstance(right, int) else tuple(right), len(b)),
        )
    if len(pairs[0]) != len(pairs[1]) or not all(_agree(a[i], b[j]) for i, j in zip(*pairs, strict=True)):
        raise ValueError(f"axes={axes}: the axes to sum over do not fit, in shapes {a} and {b}")
    return pairs


def _others(shape: Shape, axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(i for i in range(len(shape)) if i not in axes)


def _tensordot(x1: KerasTensor, x2: KerasTensor, axes: Any = 2) -> Shape:
    left, right = _contracted(x1.shape, x2.shape, axes)
    return tuple(x.shape[i] for x, summed in ((x1, left), (x2, right)) for i in _others(x.shape, summed))


@op(shape=_tensordot, dtype=multiplied)
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
    count = product([a[i] for i in left])
    if count is None:
        count = product([b[i] for i in right])
    m, n = product([a[i] for i in rows]), product([b[i] for i in columns])
    flat1 = ops.reshape(ops.transpose(x1, rows + left), (m, count))
    flat2 = ops.reshape(ops.transpose(x2, right + columns), (count, n))
    return ops.reshape(matmul(flat1, flat2), (*(a[i] for i in rows), *(b[i] for i in columns)))


def _dot(x1: KerasTensor, x2: KerasTensor) -> Shape:
    if not x1.shape or not x2.shape:
        return x1.shape or x2.shape
    return _tensordot(x1, x2, ([-1], [-2 if len(x2.shape) > 1 else -1]))


@op(shape=_dot, dtype=multiplied)
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
    return matmul(x1, x2) if rank <= 2 else tensordot(x1, x2, ([-1], [-2]))


@op(shape=lambda x1, x2: (product(x1.shape), product(x2.shape)), dtype=multiplied)
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


@op(shape=_inner, dtype=multiplied)
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
    if not _agree(product(x1.shape), product(x2.shape)):
        raise ValueError(f"x1 and x2 must have equally many elements, got shapes {x1.shape} and {x2.shape}")
    return ()


@op(shape=_vdot, dtype=multiplied)
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
    return matmul(ops.ravel(x1), ops.ravel(x2))
