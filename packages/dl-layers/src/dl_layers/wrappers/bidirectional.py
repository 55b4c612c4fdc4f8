"""A recurrent layer run both ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.masking import of_input_masks
from dl_layers.layer.parts import part_config, part_from_config
from dl_layers.layer.validation import a_layer
from dl_ops import ops, tree
from dl_ops.objects import deserialize_keras_object, public
from dl_ops.typing import Shape, Tensor

_MERGES: Final[dict[str | None, Callable[[Tensor, Tensor], Any]]] = {
    "concat": lambda forward, backward: ops.concatenate([forward, backward], axis=-1),
    "sum": lambda forward, backward: ops.add(forward, backward),
    "ave": lambda forward, backward: ops.multiply(ops.add(forward, backward), 0.5),
    "mul": lambda forward, backward: ops.multiply(forward, backward),
    None: lambda forward, backward: (forward, backward),
}
_SHARED: Final = ("stateful", "return_sequences", "return_state")


@public("keras.layers.Bidirectional")
class Bidirectional(Layer):
    """Run a recurrent layer over sequences from the beginning, and one like it from the end.

    Shapes: as the layer's, the last axis twice as long if outputs are concatenated.

    Parameters
    ----------
    layer : RNN
        It is copied, as is `backward_layer` if none is given.
    merge_mode : {"concat", "sum", "ave", "mul"} or None, default "concat"
        How outputs for the same step are put together; with ``None`` both are returned.
    weights : list of array, optional
        The weights to begin with, those of the forward layer first.
    backward_layer : RNN, optional
        The layer that runs from the end, which must have ``go_backwards=True``.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `merge_mode` is unknown, a layer is no recurrent layer, or the two do not fit together.

    References
    ----------
    Schuster and Paliwal, "Bidirectional Recurrent Neural Networks", IEEE Transactions on Signal Processing 45 (1997).

    Examples
    --------
    >>> from dl_layers import LSTM
    >>> Bidirectional(LSTM(3, return_sequences=True))(ops.ones((2, 5, 4))).shape
    (2, 5, 6)
    """

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Sequence[Any] | None = None,
        backward_layer: Any = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        for name, value in (("layer", layer), ("backward_layer", backward_layer)):
            if name == "layer" or value is not None:
                self._check_recurrent(value, name)
        if merge_mode not in _MERGES:
            raise ValueError(
                f"Bidirectional(merge_mode={merge_mode!r}): expected one of {', '.join(map(repr, _MERGES))}"
            )
        self.merge_mode = merge_mode
        self.forward_layer = _copied(layer, "forward_")
        self.backward_layer = backward_layer or _copied(layer, "backward_", go_backwards=True)
        self._check_pair()
        for one in (self.forward_layer, self.backward_layer):
            if hasattr(one, "zero_output_for_mask"):
                # steps that one direction has not reached yet must not show in the other's outputs
                one.zero_output_for_mask = one.return_sequences
        self.stateful, self.return_sequences = layer.stateful, layer.return_sequences
        self.return_state = layer.return_state
        self.supports_masking = True
        self.input_spec = layer.input_spec
        self._initial_weights = None if weights is None else list(weights)

    def _check_recurrent(self, layer: Any, name: str) -> None:
        a_layer(layer, name, self)
        missing = [needed for needed in (*_SHARED, "go_backwards") if not hasattr(layer, needed)]
        if missing:
            raise ValueError(
                f"Bidirectional({name}={layer!r}): expected a recurrent layer, which has {', '.join(missing)}"
            )

    def _check_pair(self) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise ValueError(
                f"Bidirectional: both layers have go_backwards={forward.go_backwards}: one must run each way"
            )
        for name in _SHARED:
            values = getattr(forward, name), getattr(backward, name)
            if values[0] != values[1]:
                raise ValueError(
                    f"Bidirectional: {name} is {values[0]} in the forward layer, {values[1]} in the backward layer"
                )

    def build(self, sequences_shape: Shape, initial_state_shape: Any = None) -> None:
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(sequences_shape)
        if self._initial_weights is not None:
            self.set_weights(self._initial_weights)

    def call(
        self, sequences: Tensor, initial_state: Any = None, mask: Tensor | None = None, training: bool | None = None
    ) -> Any:
        """Run over the sequences both ways.

        Parameters
        ----------
        sequences : tensor, shape (batch, steps, ...)
        initial_state : list of tensor, optional
            States to begin with, those of the forward layer first.
        mask : tensor of bool, shape (batch, steps), optional
            Where it is false, states stay as they are.
        training : bool, optional

        Returns
        -------
        tensor, or tuple of tensors
            The outputs, merged; and with ``return_state`` the forward layer's states and the backward layer's.
        """
        forward, backward = [
            layer(sequences, initial_state=states, mask=mask, training=training)
            for layer, states in zip(
                (self.forward_layer, self.backward_layer), self._halves(initial_state), strict=True
            )
        ]
        states: tuple[Any, ...] = ()
        if self.return_state:
            states = (*forward[1:], *backward[1:])
            forward, backward = forward[0], backward[0]
        if self.return_sequences:
            backward = ops.flip(backward, axis=1)
        dtype = self.compute_dtype
        output = _MERGES[self.merge_mode](ops.cast(forward, dtype), ops.cast(backward, dtype))
        if not self.return_state:
            return output
        return (*output, *states) if self.merge_mode is None else (output, *states)

    def _halves(self, initial_state: Any) -> tuple[Any, Any]:
        if initial_state is None:
            return None, None
        if not isinstance(initial_state, (list, tuple)) or len(initial_state) % 2:
            found = len(initial_state) if isinstance(initial_state, (list, tuple)) else type(initial_state).__name__
            raise ValueError(
                f"initial_state: expected a list of the forward layer's states and as many of the backward layer's, "
                f"got {found}"
            )
        half = len(initial_state) // 2
        return list(initial_state[:half]), list(initial_state[half:])

    @property
    def states(self) -> tuple[Any, ...] | None:
        """States of the layers, if they are stateful and built."""
        forward, backward = self.forward_layer.states, self.backward_layer.states
        return (*forward, *backward) if forward and backward else None

    def reset_states(self) -> None:
        """Set the states of stateful layers to zero."""
        self.reset_state()

    def reset_state(self) -> None:
        """Set the states of stateful layers to zero."""
        if not self.stateful:
            raise AttributeError(f"{type(self).__name__} {self.name!r} is not stateful: it has no states to reset")
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def compute_output_shape(self, sequences_shape: Shape, initial_state_shape: Any = None) -> Any:
        output = self.forward_layer.compute_output_shape(sequences_shape)
        states: tuple[Any, ...] = ()
        if self.return_state:
            output, *states = output
        if self.merge_mode is None:
            merged: tuple[Any, ...] = (output, output)
        elif self.merge_mode == "concat":
            last = output[-1]
            merged = ((*output[:-1], None if last is None else 2 * last),)
        else:
            merged = (output,)
        return (*merged, *states, *states) if self.return_state or self.merge_mode is None else merged[0]

    @of_input_masks
    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The sequences' mask if outputs of all steps are returned, none for states."""
        mask = tree.flatten(previous_mask)[0] if previous_mask is not None else None
        output = mask if self.return_sequences else None
        outputs = [output] * (2 if self.merge_mode is None else 1)
        if self.return_state:
            outputs += [None] * (2 * (len(self.forward_layer.compute_mask(inputs, None)) - 1))
        return outputs if len(outputs) > 1 else output

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "merge_mode": self.merge_mode,
            "layer": part_config(self.forward_layer),
            "backward_layer": part_config(self.backward_layer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        parts = {name: part_from_config(config.get(name)) for name in ("layer", "backward_layer")}
        return cls(**{**config, **parts})


def _copied(layer: Any, prefix: str, **options: Any) -> Any:
    """A new layer like this one, but for these options."""
    config = part_config(layer)
    config["config"] = {**config["config"], **options, "name": prefix + layer.name.removeprefix(prefix)}
    copy = deserialize_keras_object(config)
    if hasattr(layer, "use_cudnn"):
        # which is not in the configuration
        copy.use_cudnn = layer.use_cudnn
    return copy
