"""Masks of attention: which keys each query may look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dl_ops import ops
from dl_ops.typing import Shape, Tensor


def combined(parts: Sequence[Tensor]) -> Tensor | None:
    """Where all masks are true; ``None`` if there is none."""
    result = None
    for part in parts:
        result = part if result is None else ops.logical_and(result, part)
    return result


def of_queries(mask: Tensor, axes: int = 1) -> Tensor:
    """Mask of queries, shape (batch, ..., positions), as one of scores: with size 1 for the keys' `axes`."""
    mask = ops.cast(mask, "bool")
    return ops.expand_dims(mask, tuple(range(-axes, 0)))


def of_keys(mask: Tensor, axes: int = 1) -> Tensor:
    """Mask of keys, shape (batch, ..., positions), as one of scores: with size 1 for the queries' `axes`."""
    mask = ops.cast(mask, "bool")
    return ops.expand_dims(mask, tuple(range(-2 * axes, -axes)))


def causal(queries: Any, keys: Any) -> Tensor:
    """Mask of shape (queries, keys) that lets a query look at keys up to its own position."""
    return ops.greater_equal(*_positions(queries, keys))


def near(queries: Any, keys: Any, window: int) -> Tensor:
    """Mask of shape (queries, keys) that lets a query look at keys less than `window` positions away."""
    return ops.less(ops.absolute(ops.subtract(*_positions(queries, keys))), window)


def _positions(queries: Any, keys: Any) -> tuple[Tensor, Tensor]:
    return ops.expand_dims(ops.arange(queries, dtype="int32"), 1), ops.arange(keys, dtype="int32")


def fitted(masks: Mapping[str, Tensor], scores: Shape, axes: int) -> list[Tensor]:
    """Masks with the axes of the scores, that of the heads among them.

    Parameters
    ----------
    masks : mapping from str to tensor of bool
        By the name of the argument that each comes from; shape (batch, ..., query positions, key positions).
    scores : tuple
        Shape of the scores: (batch, ..., heads, query positions, key positions).
    axes : int
        Number of axes that the positions of queries have, and those of keys.

    Raises
    ------
    ValueError
        If a mask does not broadcast to the scores.
    """
    fitting = []
    for name, mask in masks.items():
        given, missing = tuple(mask.shape), len(scores) - len(mask.shape)
        if missing > 0:
            # one for the positions alone is for all of the batch
            batched = len(given) > 2 * axes
            mask = ops.expand_dims(mask, tuple(range(-2 * axes - missing, -2 * axes) if batched else range(missing)))
        if not fits(tuple(mask.shape), scores):
            without_heads = (*scores[: -2 * axes - 1], *scores[-2 * axes :])
            raise ValueError(f"{name} has shape {given}: expected one that broadcasts to {without_heads}")
        fitting.append(mask)
    return fitting


def fits(shape: Shape, wanted: Shape) -> bool:
    """Whether a mask of a shape broadcasts to the shape that is wanted; unknown sizes do."""
    if len(shape) > len(wanted):
        return False
    sizes = zip(reversed(shape), reversed(wanted), strict=False)
    return all(None in (have, want) or have in (1, want) for have, want in sizes)
