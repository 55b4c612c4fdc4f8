"""Axes split, reordered and merged by a pattern that names them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from dl_ops import ops
from dl_ops.core.tensors import ndim
from dl_ops.core.tensors import shape as shape_of
from dl_ops.op import op
from dl_ops.rules import kept, product
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = ["rearrange"]

Group = tuple[str, ...]
"""Names of the axes that one axis of a tensor stands for, the last running fastest."""

_DOTS: Final = "..."
_TOKENS: Final = re.compile(r"\.\.\.|[()]|\w+|\S")


def _groups(side: str, pattern: str) -> list[Group | str]:
    """Axes on one side of a pattern: 1 is one of no name, ``...`` stays, bare where it is not in parentheses."""
    groups: list[Group | str] = []
    inside: list[str] | None = None
    for token in _TOKENS.findall(side):
        if token == "(" and inside is None:
            inside = []
        elif token == ")" and inside is not None:
            groups.append(tuple(inside))
            inside = None
        elif token == _DOTS or token.isidentifier():
            if inside is not None:
                inside.append(token)
            else:
                groups.append(_DOTS if token == _DOTS else (token,))
        elif token == "1":
            if inside is None:
                groups.append(())
        else:
            raise ValueError(f"pattern={pattern!r}: {token!r} is not expected there")
    if inside is not None:
        raise ValueError(f"pattern={pattern!r}: a parenthesis is not closed")
    names = _names(groups)
    if len(set(names)) != len(names):
        raise ValueError(f"pattern={pattern!r}: {side.strip()!r} names an axis twice")
    return groups


def _names(groups: Sequence[Group | str]) -> list[str]:
    return [name for group in groups for name in ((group,) if isinstance(group, str) else group)]


@lru_cache(maxsize=512)
def _parsed(pattern: str, rank: int) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
    """Axes of the tensor and of the result, with names for those that ``...`` stands for."""
    before, arrow, after = pattern.partition("->")
    if not arrow or "->" in after:
        raise ValueError(f"pattern={pattern!r}: expected axes before and after one '->'")
    left, right = _groups(before, pattern), _groups(after, pattern)
    if set(_names(left)) != set(_names(right)):
        raise ValueError(f"pattern={pattern!r}: both sides must name the same axes")
    dots = _DOTS in left
    if _DOTS in _names(left) and not dots:
        raise ValueError(f"pattern={pattern!r}: '...' must not be in parentheses before '->'")
    extra = rank - len(left) + dots
    if extra < 0 or (extra and not dots):
        raise ValueError(f"pattern={pattern!r} has {len(left) - dots} axes, the tensor has {rank} dimensions")
    more = tuple(f"{_DOTS}{i}" for i in range(extra))
    return _filled(left, more), _filled(right, more)


def _filled(groups: Sequence[Group | str], more: Group) -> tuple[Group, ...]:
    """Axes with the names `more` where there is ``...``."""
    filled: list[Group] = []
    for group in groups:
        if isinstance(group, str):
            filled.extend((name,) for name in more)
        else:
            filled.append(tuple(n for name in group for n in (more if name == _DOTS else (name,))))
    return tuple(filled)


def _sizes(groups: Sequence[Group], shape: Shape, lengths: Mapping[str, Any], pattern: str) -> dict[str, int | None]:
    """Size of every axis that has a name."""
    unknown = set(lengths) - {name for group in groups for name in group}
    if unknown:
        raise ValueError(f"pattern={pattern!r} has no axis {', '.join(sorted(unknown))}, of which a length is given")
    sizes: dict[str, int | None] = {}
    for group, total in zip(groups, shape, strict=True):
        given = {name: _length(name, lengths[name]) for name in group if name in lengths}
        rest = [name for name in group if name not in given]
        known = math.prod(given.values())
        if len(rest) > 1:
            raise ValueError(f"pattern={pattern!r}: lengths are needed of all but one of the axes {', '.join(rest)}")
        if total is not None and (total % known if rest else total != known):
            raise ValueError(
                f"pattern={pattern!r}: an axis of size {total} does not split into ({' '.join(group)}) with {given}"
            )
        sizes.update(given)
        sizes.update(dict.fromkeys(rest, None if total is None else total // known))
    return sizes


def _length(name: str, length: Any) -> int:
    if not hasattr(length, "__index__") or length.__index__() < 1:
        raise ValueError(f"{name}={length!r}: expected a positive integer")
    return int(length.__index__())


def _rearranged(tensor: KerasTensor, pattern: str, **axes_lengths: Any) -> Shape:
    left, right = _parsed(pattern, len(tensor.shape))
    sizes = _sizes(left, tensor.shape, axes_lengths, pattern)
    return tuple(product([sizes[name] for name in group]) for group in right)


@op(shape=_rearranged, dtype=kept)
def rearrange(tensor: TensorLike, pattern: str, **axes_lengths: int) -> Tensor:
    """Split, reorder and merge axes as a pattern says.

    Parameters
    ----------
    tensor : tensor_like
    pattern : str
        Names of the axes of `tensor` and, after ``->``, of the result, with spaces between them. Names in parentheses
        are together one axis, the last running fastest; ``1`` or ``()`` is an axis of size 1, ``...`` any number of
        axes.
    **axes_lengths : int
        Sizes of axes by name; in every pair of parentheses before the arrow, all but one must be given.

    Returns
    -------
    tensor

    Raises
    ------
    ValueError
        If the pattern does not parse, or it or a length does not fit the shape.

    References
    ----------
    Rogozhnikov, "Einops: Clear and Reliable Tensor Manipulations with Einstein-like Notation", ICLR 2022.

    Examples
    --------
    >>> rearrange([[1, 2, 3], [4, 5, 6]], "rows columns -> columns rows").tolist()
    [[1, 4], [2, 5], [3, 6]]
    >>> rearrange([1, 2, 3, 4], "(a b) -> b a", b=2).tolist()
    [[1, 3], [2, 4]]
    """
    left, right = _parsed(pattern, ndim(tensor))
    sizes = _sizes(left, shape_of(tensor), axes_lengths, pattern)
    before = [name for group in left for name in group]
    after = [name for group in right for name in group]
    y = _split(tensor, left, sizes)
    order = tuple(before.index(name) for name in after)
    if order != tuple(range(len(order))):
        y = ops.transpose(y, order)
    result: Tensor = _merged(y, right, sizes)
    return result


def _split(x: TensorLike, groups: Sequence[Group], sizes: Mapping[str, int | None]) -> Any:
    """`x` with an axis for every name."""
    flat = [sizes[name] for group in groups for name in group]
    if all(len(group) == 1 for group in groups):
        return x
    if flat.count(None) < 2:
        return ops.reshape(x, flat)
    # of several sizes that are not known, a reshape finds those in the same places as before, and one besides: so one
    # axis after the other is split, each time the last
    axis = 0
    for group in groups:
        own = shape_of(x)
        parts = [sizes[name] for name in group]
        if len(group) != 1:
            last = ops.moveaxis(x, axis, -1)
            x = ops.reshape(last, (*own[:axis], *own[axis + 1 :], *parts))
            rank = ndim(x)
            x = ops.moveaxis(x, tuple(range(rank - len(parts), rank)), tuple(range(axis, axis + len(parts))))
        axis += len(group)
    return x


def _merged(x: Any, groups: Sequence[Group], sizes: Mapping[str, int | None]) -> Any:
    """Inverse of `_split`."""
    if all(len(group) == 1 for group in groups):
        return x
    totals = [product([sizes[name] for name in group]) for group in groups]
    if totals.count(None) < 2:
        return ops.reshape(x, totals)
    for axis, (group, total) in enumerate(zip(groups, totals, strict=True)):
        if len(group) != 1:
            own, count = shape_of(x), len(group)
            rank = len(own)
            last = ops.moveaxis(x, tuple(range(axis, axis + count)), tuple(range(rank - count, rank)))
            x = ops.moveaxis(ops.reshape(last, (*own[:axis], *own[axis + count :], total)), -1, axis)
    return x
