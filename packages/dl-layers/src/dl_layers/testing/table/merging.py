"""Cases of layers with several inputs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing.arrays import apart, draw, integers
from dl_ops.typing import Array

_FOLDS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "Add": np.add,
    "Multiply": np.multiply,
    "Maximum": np.maximum,
    "Minimum": np.minimum,
}


def _folded(name: str) -> Any:
    return lambda w, xs: functools.reduce(_FOLDS[name], xs)


def _apart(count: int, *shape: int) -> list[Array]:
    """Inputs no two of whose elements are equal, so that the largest is one alone."""
    return list(apart(count, *shape) / 8)


def _dot(first: int, second: int, *, normalize: bool = False) -> Any:
    """Example by example."""

    def reference(weights: Any, xs: list[Array]) -> Array:
        results = []
        for x, y in zip(*xs, strict=True):
            if normalize:
                x = x / np.linalg.norm(x, axis=first - 1, keepdims=True)
                y = y / np.linalg.norm(y, axis=second - 1, keepdims=True)
            results.append(np.atleast_1d(np.tensordot(x, y, (first - 1, second - 1))))
        return np.stack(results)

    return reference


# axes, and the shapes of the inputs
_DOTS: Final[list[tuple[Any, tuple[int, ...], tuple[int, ...]]]] = [
    (1, (3, 4), (3, 4)),
    (-1, (2, 5, 3), (2, 4, 3)),
    ((2, 1), (2, 5, 3), (2, 3, 4)),
    ((1, 3), (2, 3), (2, 4, 5, 3)),
    ((3, 1), (2, 2, 4, 3), (2, 3)),
    ((2, 2), (2, 4, 3, 5), (2, 6, 3)),
]


def _first_and_second(axes: Any, shapes: Any) -> list[int]:
    pair = (axes, axes) if isinstance(axes, int) else axes
    return [axis % len(shape) for axis, shape in zip(pair, shapes, strict=True)]


CASES: Final = [
    *(LayerCase(Recipe(name), (_apart(3, 3, 4),), reference=_folded(name), unknown=(0, 1)) for name in _FOLDS),
    *(
        LayerCase(Recipe(name), ([draw(3, 2, 4), draw(3, 1, 4) + 5],), reference=_folded(name), label="broadcast")
        for name in _FOLDS
    ),
    *(
        LayerCase(
            Recipe(name),
            ([draw(3, 4), draw(3, 2, 4) + 5],),
            reference=lambda w, xs, name=name: _FOLDS[name](xs[0][:, None], xs[1]),
            label="ranks",
        )
        for name in _FOLDS
    ),
    LayerCase(Recipe("Maximum"), ([draw(3, 4)],), reference=lambda w, xs: xs[0], label="one"),
    LayerCase(
        Recipe("Add"),
        ([integers(0, 9, 3, 4), integers(0, 9, 3, 4)],),
        reference=lambda w, xs: xs[0] + xs[1],
        gradient=False,
        label="integers",
    ),
    LayerCase(
        Recipe("Subtract"), ([draw(3, 4), draw(3, 4)[::-1]],), reference=lambda w, xs: xs[0] - xs[1], unknown=(0, 1)
    ),
    LayerCase(
        Recipe("Subtract"),
        ([draw(3, 4), draw(3, 2, 4)],),
        reference=lambda w, xs: xs[0][:, None] - xs[1],
        label="ranks",
    ),
    LayerCase(Recipe("Average"), (_apart(3, 3, 4),), reference=lambda w, xs: sum(xs) / 3, unknown=(0, 1)),
    LayerCase(
        Recipe("Average"),
        ([draw(3, 4), draw(3, 2, 4)],),
        reference=lambda w, xs: (xs[0][:, None] + xs[1]) / 2,
        label="ranks",
    ),
    LayerCase(
        Recipe("Average"),
        ([integers(0, 9, 3, 4), integers(0, 9, 3, 4)],),
        reference=lambda w, xs: (xs[0] + xs[1]) / 2,
        gradient=False,
        label="integers",
    ),
    LayerCase(Recipe("Concatenate"), ([draw(3, 4), draw(3, 2)],), reference=lambda w, xs: np.concatenate(xs, -1)),
    LayerCase(
        Recipe("Concatenate", axis=1),
        ([draw(3, 4, 2), draw(3, 1, 2), draw(3, 2, 2)],),
        reference=lambda w, xs: np.concatenate(xs, 1),
        unknown=(0, 1),
    ),
    *(
        LayerCase(
            Recipe("Dot", axes=axes),
            ([draw(*shapes[0]), draw(*shapes[1])],),
            reference=_dot(*_first_and_second(axes, shapes)),
            label=f"{axes}-{shapes[0]}-{shapes[1]}",
        )
        for axes, *shapes in _DOTS
    ),
    LayerCase(
        Recipe("Dot", axes=(2, 1), normalize=True),
        ([draw(2, 5, 3), draw(2, 3, 4)],),
        reference=_dot(2, 1, normalize=True),
        unknown=(0,),
    ),
]
