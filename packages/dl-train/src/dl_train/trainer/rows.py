"""How many samples to compute outputs of at once where nobody said, and nobody can tell."""

from __future__ import annotations

import inspect
import math
from typing import TYPE_CHECKING, Any, Final

from dl_layers import activation, convolution, core, merging, pooling, regularization, reshaping
from dl_ops.symbolic import KerasTensor
from dl_train.data.arrays import DEFAULT_BATCH_SIZE
from dl_train.trainer.steps import StepFunction

if TYPE_CHECKING:
    from dl_train.models.model import Model

_HELD: Final = 2**18
"""Bytes of the largest tensor on the way, so that what a layer gives is still near when the next one takes it."""

_MOST: Final = 1024

_ALONE: Final = frozenset(
    {
        *(core.Dense, core.Embedding, core.Identity, core.InputLayer),
        *(activation.Activation, activation.ELU, activation.LeakyReLU, activation.PReLU, activation.ReLU),
        *(convolution.Conv1D, convolution.Conv2D, convolution.DepthwiseConv1D, convolution.DepthwiseConv2D),
        *(convolution.SeparableConv1D, convolution.SeparableConv2D),
        *(merging.Add, merging.Average, merging.Maximum, merging.Minimum, merging.Multiply, merging.Subtract),
        *(pooling.AveragePooling1D, pooling.AveragePooling2D, pooling.MaxPooling1D, pooling.MaxPooling2D),
        *(pooling.GlobalAveragePooling1D, pooling.GlobalAveragePooling2D),
        *(pooling.GlobalMaxPooling1D, pooling.GlobalMaxPooling2D),
        *(regularization.Dropout, regularization.SpatialDropout1D, regularization.SpatialDropout2D),
        *(reshaping.Flatten, reshaping.Permute, reshaping.RepeatVector, reshaping.Reshape),
    }
)
"""Layers that in inference compute a sample's output from that sample alone."""


def samples_at_once(model: Model) -> int:
    """Batch size for `Trainer.predict` where none is given and nobody sees the batches.

    What a call of a layer costs beside the computation is worth sparing where the computation is small; and the outputs
    are the same where each sample's is computed from it alone, which is known of the layers listed here. Of all other
    models, and where a step is compiled for a size, `DEFAULT_BATCH_SIZE` stays what a batch is.

    Parameters
    ----------
    model : Model

    Returns
    -------
    int
    """
    tensors = _tensors(model)
    if not tensors or any(len(x.shape) < 2 or x.shape[0] is not None or None in x.shape[1:] for x in tensors):
        return DEFAULT_BATCH_SIZE
    function = model.make_predict_function()
    if not isinstance(function, StepFunction) or not function.is_eager():
        return DEFAULT_BATCH_SIZE
    largest = max(math.prod(x.shape[1:]) for x in tensors) * 4
    return max(DEFAULT_BATCH_SIZE, min(_MOST, _HELD // largest))


def _tensors(model: Model) -> list[KerasTensor]:
    """All that is computed on the way to the outputs; nothing if a sample's may depend on others in its batch."""
    from dl_train.models.functional import Functional
    from dl_train.models.sequential import Sequential

    graph: Any = model._functional if type(model) is Sequential else model
    own = model.__dict__
    if type(graph) is not Functional or "call" in own or "predict_step" in own:
        return []
    if not all(map(_is_alone, graph.operations)):
        return []
    function = graph._function
    return [*function.inputs, *(x for node in function.nodes for x in node.output_tensors)]


def _is_known(function: Any) -> bool:
    """Whether an activation is one of those that have names, which treat samples alike and alone."""
    return inspect.isfunction(function) and function.__module__.partition(".")[0] in ("dl_layers", "dl_ops")


def _is_alone(layer: Any) -> bool:
    own = layer.__dict__
    function = own.get("activation")
    return (
        type(layer) in _ALONE
        and "call" not in own
        and (function is None or _is_known(function))
        and layer.activity_regularizer is None
        and getattr(layer, "quantization_mode", None) is None
    )
