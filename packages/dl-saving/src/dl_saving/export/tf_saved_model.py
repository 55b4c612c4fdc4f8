"""SavedModels of TensorFlow."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import tensorflow as tf

from dl_layers.interop import as_tf_module
from dl_layers.layer import Layer
from dl_ops import tree
from dl_saving.export.options import check_options
from dl_saving.export.placing import replacing_folder

_IN_A_SAVED_MODEL: Final = {
    *("saved_model.pb", "saved_model.pbtxt", "fingerprint.pb", "keras_metadata.pb"),
    *("variables", "assets", "assets.extra", "debug"),
}
# how a model of the JAX backend is converted: here it is made anew
_OF_CONVERSION: Final = ("is_static", "jax2tf_kwargs")


def write(layer: Layer, path: str, signature: Sequence[Any], **options: Any) -> None:
    """Write a folder with the endpoints ``serve``, which takes arguments as the layer does, and ``serving_default``."""
    check_options("tf_saved_model", options, _OF_CONVERSION)
    module = as_tf_module(layer)
    serve = serving(module, signature)
    archive = tf.__internal__.tracking.AutoTrackable()
    archive.trainable_variables = list(module.trainable_variables)
    archive.non_trainable_variables = list(module.non_trainable_variables)
    archive.variables = [*archive.trainable_variables, *archive.non_trainable_variables]
    archive.serve = serve
    with replacing_folder(path, _IN_A_SAVED_MODEL) as temporary, _quietly():
        tf.saved_model.save(archive, temporary, signatures={"serve": serve, "serving_default": serve})


def serving(module: Any, signature: Sequence[Any]) -> Any:
    """The ``tf.function`` of inference by a module, traced for a signature."""
    specs = tree.map_structure(lambda x: tf.TensorSpec(x.shape, x.dtype, name=x.name), list(signature))

    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]  # TensorFlow ships no types
    def call(*args: Any) -> Any:
        return module(*args, training=False)

    function = tf.function(call, input_signature=specs, autograph=False)
    function.get_concrete_function()
    return function


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the line that tells where files were written, whose name is not theirs yet."""
    logger = logging.getLogger("tensorflow")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)
