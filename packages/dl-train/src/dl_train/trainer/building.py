"""Building of model, losses, metrics and optimizer before the first step, so that a step creates no variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dl_ops import scopes, tree
from dl_ops.dtypes import standardize_dtype
from dl_ops.symbolic import KerasTensor
from dl_ops.symbolic.inference import static_shape
from dl_train.data.adapter import Batch
from dl_train.data.packing import unpack_x_y_sample_weight
from dl_train.trainer.steps import to_tensors

if TYPE_CHECKING:
    from dl_train.models.model import Model


def _spec(x: Any) -> Any:
    if not hasattr(x, "shape") or not hasattr(x, "dtype"):
        return x
    return KerasTensor(static_shape(x), standardize_dtype(x.dtype), record_history=False)


def build_for(model: Model, batch: Batch, *, optimizer: bool = True) -> None:
    """Build what is not built yet of a model and of what it was compiled with, for batches like one.

    Shapes are inferred symbolically; a model whose ``call`` cannot run so is run on the batch.

    Parameters
    ----------
    model : Model
    batch : tuple
    optimizer : bool, default True
        Whether to train or evaluate; else just to predict, when nothing is known of the targets.
    """
    loss, metrics = (model._compile_loss, model._compile_metrics) if optimizer else (None, None)
    unbuilt_parts = (loss is not None and not loss.built) or (metrics is not None and not metrics.built)
    model_built = model.built and all(layer.built for layer in model._flatten_layers())
    if not model_built or unbuilt_parts:
        x, y, _ = unpack_x_y_sample_weight(batch)
        y_pred = _outputs(model, x)
        if loss is not None and not loss.built:
            loss.build(y_pred)
        if metrics is not None and not metrics.built:
            metrics.build(tree.map_structure(_spec, y), y_pred)
    if optimizer and model.optimizer is not None and not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)


def _outputs(model: Model, x: Any) -> Any:
    """Symbolic outputs of a model for a batch of inputs."""
    try:
        with scopes.symbolic_scope():
            outputs = model._call_in_mode(tree.map_structure(_spec, x), training=False)
        if all(layer.built for layer in model._flatten_layers()):
            return outputs
    except Exception:  # whatever it is, running the model shows it with the real cause, or works
        pass
    with model._own_backend().inference_scope():
        outputs = model._call_in_mode(to_tensors(x, model._own_backend()), training=False)
    return tree.map_structure(_spec, outputs)
