"""Sizes of the states of cells, and what cells of one's own may leave out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dl_layers.layer import Layer
from dl_ops import ops
from dl_ops.typing import Shape


def as_list(states: Any) -> list[Any]:
    """States as a list, a single one too."""
    return list(states) if isinstance(states, (list, tuple)) else [states]


def check_cell(cell: Any, owner: str, argument: str) -> None:
    """Raise a ``ValueError`` if `cell` lacks what a cell must have."""
    for needed in ("call", "state_size"):
        if not hasattr(cell, needed):
            raise ValueError(f"{owner}({argument}={cell!r}): a cell must have {needed!r}")


def state_shapes(state_size: Any, batch_size: Any) -> list[Any]:
    """Shapes of a cell's states: its sizes are numbers of features or, for states of other ranks, tuples.

    Examples
    --------
    >>> state_shapes(3, 2), state_shapes([3, (4, 4, 3)], None)
    ([(2, 3)], [(None, 3), (None, 4, 4, 3)])
    >>> state_shapes([3, [4, 4]], 2)  # of cells one above the other
    [(2, 3), [(2, 4), (2, 4)]]
    """
    return [_shape_of(size, batch_size) for size in as_list(state_size)]


def _shape_of(size: Any, batch_size: Any) -> Any:
    if isinstance(size, list):
        return [_shape_of(item, batch_size) for item in size]
    return (batch_size, *size) if isinstance(size, tuple) else (batch_size, size)


def output_shape(cell: Any, batch_size: Any) -> Shape:
    """Shape of a cell's output for one step: of its `output_size` or, if it has none, of its first state."""
    size = getattr(cell, "output_size", None)
    if size is None:
        size = as_list(cell.state_size)[0]
    while isinstance(size, list):
        size = size[0]
    shape: Shape = _shape_of(size, batch_size)
    return shape


def initial_states(cell: Any, batch_size: Any, dtype: str) -> list[Any]:
    """What a cell gives for the beginning of a batch of sequences, zeros if it gives nothing."""
    if hasattr(cell, "get_initial_state"):
        return as_list(cell.get_initial_state(batch_size=batch_size))
    return [
        [ops.zeros(part, dtype=dtype) for part in shape] if isinstance(shape, list) else ops.zeros(shape, dtype=dtype)
        for shape in state_shapes(cell.state_size, batch_size)
    ]


def run_cell(cell: Any, training: bool | None) -> Callable[[Any, Any], tuple[Any, list[Any]]]:
    """Return ``step(inputs, states)``, which hands a cell the training flag if it takes one."""
    function = cell if callable(cell) else cell.call
    options = {"training": training} if isinstance(cell, Layer) and cell._signature.takes_training else {}

    def step(inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        output, new = function(inputs, states, **options)
        return output, as_list(new)

    return step


def flat_shapes(shapes: list[Any]) -> list[Shape]:
    """Shapes in nested lists, in order."""
    return [leaf for item in shapes for leaf in (flat_shapes(item) if isinstance(item, list) else [item])]


def packed(shapes: list[Any], leaves: list[Any]) -> list[Any]:
    """Tensors in lists nested as those of shapes."""
    remaining = iter(leaves)

    def fill(items: list[Any]) -> list[Any]:
        return [fill(item) if isinstance(item, list) else next(remaining) for item in items]

    return fill(shapes)
