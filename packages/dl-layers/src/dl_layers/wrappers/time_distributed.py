"""A layer applied to every step of sequences."""

from __future__ import annotations

from typing import Any, Final, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.context import context
from dl_layers.wrappers.wrapper import Wrapper
from dl_ops import ops, tree
from dl_ops.objects import public
from dl_ops.rules import may_be_equal
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape, Tensor

# layers of these parts of the package treat each sample of a batch by itself, so steps can be put beside the samples
_OF_SAMPLES: Final = tuple(
    f"dl_layers.{name}."
    for name in (
        "activation",
        "attention",
        "convolution",
        "core.dense",
        "core.embedding",
        "normalization",
        "pooling",
        "recurrent",
        "regularization",
        "reshaping",
        "wrappers",
    )
)


@public("keras.layers.TimeDistributed")
class TimeDistributed(Wrapper):
    """Apply a layer to every step of sequences, with the same weights.

    Shapes: ``(batch, steps, ...)``, of which the layer sees ``(batch, ...)`` at each step, to ``(batch, steps, ...)``.

    Parameters
    ----------
    layer : Layer
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `layer` is no layer, or an input has fewer than 3 axes.

    Examples
    --------
    >>> from dl_layers import Conv2D
    >>> TimeDistributed(Conv2D(4, 3))(ops.ones((2, 5, 8, 8, 3))).shape
    (2, 5, 6, 6, 4)
    """

    def __init__(self, layer: Layer, **options: Unpack[LayerOptions]) -> None:
        super().__init__(layer, **options)
        self.supports_masking = True

    def build(self, input_shape: Any = None) -> None:
        super().build(self._step_shape(input_shape))

    def call(self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Any:
        """Apply the layer.

        Parameters
        ----------
        inputs : tensor, shape (batch, steps, ...)
        training : bool, optional
        mask : tensor of bool, shape (batch, steps, ...), optional
            A layer that takes masks gets each step's.

        Returns
        -------
        tensor, shape (batch, steps, ...)
        """
        self._step_shape(tuple(inputs.shape))
        if mask is not None and not may_be_equal(mask.shape[:2], inputs.shape[:2]):
            raise ValueError(
                f"mask of shape {tuple(mask.shape)} for inputs of shape {tuple(inputs.shape)}: "
                "expected one value for each step, or more"
            )
        if not self.layer._signature.takes_mask:
            mask = None
        if self._treats_samples_alone():
            batch, steps = ops.shape(inputs)[:2]
            together = [x if x is None else ops.reshape(x, (-1, *_sizes(x, 2))) for x in (inputs, mask)]
            outputs = self._apply(together)
            return tree.map_structure(lambda y: ops.reshape(y, (*_one_unknown(batch, steps), *_sizes(y, 1))), outputs)
        rows = [x if x is None else ops.swapaxes(x, 0, 1) for x in (inputs, mask)]
        if inputs.shape[1] is None:
            outputs = ops.map(self._apply, rows)
        else:
            each = [self._apply([x if x is None else x[i] for x in rows]) for i in range(inputs.shape[1])]
            outputs = tree.map_structure(lambda *ys: ops.stack(ys), *each)
        return tree.map_structure(lambda y: ops.swapaxes(y, 0, 1), outputs)

    def _apply(self, inputs_and_mask: Any) -> Any:
        inputs, mask = inputs_and_mask
        return self.layer(inputs) if mask is None else self.layer(inputs, mask=mask)

    def _treats_samples_alone(self) -> bool:
        layers = self.layer._flatten_layers()
        # statistics of a batch, or states, are those of a step
        changes = context.training and any(not v.trainable for layer in layers for v in layer._own_variables())
        return not changes and all(
            type(layer).__module__.startswith(_OF_SAMPLES) and not getattr(layer, "stateful", False) for layer in layers
        )

    def _step_shape(self, input_shape: Any) -> Shape:
        if not isinstance(input_shape, (tuple, list)) or len(input_shape) < 3:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} takes inputs of at least 3 axes, (batch, steps, ...), "
                f"got shape {input_shape}"
            )
        return (input_shape[0], *input_shape[2:])

    def compute_output_shape(self, input_shape: Shape) -> Any:
        outputs = self.layer.compute_output_shape(self._step_shape(input_shape))
        return tree.map_shape_structure(lambda shape: (shape[0], input_shape[1], *shape[1:]), outputs)

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        step = KerasTensor(self._step_shape(inputs.shape), inputs.dtype, record_history=False)
        steps = inputs.shape[1]
        return tree.map_structure(
            lambda y: KerasTensor((y.shape[0], steps, *y.shape[1:]), y.dtype, record_history=False),
            self.layer.compute_output_spec(step),
        )


def _sizes(x: Tensor, first: int) -> tuple[Any, ...]:
    return tuple(ops.shape(x)[first:])


def _one_unknown(batch: Any, steps: Any) -> tuple[Any, Any]:
    """Both sizes, the batch's left to be worked out where it is not a number."""
    return (batch if isinstance(batch, int) else -1), steps
