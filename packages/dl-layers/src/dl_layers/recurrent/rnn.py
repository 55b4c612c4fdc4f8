"""A cell run over the steps of a sequence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Unpack

from dl_layers.layer import InputSpec, Layer, LayerOptions
from dl_layers.layer.masking import of_input_masks
from dl_layers.layer.parts import part_config, part_from_config
from dl_layers.recurrent.states import (
    as_list,
    check_cell,
    flat_shapes,
    initial_states,
    output_shape,
    packed,
    run_cell,
    state_shapes,
)
from dl_ops import ops, scopes, tree
from dl_ops.backend import backend_scope, current_backend
from dl_ops.dtypes import standardize_dtype
from dl_ops.objects import public
from dl_ops.rules import may_be_equal
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


@public("keras.layers.RNN")
class RNN(Layer):
    """Run a cell over the steps of sequences.

    Shapes: ``(batch, steps, features) -> (batch, units)``, or ``(batch, steps, units)`` with `return_sequences`; the
    cell decides on the axes after these two.

    Parameters
    ----------
    cell : Layer
        With ``call(inputs, states) -> (output, states)`` and `state_size`: a number of features, a tuple for a state of
        another rank, or a list of them. It may have `output_size`, if outputs differ from the first state, and
        ``get_initial_state(batch_size)``.
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
        check_cell(cell, "RNN", "cell")
        self.cell = cell
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.stateful, self.unroll = go_backwards, stateful, unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.supports_masking = True
        self.input_spec = InputSpec(min_ndim=3)
        self.states: Any = None

    @property
    def state_size(self) -> list[Any]:
        """Sizes of the cell's states."""
        return as_list(self.cell.state_size)

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
            with backend_scope(self._own_backend()), scopes.concrete_scope():
                states = tree.map_structure(self._variable, self.get_initial_state(sequences_shape[0]))
            self._untracked("states", states)

    def _variable(self, value: Tensor) -> Variable:
        return Variable(value, dtype=self.variable_dtype, trainable=False, name="rnn_state")

    def _hidden_state(self) -> Sequence[Variable]:
        return tree.flatten(self.states) if self.states else ()

    def get_initial_state(self, batch_size: Any) -> list[Any]:
        """Return what the cell begins a batch of sequences with, zeros if it does not say.

        Parameters
        ----------
        batch_size : int or tensor

        Returns
        -------
        list of tensor, nested for cells one above the other
        """
        return initial_states(self.cell, batch_size, self.compute_dtype)

    def reset_states(self) -> None:
        """Set the states of a stateful layer to zero."""
        self.reset_state()

    def reset_state(self) -> None:
        """Set the states of a stateful layer to zero."""
        for state in self._hidden_state():
            state.assign(ops.zeros(state.shape, dtype=state.dtype))

    # -- shapes: what layers whose states depend on more than the batch size define anew ----------------------------

    def _initial_state_of(self, sequences: Tensor) -> list[Any]:
        """States to begin these sequences with."""
        count = ops.shape(sequences)[0]
        if isinstance(count, int):
            return self.get_initial_state(count)
        # not known while a graph for any batch is built: that of one sequence, as often as there are
        zeros = ops.zeros_like(sequences[(slice(None), *[0] * (len(sequences.shape) - 1))])
        states: list[Any] = tree.map_structure(
            lambda x: ops.add(x, ops.reshape(ops.cast(zeros, x.dtype), (-1, *[1] * (len(x.shape) - 1)))),
            self.get_initial_state(1),
        )
        return states

    def _state_shapes(self, sequences_shape: Shape) -> list[Any]:
        """Shapes of the states, nested as they are."""
        return state_shapes(self.cell.state_size, sequences_shape[0])

    def _step_output_shape(self, sequences_shape: Shape) -> Shape:
        """Shape of the output of one step."""
        return output_shape(self.cell, sequences_shape[0])

    def _empty_output(self, steps: Tensor, states: list[Any]) -> Tensor:
        """Zeros of the shape of the output of one of these steps, which are along the first axis."""
        batch, *sizes = self._step_output_shape((ops.shape(steps)[1], *steps.shape[:1], *steps.shape[2:]))
        return ops.zeros((batch, *sizes), dtype=self._step_dtype)

    # -- computing --------------------------------------------------------------------------------------------------

    def call(
        self, sequences: Tensor, initial_state: Any = None, mask: Tensor | None = None, training: bool | None = False
    ) -> Any:
        """Run over the sequences.

        Parameters
        ----------
        sequences : tensor, shape (batch, steps, ...)
        initial_state : list of tensor, optional
            By default what the cell begins with, zeros mostly.
        mask : tensor of bool, shape (batch, steps), optional
            Where it is false, states stay as they are.
        training : bool, optional

        Returns
        -------
        tensor, or tuple of tensors
        """
        if initial_state is None:
            states = self._kept_states(sequences) if self.stateful else self._initial_state_of(sequences)
        else:
            states = self._checked_states(as_list(initial_state), sequences)
        tensors, in_step_dtype = current_backend().tensor_types, _cast_to(self._step_dtype, sequences)
        states = _each(lambda x: in_step_dtype(x if isinstance(x, tensors) else ops.convert_to_tensor(x)), states)
        if mask is not None and not may_be_equal(tuple(mask.shape), tuple(sequences.shape[:2])):
            raise ValueError(
                f"mask of shape {tuple(mask.shape)} for sequences of shape {tuple(sequences.shape)}: "
                "expected one value for each step"
            )
        if self.unroll and sequences.shape[1] is None:
            raise ValueError(f"{type(self).__name__} {self.name!r}: unroll=True needs a known number of steps")
        last, outputs, states = self.inner_loop(sequences, states, mask, training)
        output = outputs if self.return_sequences else last
        output, *states = _each(_cast_to(self.compute_dtype, sequences), [output, *states])
        if self.stateful:
            for variable, value in zip(self._hidden_state(), tree.flatten(states), strict=True):
                variable.assign(value)
        return (output, *states) if self.return_state else output

    def inner_loop(
        self, sequences: Tensor, initial_state: Any, mask: Tensor | None, training: bool | None = False
    ) -> tuple[Tensor, Tensor, Any]:
        """Run the cell over the steps; to be overridden by what runs it otherwise.

        Parameters
        ----------
        sequences : tensor, shape (batch, steps, ...)
        initial_state : list of tensor
        mask : tensor of bool, shape (batch, steps), or None
        training : bool, optional

        Returns
        -------
        last_output : tensor, shape (batch, ...)
        outputs : tensor, shape (batch, steps, ...)
            The last one alone, without an axis for steps, if `return_sequences` is false.
        states : list of tensor
            After the last step.
        """
        outputs, states = self._run_over(sequences, initial_state, mask, training)
        return (outputs[:, -1] if self.return_sequences else outputs), outputs, states

    @property
    def _step_dtype(self) -> str:
        """Dtype of the states."""
        return getattr(self.cell, "compute_dtype", self.compute_dtype)

    def _kept_states(self, sequences: Tensor) -> Any:
        """States that the batch before ended with."""
        size = tree.flatten(self.states)[0].shape[0]
        if sequences.shape[0] not in (None, size):
            raise ValueError(
                f"{type(self).__name__} {self.name!r} is stateful and was built for batches of {size}, "
                f"got sequences of shape {tuple(sequences.shape)}"
            )
        return tree.map_structure(lambda state: state.value, self.states)

    def _checked_states(self, states: list[Any], sequences: Tensor) -> list[Any]:
        """The states, if they are as many and of such shapes as the cell's."""
        wanted = self._state_shapes(sequences.shape)
        leaves, shapes = tree.flatten(states), flat_shapes(wanted)
        found = [tuple(getattr(x, "shape", ())) for x in leaves]
        if len(found) != len(shapes) or not all(map(may_be_equal, found, shapes)):
            raise ValueError(
                f"initial_state: expected {len(shapes)} states of shapes {', '.join(map(str, shapes))}, "
                f"got {len(found)} of shapes {', '.join(map(str, found))}"
            )
        return states if any(map(tree.is_nested, states)) else packed(wanted, leaves)

    def _run_over(self, sequences: Tensor, states: Any, mask: Any, training: bool | None) -> tuple[Any, Any]:
        """Outputs, of all steps or of the last, and the last states."""
        # time first, as loops over the first axis are natural everywhere
        steps = ops.swapaxes(sequences, 0, 1)
        if mask is not None:
            mask = ops.swapaxes(ops.cast(mask, "bool"), 0, 1)
        if self.go_backwards:
            steps = ops.flip(steps, axis=0)
            mask = None if mask is None else ops.flip(mask, axis=0)
        begins = training and hasattr(self.cell, "begin_sequence")
        if begins:
            self.cell.begin_sequence(sequences[:, 0], states)
        try:
            outputs, states = self._loop(steps, states, mask, training)
        finally:
            if begins:
                self.cell.end_sequence()
        return (ops.swapaxes(outputs, 0, 1) if self.return_sequences else outputs), states

    def _loop(self, steps: Tensor, states: list[Any], mask: Tensor | None, training: bool | None) -> tuple[Any, Any]:
        """Outputs of all steps, along the first axis, or of the last, and the last states."""
        run, in_dtype = run_cell(self.cell, training), _cast_to(self._step_dtype, steps)

        def step(carry: Any, x: Any) -> tuple[Any, Any]:
            former, last = carry
            inputs, keep = x if mask is not None else (x, None)
            output, new = run(inputs, former)
            output = in_dtype(output)
            if keep is not None:
                new = tree.map_structure(lambda after, before: _where(keep, after, before), new, former)
                # masked steps repeat the output before, which for the first step is zero
                output = _where(keep, output, ops.zeros_like(output) if self.zero_output_for_mask else last)
            return (new, output if carried else None), output if self.return_sequences else None

        carried = mask is not None or not self.return_sequences
        last = self._empty_output(steps, states) if carried else None
        xs = (steps, mask) if mask is not None else steps
        loop = self._unrolled if self.unroll else ops.scan
        (states, last), outputs = loop(step, (states, last), xs)
        return (outputs if self.return_sequences else last), states

    @staticmethod
    def _unrolled(step: Any, start: Any, xs: Any) -> tuple[Any, Any]:
        carry, outputs = start, []
        for i in range(tree.flatten(xs)[0].shape[0]):
            carry, output = step(carry, tree.map_structure(lambda x, i=i: x[i], xs))
            outputs.append(output)
        return carry, None if not outputs or outputs[0] is None else ops.stack(outputs)

    def compute_output_shape(self, sequences_shape: Shape, initial_state_shape: Any = None) -> Any:
        batch, *sizes = self._step_output_shape(sequences_shape)
        output = (batch, sequences_shape[1], *sizes) if self.return_sequences else (batch, *sizes)
        return (output, *self._state_shapes(sequences_shape)) if self.return_state else output

    @of_input_masks
    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The sequences' mask if outputs of all steps are returned, none for states."""
        mask = tree.flatten(previous_mask)[0] if previous_mask is not None else None
        output = mask if self.return_sequences else None
        count = len(flat_shapes(state_shapes(self.cell.state_size, None)))
        return [output, *(None,) * count] if self.return_state else output

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self._loop_config(), "cell": part_config(self.cell)}

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
        return cls(**{**config, "cell": part_from_config(config["cell"])})


def _each(function: Callable[[Any], Any], states: list[Any]) -> list[Any]:
    """Apply a function to states, nested for cells one above the other."""
    if any(map(tree.is_nested, states)):
        mapped: list[Any] = tree.map_structure(function, states)
        return mapped
    return [function(x) for x in states]


def _cast_to(dtype: str, example: Any) -> Callable[[Any], Any]:
    """Cast to a dtype, which the tensors of a sequence's dtype mostly have: the framework's are compared faster."""
    if standardize_dtype(example.dtype) != dtype:
        return lambda x: x if standardize_dtype(x.dtype) == dtype else ops.cast(x, dtype)
    kept = example.dtype
    return lambda x: x if x.dtype == kept else ops.cast(x, dtype)


def _where(keep: Any, after: Any, before: Any) -> Any:
    """Rows of `after` where `keep`, of shape (batch,), is true."""
    return ops.where(ops.expand_dims(keep, tuple(range(1, len(after.shape)))), after, before)
