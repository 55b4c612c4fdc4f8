"""Layers that make their own cell of their arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from dl_layers import activations, regularizers
from dl_layers.layer import InputSpec, Layer
from dl_layers.recurrent.rnn import RNN
from dl_ops import ops
from dl_ops.backend import current_backend
from dl_ops.typing import Tensor


def of_cell(name: str) -> Any:
    """Property of a layer that is its cell's."""
    return property(lambda layer: getattr(layer.cell, name), doc=f"The cell's `{name}`.")


def options_of(options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take what is `RNN`'s out of a layer's options; gives that, and what the layer and its cell share."""
    # an argument of RNN that files name
    loop = {"zero_output_for_mask": bool(options.pop("zero_output_for_mask", False))}
    return loop, {"dtype": options.get("dtype"), "trainable": options.get("trainable", True)}


class LayerOfCell(RNN):
    """Base of layers whose arguments are those of `RNN` and of their cell.

    Where the cell is one that `whole_sequences` can run, all of a sequence is one op.
    """

    cell: Any
    use_cudnn: bool | str = "auto"
    whole_sequences: ClassVar[Callable[..., tuple[Any, ...]]]

    units = of_cell("units")
    activation = of_cell("activation")
    use_bias = of_cell("use_bias")
    kernel_initializer = of_cell("kernel_initializer")
    recurrent_initializer = of_cell("recurrent_initializer")
    bias_initializer = of_cell("bias_initializer")
    kernel_regularizer = of_cell("kernel_regularizer")
    recurrent_regularizer = of_cell("recurrent_regularizer")
    bias_regularizer = of_cell("bias_regularizer")
    kernel_constraint = of_cell("kernel_constraint")
    recurrent_constraint = of_cell("recurrent_constraint")
    bias_constraint = of_cell("bias_constraint")
    dropout = of_cell("dropout")
    recurrent_dropout = of_cell("recurrent_dropout")
    seed = of_cell("seed")

    def __init__(self, cell: Layer, *args: Any, **options: Any) -> None:
        super().__init__(cell, *args, **options)
        self.input_spec = InputSpec(ndim=3)

    def set_use_cudnn(self, use_cudnn: Any) -> None:
        """Set the attribute, if it fits the other arguments."""
        name = type(self).__name__
        if use_cudnn not in (True, False, "auto") or (use_cudnn in (0, 1) and not isinstance(use_cudnn, bool)):
            raise ValueError(f'{name}(use_cudnn={use_cudnn!r}): expected True, False or "auto"')
        if use_cudnn is True and (not self._is_standard() or self.recurrent_dropout):
            raise ValueError(
                f"{name}(use_cudnn=True): the fused kernel has activation='tanh', recurrent_activation='sigmoid' and "
                'recurrent_dropout=0.0: give use_cudnn="auto" to use it where it fits'
            )
        self.use_cudnn = use_cudnn

    def _is_standard(self) -> bool:
        """Whether the cell has the activations that it has by default."""
        gate = getattr(self.cell, "recurrent_activation", activations.sigmoid)
        return self.cell.activation is activations.tanh and gate is activations.sigmoid

    def _run_over(self, sequences: Tensor, states: Any, mask: Any, training: bool | None) -> tuple[Any, Any]:
        cell = self.cell
        # unrolling is for what is compiled
        unrolled = self.unroll and not current_backend().is_concrete(sequences)
        if unrolled or self.use_cudnn is False or not self._is_standard() or (training and cell.recurrent_dropout):
            return super()._run_over(sequences, states, mask, training)
        if training and cell.dropout:
            cell.begin_sequence(sequences[:, 0], states)
            sequences = ops.multiply(sequences, ops.expand_dims(cell.get_dropout_mask(sequences[:, 0]), 1))
            cell.end_sequence()
        if mask is not None:
            mask = ops.cast(mask, "bool")
        if self.go_backwards:
            sequences = ops.flip(sequences, axis=1)
            mask = None if mask is None else ops.flip(mask, axis=1)
        outputs, *states = self._whole(sequences, states, mask)
        if mask is None:
            return (outputs if self.return_sequences else states[0]), states
        # the output of a masked step is that of the step before, and zero as long as there is none
        shown = mask if self.zero_output_for_mask else ops.greater(ops.cumsum(ops.cast(mask, "int32"), axis=1), 0)
        outputs = ops.where(ops.expand_dims(shown, -1), outputs, ops.zeros_like(outputs))
        return (outputs if self.return_sequences else outputs[:, -1]), states

    def _whole(self, sequences: Tensor, states: Any, mask: Any) -> tuple[Any, ...]:
        cell = self.cell
        return type(self).whole_sequences(sequences, *states, cell.kernel, cell.recurrent_kernel, cell.bias, mask)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["cell"]
        own = self.cell.get_config()
        for name in ("name", "trainable", "dtype"):
            del own[name]
        config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return {**config, **own}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)
