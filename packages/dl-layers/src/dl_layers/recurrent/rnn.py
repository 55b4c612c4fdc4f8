"""A cell run over the steps of a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np

from dl_layers.layer import InputSpec, Layer, LayerOptions
from dl_ops import ops, tree
from dl_ops.backend import backend_scope
from dl_ops.objects import deserialize_keras_object, public, serialize_keras_object
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


@public("keras.layers.RNN")
class RNN(Layer):
    """Run a cell over the steps of sequences.

    Shapes: ``(batch, steps, features) -> (batch, units)``, or ``(batch, steps, units)`` with `return_sequences`.

    Parameters
    ----------
    cell : Layer
        With ``call(inputs, states) -> (output, states)``, `state_size` and `output_size`.
    return_sequences : bool, default False
        Whether to return the outputs of all steps, not of the last alone.
    return_state : bool, default False
        Whether to return the last states too.
    go_backwards : bool, default False
        Whether to begin with the last step; outputs come in the order they were computed.
    stateful : bool, default False
        Whether a batch begins with the states that the batch before ended with.
    unroll : bool, default False
        Whether the loop over steps is unrolled when a step is compiled.
    zero_output_for_mask : bool, default False
        Whether outputs of masked steps are zero, not those of the step before.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `cell` is no cell, or a stateful layer is built without a batch size.

    Examples
    --------
    >>> from dl_layers.recurrent import LSTMCell
    >>> RNN(LSTMCell(4), return_sequences=True)(ops.ones((2, 5, 3))).shape
    (2, 5, 4)
    """

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        for needed in ("call", "state_size"):
            if not hasattr(cell, needed):
                raise ValueError(f"RNN(cell={cell!r}): a cell must have {needed!r}")
        self.cell = cell
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.stateful, self.unroll = go_backwards, stateful, unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.supports_masking = True
        self.input_spec = InputSpec(ndim=3)
        self.states: Any = None

    # -- building ---------------------------------------------------------------------------------------------------

    def build(self, sequences_shape: Shape, initial_state_shape: Any = None) -> None:
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build((sequences_shape[0], *sequences_shape[2:]))
        if self.stateful:
            if sequences_shape[0] is None:
                raise ValueError(
                    f"{type(self).__name__} {self.name!r} is stateful, so the input needs a known batch size: "
                    "give Input(batch_shape=...) or batch_size="
                )
            sizes, batch_size = self.cell.state_size, sequences_shape[0]
            with backend_scope(self._own_backend()):
                states = [
                    Variable(np.zeros((batch_size, size)), dtype=self.variable_dtype, trainable=False, name="rnn_state")
                    for size in (sizes if isinstance(sizes, (list, tuple)) else [sizes])
                ]
            self._untracked("states", states)

    def _hidden_state(self) -> Sequence[Variable]:
        return self.states or ()

    def get_initial_state(self, batch_size: Any) -> list[Tensor]:
        """Zero states, or what the cell gives, for a batch."""
        if hasattr(self.cell, "get_initial_state"):
            states = self.cell.get_initial_state(batch_size=batch_size)
        else:
            sizes = self.cell.state_size
            states = [
                ops.zeros((batch_size, size), dtype=self.compute_dtype)
                for size in (sizes if isinstance(sizes, (list, tuple)) else [sizes])
            ]
        return list(states) if isinstance(states, (list, tuple)) else [states]

    def reset_states(self) -> None:
        """Set the states of a stateful layer to zero."""
        for state in self.states or ():
            state.assign(ops.zeros(state.shape, dtype=state.dtype))

    # -- computing --------------------------------------------------------------------------------------------------

    def call(
        self, sequences: Tensor, initial_state: Any = None, mask: Tensor | None = None, training: bool | None = False
    ) -> Any:
        """Run over the sequences.

        Parameters
        ----------
        sequences : tensor, shape (batch, steps, features)
        initial_state : list of tensor, optional
            Zeros by default.
        mask : tensor of bool, shape (batch, steps), optional
            Where it is false, states stay as they are.
        training : bool, optional

        Returns
        -------
        tensor, or tuple of tensors
        """
        if initial_state is None:
            if self.stateful:
                initial_state = [state.value for state in self.states]
            else:
                initial_state = self.get_initial_state(ops.shape(sequences)[0])
        elif not isinstance(initial_state, (list, tuple)):
            initial_state = [initial_state]
        states = self._checked_states([ops.convert_to_tensor(x) for x in initial_state])
        if mask is not None and tuple(mask.shape) != tuple(sequences.shape[:2]):
            raise ValueError(
                f"mask of shape {tuple(mask.shape)} for sequences of shape {tuple(sequences.shape)}: "
                "expected one value for each step"
            )
        # time first, as loops over the first axis are natural everywhere
        steps = ops.transpose(sequences, (1, 0, *range(2, len(sequences.shape))))
        mask = None if mask is None else ops.expand_dims(ops.transpose(ops.cast(mask, "bool"), (1, 0)), -1)
        if hasattr(self.cell, "begin_sequence") and training and (self.cell.dropout or self.cell.recurrent_dropout):
            self.cell.begin_sequence(steps[0], states[0])
        try:
            outputs, states = self._loop(steps, states, mask, training)
        finally:
            if hasattr(self.cell, "end_sequence"):
                self.cell.end_sequence()
        if self.stateful:
            for variable, value in zip(self.states, states, strict=True):
                variable.assign(value)
        result = ops.swapaxes(outputs, 0, 1) if self.return_sequences else outputs[-1]
        return (result, *states) if self.return_state else result

    def _checked_states(self, states: list[Tensor]) -> list[Tensor]:
        """The states, if they are as many and as long as the cell's."""
        wanted = self.cell.state_size if isinstance(self.cell.state_size, (list, tuple)) else [self.cell.state_size]
        shapes = [tuple(state.shape) for state in states]
        fits = len(states) == len(wanted) and all(
            shape[-1:] == (size,) for shape, size in zip(shapes, wanted, strict=True) if isinstance(size, int)
        )
        if not fits:
            raise ValueError(
                f"initial_state: expected {len(wanted)} states of {', '.join(map(str, wanted))} features, "
                f"got {len(states)} of shapes {', '.join(map(str, shapes))}"
            )
        return states

    def _loop(self, steps: Tensor, states: list[Tensor], mask: Tensor | None, training: bool | None) -> tuple[Any, Any]:
        """Outputs of all steps, along the first axis, and the last states."""
        takes_training = not isinstance(self.cell, Layer) or self.cell._signature.takes_training

        def step(carry: Any, x: Any) -> tuple[Any, Any]:
            former, last_output = carry
            inputs, keep = x if mask is not None else (x, None)
            output, new = self.cell(inputs, former, **({"training": training} if takes_training else {}))
            new = list(new) if isinstance(new, (list, tuple)) else [new]
            if keep is not None:
                new = [ops.where(keep, after, before) for after, before in zip(new, former, strict=True)]
                output = ops.where(keep, output, last_output)
            shown = ops.where(keep, output, 0.0) if keep is not None and self.zero_output_for_mask else output
            return (new, output if keep is not None else last_output), shown

        # masked steps repeat the output before, which for the first step is zero
        empty = ops.zeros_like(states[0]) if mask is not None else None
        start = (list(states), empty if empty is not None else 0.0)
        xs = (steps, mask) if mask is not None else steps
        if self.unroll:
            return self._unrolled(step, start, xs, steps.shape[0])
        (states, _), outputs = (
            ops.scan(step, start, xs, reverse=False) if not self.go_backwards else self._backwards(step, start, xs)
        )
        return outputs, states

    def _backwards(self, step: Any, start: Any, xs: Any) -> Any:
        reversed_xs = tree.map_structure(lambda x: ops.flip(x, axis=0), xs)
        return ops.scan(step, start, reversed_xs)

    def _unrolled(self, step: Any, start: Any, xs: Any, length: int | None) -> tuple[Any, Any]:
        if length is None:
            raise ValueError(f"{type(self).__name__} {self.name!r}: unroll=True needs a known number of steps")
        carry, outputs = start, []
        for i in range(length - 1, -1, -1) if self.go_backwards else range(length):
            carry, output = step(carry, tree.map_structure(lambda x, i=i: x[i], xs))
            outputs.append(output)
        return ops.stack(outputs), carry[0]

    def compute_output_shape(self, sequences_shape: Shape, initial_state_shape: Any = None) -> Any:
        sizes = self.cell.state_size
        sizes = sizes if isinstance(sizes, (list, tuple)) else [sizes]
        size = getattr(self.cell, "output_size", None) or sizes[0]
        batch, steps = sequences_shape[:2]
        output = (batch, steps, size) if self.return_sequences else (batch, size)
        return (output, *((batch, s) for s in sizes)) if self.return_state else output

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The sequences' mask if outputs of all steps are returned, none for states."""
        mask = tree.flatten(previous_mask)[0] if previous_mask is not None else None
        output = mask if self.return_sequences else None
        sizes = self.cell.state_size
        count = len(sizes) if isinstance(sizes, (list, tuple)) else 1
        return [output, *(None,) * count] if self.return_state else output

    def get_config(self) -> dict[str, Any]:
        cell = serialize_keras_object(self.cell)
        # it is built with this layer, in its name scope
        cell.pop("build_config", None)
        return {**super().get_config(), **self._loop_config(), "cell": cell}

    def _loop_config(self) -> dict[str, Any]:
        return {
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "stateful": self.stateful,
            "unroll": self.unroll,
            "zero_output_for_mask": self.zero_output_for_mask,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        if isinstance(config.get("cell"), dict):
            config = {**config, "cell": deserialize_keras_object(config["cell"])}
        return super().from_config(config)
