"""Products that sum over axes: of matrices, and in Einstein's notation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dl_ops.op import op, primitive
from dl_ops.rules import broadcast_shapes, multiplied
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = ["einsum", "matmul"]


def agree(a: int | None, b: int | None) -> bool:
    """Whether two sizes, where they are known, are the same."""
    return a is None or b is None or a == b


def _matmul(x1: KerasTensor, x2: KerasTensor) -> Shape:
    if not x1.shape or not x2.shape:
        raise ValueError(f"x1 and x2 must have at least one dimension, got shapes {x1.shape} and {x2.shape}")
    left = x1.shape if len(x1.shape) > 1 else (1, *x1.shape)
    right = x2.shape if len(x2.shape) > 1 else (*x2.shape, 1)
    if not agree(left[-1], right[-2]):
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
    if not isinstance(subscripts, str):
        raise TypeError(f"subscripts={subscripts!r}: expected a string")
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
