"""Functions of single examples made functions of batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dl_ops import ops, tree

__all__ = ["vmap"]


def vmap(
    f: Callable[..., Any],
    in_axes: int | Sequence[Any] | dict[str, Any] | None = 0,
    out_axes: int | Sequence[Any] | dict[str, Any] = 0,
) -> Callable[..., Any]:
    """Make a function of single examples one of batches, computed all at once where the framework can.

    Parameters
    ----------
    f : callable
        Takes and gives structures of tensors.
    in_axes : int, None or structure of them, default 0
        Along which axis of an argument the examples lie; ``None`` for one that all of them share. One for all
        arguments, or a sequence of one each, where a structure of axes goes with an argument that is a structure.
    out_axes : int or structure of int, default 0
        Where the axis goes in the results.

    Returns
    -------
    callable
        With the arguments of `f`; keyword arguments have their examples along the first axis.

    Raises
    ------
    ValueError
        When called, if an axis does not exist, their sizes differ, no argument has one, or `in_axes` has not one entry
        for each argument.

    Examples
    --------
    >>> x, y = ops.convert_to_tensor([[1.0, 2.0], [3.0, 4.0]]), ops.convert_to_tensor([1.0, 10.0])
    >>> vmap(ops.dot, in_axes=(0, None))(x, y).tolist()
    [21.0, 43.0]
    """

    def mapped(*args: Any, **kwargs: Any) -> Any:
        if isinstance(in_axes, (list, tuple)) and len(in_axes) != len(args):
            raise ValueError(f"vmap(in_axes={in_axes!r}): expected one for each of {len(args)} arguments")
        axes = [*_spread(in_axes, tuple(args), "in_axes"), *[0] * len(tree.flatten(kwargs))]
        leaves = tree.flatten((args, kwargs))
        moved = [i for i, (axis, x) in enumerate(zip(axes, leaves, strict=True)) if axis is not None and x is not None]
        if not moved:
            raise ValueError(f"vmap(in_axes={in_axes!r}): no argument has an axis to go along")

        def of_rows(rows: Sequence[Any]) -> Any:
            filled = list(leaves)
            for i, row in zip(moved, rows, strict=True):
                filled[i] = row
            positional, keyword = tree.pack_sequence_as((args, kwargs), filled)
            return f(*positional, **keyword)

        result = ops.vectorized_map(of_rows, [_to_front(leaves[i], axes[i]) for i in moved])
        places = _spread(out_axes, result, "out_axes")
        if None in places:
            raise ValueError(f"vmap(out_axes={out_axes!r}): every result has an axis of examples")
        results = [_from_front(y, place) for y, place in zip(tree.flatten(result), places, strict=True)]
        return tree.pack_sequence_as(result, results)

    return mapped


def _spread(axes: Any, structure: Any, what: str) -> list[Any]:
    """Axis of each leaf of a structure, from one for all or a structure of axes that goes as deep as it likes."""
    if axes is None or isinstance(axes, int):
        return [axes] * len(tree.flatten(structure))
    if isinstance(axes, dict) and isinstance(structure, dict) and axes.keys() == structure.keys():
        by_key = {key: _Axes(_spread(axes[key], structure[key], what)) for key in structure}
        return [axis for group in tree.flatten(by_key) for axis in group.axes]
    if isinstance(axes, (list, tuple)) and isinstance(structure, (list, tuple)) and len(axes) == len(structure):
        return [axis for a, part in zip(axes, structure, strict=True) for axis in _spread(a, part, what)]
    raise ValueError(f"vmap(): {what}={axes!r} does not fit a structure {tree.map_structure(lambda x: '*', structure)}")


class _Axes:
    """Axes of the leaves of a part, to be put in the order in which the parts are flattened."""

    def __init__(self, axes: list[Any]) -> None:
        self.axes = axes


def _to_front(x: Any, axis: int) -> Any:
    x = ops.convert_to_tensor(x)
    rank = len(x.shape)
    if not -rank <= axis < rank:
        raise ValueError(f"vmap(): there is no axis {axis} in an argument of shape {tuple(x.shape)}")
    return x if axis == 0 else ops.moveaxis(x, axis, 0)


def _from_front(y: Any, axis: int) -> Any:
    return y if y is None or axis == 0 else ops.moveaxis(y, 0, axis)
