"""Functions run along an axis of tensors: one element after the other, on all at once, or as running results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dl_ops import ops, tree
from dl_ops.backend.contract import UnsupportedOp
from dl_ops.backend.registry import current_backend
from dl_ops.core.control_flow.structures import (
    check_alike,
    check_callable,
    check_structure,
    common_length,
    nothing,
    row,
    specs,
    stacked,
    symbolically,
    tensors,
    with_leading_axis,
    without_leading_axis,
)
from dl_ops.op import op
from dl_ops.rules import standardize_axis
from dl_ops.typing import Structure

__all__ = ["associative_scan", "map", "scan", "vectorized_map"]


def _scan_spec(
    f: Callable[[Any, Any], Any],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: Any = 1,
) -> Any:
    check_callable(f=f)
    steps = common_length(xs, length)
    carry, y = symbolically(f, init, without_leading_axis(xs))
    check_alike(carry, init, "the carry that f gives", "init")
    return init, with_leading_axis(y, steps)


@op(spec=_scan_spec)
def scan(
    f: Callable[[Any, Any], Any],
    init: Structure,
    xs: Structure = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[Any, Any]:
    """Run a function along the leading axis of tensors, handing a state from step to step.

    Parameters
    ----------
    f : callable
        ``f(carry, x)`` gives the next carry, of the same structure, shapes and dtypes, and the step's result, which may
        be ``None``.
    init : structure of tensor_like
        First carry.
    xs : structure of tensor_like, shape (steps, ...), optional
        `f` gets a row of each.
    length : int, optional
        Number of steps; needed without `xs`.
    reverse : bool, default False
        Begin with the last row. The results still stand at the places of their rows.
    unroll : int or bool, default 1
        How many steps a compiler should put into one iteration; has no effect on the result.

    Returns
    -------
    carry : structure
        The last one.
    ys : structure of tensor, shape (steps, ...)
        The results of all steps.

    Raises
    ------
    ValueError
        If the leading axes differ, or nothing says how many steps there are.

    Examples
    --------
    >>> total, sums = scan(lambda carry, x: (carry + x, carry + x), 0, ops.arange(1, 4))
    >>> int(total), sums.tolist()
    (6, [1, 3, 6])
    """
    steps = common_length(xs, length)
    if steps is None:
        raise UnsupportedOp(
            "scan(): the leading axis of xs is unknown while tracing, and the backend has no kernel for this"
        )
    carry = init
    rows: list[Any] = [None] * steps
    for i in reversed(range(steps)) if reverse else range(steps):
        after, rows[i] = f(carry, row(xs, i))
        if carry is init:
            check_structure(after, init, "the carry that f gives", "init")
        carry = tensors(after)
    if not rows:
        _, y = symbolically(f, specs(init), without_leading_axis(specs(xs)))
        return carry, nothing(y)
    return carry, stacked(rows)


def _map_spec(f: Callable[[Any], Any], xs: Any) -> Any:
    check_callable(f=f)
    rows = common_length(xs, None)
    return with_leading_axis(symbolically(f, without_leading_axis(xs)), rows)


@op(spec=_map_spec)
def map(f: Callable[[Any], Any], xs: Structure) -> Any:
    """Run a function on each row of tensors, one after the other.

    Parameters
    ----------
    f : callable
        Takes a structure like `xs` of rows, gives a structure of tensors.
    xs : structure of tensor_like, shape (rows, ...)

    Returns
    -------
    structure of tensor, shape (rows, ...)

    Raises
    ------
    ValueError
        If the leading axes differ.

    Examples
    --------
    >>> map(ops.sum, ops.convert_to_tensor([[1, 2], [3, 4]])).tolist()
    [3, 7]
    """
    rows = common_length(xs, None)
    if rows is None:
        raise UnsupportedOp("map(): the leading axis is unknown while tracing, and the backend has no kernel for this")
    if not rows:
        return nothing(symbolically(f, without_leading_axis(specs(xs))))
    return stacked([f(row(xs, i)) for i in range(rows)])


def _vectorized_spec(function: Callable[[Any], Any], elements: Any) -> Any:
    check_callable(function=function)
    rows = common_length(elements, None, "elements")
    return with_leading_axis(symbolically(function, without_leading_axis(elements)), rows)


@op(spec=_vectorized_spec)
def vectorized_map(function: Callable[[Any], Any], elements: Structure) -> Any:
    """Run a function on all rows of tensors at once, where the framework can, as if on each by itself.

    Parameters
    ----------
    function : callable
        Takes a structure like `elements` of rows, gives a structure of tensors.
    elements : structure of tensor_like, shape (rows, ...)

    Returns
    -------
    structure of tensor, shape (rows, ...)

    Raises
    ------
    ValueError
        If the leading axes differ.

    Examples
    --------
    >>> x = ops.convert_to_tensor([[1, 2], [3, 4]])
    >>> vectorized_map(lambda pair: ops.sum(pair[0] * pair[1]), (x, x)).tolist()
    [5, 25]
    """
    leaves = [x for x in tree.flatten(elements) if x is not None]
    if common_length(elements, None, "elements") == 0:
        return nothing(symbolically(function, without_leading_axis(specs(elements))))
    results: list[Any] = []

    def flat(*rows: Any) -> list[Any]:
        rest = iter(rows)
        results[:] = [function(tree.map_structure(lambda x: x if x is None else next(rest), elements))]
        return [ops.convert_to_tensor(y) for y in tree.flatten(results[0]) if y is not None]

    stacks = iter(current_backend().vmap(flat, leaves))
    return tree.map_structure(lambda y: y if y is None else next(stacks), results[0])


def _associative_spec(f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    check_callable(f=f)
    _common_size(tree.flatten(elems), axis)
    result = symbolically(f, elems, elems)
    check_alike(result, elems, "the result of f", "elems")
    return elems


def _common_size(leaves: Sequence[Any], axis: int) -> int | None:
    sizes = {x.shape[standardize_axis(axis, len(x.shape))] for x in leaves} - {None}
    if len(sizes) > 1:
        raise ValueError(f"elems: sizes along axis {axis} differ: {sorted(sizes)}")
    return sizes.pop() if sizes else None


@op(spec=_associative_spec)
def associative_scan(f: Callable[[Any, Any], Any], elems: Structure, reverse: bool = False, axis: int = 0) -> Any:
    """Running results of an associative operation along an axis, in a number of rounds logarithmic in the length.

    Parameters
    ----------
    f : callable
        ``f(a, b)`` combines structures like `elems` element by element, and is associative: ``f(f(a, b), c) == f(a,
        f(b, c))``.
    elems : structure of tensor_like
        All of the same size along `axis`.
    reverse : bool, default False
        Begin at the end.
    axis : int, default 0

    Returns
    -------
    structure of tensor
        Like `elems`: its first element, the first two combined, and so on.

    Raises
    ------
    ValueError
        If the sizes along `axis` differ.

    References
    ----------
    Blelloch, "Prefix Sums and Their Applications", CMU-CS-90-190.

    Examples
    --------
    >>> associative_scan(lambda a, b: a + b, ops.arange(1, 5)).tolist()
    [1, 3, 6, 10]
    """
    leaves = tree.flatten(elems)
    size = _common_size(leaves, axis)
    if size is None:
        raise UnsupportedOp(
            "associative_scan(): the size is unknown while tracing, and the backend has no kernel for this"
        )
    if reverse:
        leaves = [ops.flip(x, axis=axis) for x in leaves]

    def combine(a: list[Any], b: list[Any]) -> list[Any]:
        return tree.flatten(f(tree.pack_sequence_as(elems, a), tree.pack_sequence_as(elems, b)))

    result = _prefixes(combine, leaves, size, axis)
    if reverse:
        result = [ops.flip(x, axis=axis) for x in result]
    return tree.pack_sequence_as(elems, result)


def _prefixes(
    combine: Callable[[list[Any], list[Any]], list[Any]], leaves: list[Any], size: int, axis: int
) -> list[Any]:
    if size < 2:
        return leaves

    def part(xs: list[Any], start: int, stop: int | None, step: int) -> list[Any]:
        return [x[(slice(None),) * (axis % len(x.shape)) + (slice(start, stop, step),)] for x in xs]

    # prefixes that end at odd places come from pairs, half as many; the others from these and one element more
    pairs = combine(part(leaves, 0, size - 1, 2), part(leaves, 1, None, 2))
    odd = _prefixes(combine, pairs, size // 2, axis)
    first = part(leaves, 0, 1, 1)
    if size == 2:
        even = first
    else:
        rest = combine(part(odd, 0, (size - 1) // 2, 1), part(leaves, 2, None, 2))
        even = [ops.concatenate([a, b], axis=axis) for a, b in zip(first, rest, strict=True)]
    half = size - size // 2
    order = [i // 2 if i % 2 == 0 else half + i // 2 for i in range(size)]
    return [ops.take(ops.concatenate([a, b], axis=axis), order, axis=axis) for a, b in zip(even, odd, strict=True)]
