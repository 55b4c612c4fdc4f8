"""Cells one above the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.parts import part_config, part_from_config
from dl_layers.recurrent.states import as_list, check_cell, initial_states, output_shape, run_cell
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor


@public("keras.layers.StackedRNNCells")
class StackedRNNCells(Layer):
    """Several cells that behave as one: each gets the output of the one below as its input.

    Shapes: ``(batch, features)`` and a list of states for each cell give the last cell's output and the new states.

    Parameters
    ----------
    cells : sequence of Layer
        Cells as for `RNN`, the lowest first.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If there are no cells, or one lacks what a cell must have.

    Examples
    --------
    >>> from dl_layers.recurrent import RNN, GRUCell, LSTMCell
    >>> RNN(StackedRNNCells([GRUCell(3), LSTMCell(4)]))(ops.ones((2, 5, 6))).shape
    (2, 4)
    """

    def __init__(self, cells: Sequence[Any], **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        if not isinstance(cells, (list, tuple)) or not cells:
            raise ValueError(f"StackedRNNCells(cells={cells!r}): expected a list of cells")
        for cell in cells:
            check_cell(cell, "StackedRNNCells", "cells")
        self.cells = list(cells)

    @property
    def state_size(self) -> list[list[Any]]:
        """Sizes of the states of each cell."""
        return [as_list(cell.state_size) for cell in self.cells]

    @property
    def output_size(self) -> Any:
        """Size of the last cell's output."""
        shape = output_shape(self.cells[-1], None)[1:]
        return shape[0] if len(shape) == 1 else shape

    def build(self, input_shape: Shape) -> None:
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(input_shape)
            input_shape = output_shape(cell, input_shape[0])

    def get_initial_state(self, batch_size: Any = None) -> list[list[Tensor]]:
        """Return what each cell begins a batch of sequences with."""
        return [initial_states(cell, batch_size, self.compute_dtype) for cell in self.cells]

    def begin_sequence(self, inputs: Tensor, states: Any) -> None:
        """Have the cells draw the dropout of a sequence with inputs and states like these of a step."""
        for cell, own in zip(self.cells, states, strict=True):
            if hasattr(cell, "begin_sequence"):
                cell.begin_sequence(inputs, own)
            inputs = ops.zeros(output_shape(cell, ops.shape(inputs)[0]), dtype=inputs.dtype)

    def end_sequence(self) -> None:
        """Have the cells forget it."""
        for cell in self.cells:
            if hasattr(cell, "end_sequence"):
                cell.end_sequence()

    def call(self, inputs: Tensor, states: Any, training: bool | None = False) -> tuple[Tensor, list[Any]]:
        """Compute one step.

        Parameters
        ----------
        inputs : tensor, shape (batch, features)
        states : list
            For each cell a list of its states, or its state if it has one.
        training : bool, optional

        Returns
        -------
        output : tensor
            The last cell's.
        states : list
            The new ones, nested as the old.
        """
        if not isinstance(states, (list, tuple)) or len(states) != len(self.cells):
            count = len(states) if isinstance(states, (list, tuple)) else f"a {type(states).__name__}"
            raise ValueError(f"states: expected those of {len(self.cells)} cells, got {count}")
        after: list[Any] = []
        for cell, own in zip(self.cells, states, strict=True):
            inputs, new = run_cell(cell, training)(inputs, as_list(own))
            after.append(new if isinstance(own, (list, tuple)) else new[0])
        return inputs, after

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cells": [part_config(cell) for cell in self.cells]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**{**config, "cells": [part_from_config(cell) for cell in config["cells"]]})
