"""What the cells of recurrent layers have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from dl_layers import activations
from dl_layers.layer import Layer
from dl_layers.layer.named_weights import NamedWeights
from dl_layers.layer.validation import fraction, known_size, positive_integer
from dl_layers.recurrent.dropout import RecurrentDropout
from dl_ops import ops
from dl_ops.random import SeedGenerator
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


class RecurrentCell(RecurrentDropout, NamedWeights, Layer):
    """Base of cells whose gates are an affine map of the input and one of the output of the step before.

    A subclass has `gates`, their number, `state_names`, and `own_options`, the names of arguments
    that only it has. Its `kernel` is ``(features, gates * units)``, its `recurrent_kernel` ``(units, gates * units)``.
    """

    gates: ClassVar[int]
    state_names: ClassVar[tuple[str, ...]] = ("output",)
    own_options: ClassVar[tuple[str, ...]] = ()

    kernel: Variable
    recurrent_kernel: Variable
    bias: Variable | None
    activation: Any
    use_bias: bool

    def _set_up(
        self, units: Any, dropout: Any, recurrent_dropout: Any, seed: int | None, use_bias: bool, **weight_options: Any
    ) -> None:
        """Set the attributes that all cells have."""
        self.units = positive_integer(units, "units", self)
        self.use_bias = use_bias
        self.set_weight_options(**weight_options)
        self.dropout = fraction(dropout, "dropout", self)
        self.recurrent_dropout = fraction(recurrent_dropout, "recurrent_dropout", self)
        self.seed = seed
        if self.dropout or self.recurrent_dropout:
            self.seed_generator = SeedGenerator(seed)
        count = len(self.state_names)
        self.state_size: Any = self.units if count == 1 else [self.units] * count
        self.output_size = self.units

    def build(self, input_shape: Shape) -> None:
        features, size = known_size(input_shape, -1, self), self.gates * self.units
        self.kernel = self.add_named_weight("kernel", (features, size))
        self.recurrent_kernel = self.add_named_weight("recurrent_kernel", (self.units, size), of="recurrent")
        self.bias = self.add_named_weight("bias", self._bias_shape(size)) if self.use_bias else None

    def _bias_shape(self, size: int) -> tuple[int, ...]:
        return (size,)

    def _checked(self, states: Any) -> list[Tensor]:
        """The states of the step before, as many as there must be."""
        names = f"{len(self.state_names)}, {' and '.join(self.state_names)} of the step before"
        found = list(states) if isinstance(states, (list, tuple)) else [states]
        if len(found) != len(self.state_names):
            raise ValueError(f"states: expected {names}, got {len(found)}")
        for state in found:
            if len(getattr(state, "shape", ())) != 2:
                raise ValueError(
                    f"states: expected {names}, of shape (batch, {self.units}), "
                    f"got {getattr(state, 'shape', None) or type(state).__name__}"
                )
        return found

    def get_initial_state(self, batch_size: Any = None) -> list[Tensor]:
        """Zero states for a batch."""
        return [ops.zeros((batch_size, self.units), dtype=self.compute_dtype)] * len(self.state_names)

    def get_config(self) -> dict[str, Any]:
        config = {"units": self.units, "activation": activations.serialize(self.activation), "use_bias": self.use_bias}
        if hasattr(self, "recurrent_activation"):
            config["recurrent_activation"] = activations.serialize(self.recurrent_activation)
        return {
            **super().get_config(),
            **config,
            **{name: getattr(self, name) for name in self.own_options},
            **self.weight_config(),
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }
