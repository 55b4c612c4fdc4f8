"""Choosing elements by condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dl_ops.op import op, primitive
from dl_ops.rules import (
    broadcast,
    broadcast_shapes,
    kept,
    promoted,
)
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import ConditionLike, Shape, Structure, Tensor, TensorLike

if TYPE_CHECKING:
    pass

__all__ = [
    "nonzero",
    "select",
    "where",
]


def where(condition: ConditionLike, x1: TensorLike | None = None, x2: TensorLike | None = None) -> Any:
    """Elements of `x1` where a condition holds, of `x2` elsewhere.

    Parameters
    ----------
    condition : tensor_like
        Whatever is not zero is true.
    x1, x2 : tensor_like, optional
        Of shapes that broadcast with the condition's. Without both, the result is that of ``nonzero(condition)``.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype of `x1` and `x2`.

    Raises
    ------
    ValueError
        If only one of `x1` and `x2` is given, or shapes do not broadcast.

    Examples
    --------
    >>> where([True, False], [1, 2], 0).tolist()
    [1, 0]
    """
    if x1 is None or x2 is None:
        if x1 is None and x2 is None:
            return nonzero(condition)
        raise ValueError(f"where(): give both x1 and x2, or none of them; {'x1' if x1 is None else 'x2'} is missing")
    return _where(condition, x1, x2)


@op(shape=broadcast, dtype=promoted, name="where")
def _where(condition: ConditionLike, x1: TensorLike, x2: TensorLike) -> Tensor:
    """`where` with both alternatives."""
    raise primitive()


def _nonzeros(x: KerasTensor) -> tuple[KerasTensor, ...]:
    return tuple(KerasTensor((None,), "int32", record_history=False) for _ in x.shape)


@op(spec=_nonzeros, dtype=kept)
def nonzero(x: TensorLike) -> tuple[Tensor, ...]:
    """Positions of the elements that are not zero.

    Parameters
    ----------
    x : tensor_like

    Returns
    -------
    tuple of tensor of int32, shape (number,)
        Their indices, one tensor for each axis.

    Examples
    --------
    >>> [index.tolist() for index in nonzero([[0, 1], [2, 0]])]
    [[0, 1], [1, 0]]
    """
    raise primitive()


def _selected(
    condlist: Sequence[KerasTensor], choicelist: Sequence[KerasTensor], default: KerasTensor | None = None
) -> Shape:
    if len(condlist) != len(choicelist) or not condlist:
        raise ValueError(
            f"condlist and choicelist must hold equally many tensors, got {len(condlist)} and {len(choicelist)}"
        )
    return broadcast_shapes(*(x.shape for x in (*condlist, *choicelist, *(() if default is None else (default,)))))


@op(shape=_selected, dtype=promoted)
def select(condlist: Structure, choicelist: Sequence[TensorLike], default: TensorLike = 0) -> Tensor:
    """Elements of the first of several tensors whose condition holds.

    Parameters
    ----------
    condlist : sequence of tensor_like
        Conditions.
    choicelist : sequence of tensor_like
        As many, of shapes that broadcast.
    default : tensor_like, default 0
        Where no condition holds.

    Returns
    -------
    tensor
        Of the broadcast shape and the promoted dtype.

    Raises
    ------
    ValueError
        If the lists are empty or differ in length.

    Examples
    --------
    >>> select([[True, False, False], [True, True, False]], [[1, 1, 1], [2, 2, 2]], 7).tolist()
    [1, 2, 7]
    """
    if len(condlist) != len(choicelist) or not condlist:
        raise ValueError(
            "select(): condlist and choicelist must hold equally many tensors, "
            f"got {len(condlist)} and {len(choicelist)}"
        )
    y = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        y = where(condition, choice, y)
    return y  # type: ignore[return-value]  # where() gives a tensor
