"""Flat buffers of LiteRT, by TensorFlow's converter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import tensorflow as tf

from dl_layers.interop import as_tf_module
from dl_layers.layer import Layer
from dl_saving.atomic import replacing
from dl_saving.export.options import check_options
from dl_saving.export.tf_saved_model import serving

_ATTRIBUTES: Final = (
    *("allow_custom_ops", "exclude_conversion_metadata", "experimental_new_quantizer", "inference_input_type"),
    *("inference_output_type", "optimizations", "representative_dataset", "target_spec"),
)


def write(
    layer: Layer, path: str, signature: Sequence[Any], *, enable_select_tf_ops: bool = False, **options: Any
) -> None:
    """Write a file; operators of TensorFlow that LiteRT lacks are in it only with `enable_select_tf_ops`."""
    check_options("litert", options, (*_ATTRIBUTES, "enable_select_tf_ops"))
    module = as_tf_module(layer)
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [serving(module, signature).get_concrete_function()], module
    )
    if enable_select_tf_ops:
        own = tf.lite.OpsSet
        converter.target_spec.supported_ops = [own.TFLITE_BUILTINS, own.SELECT_TF_OPS]
    for name, value in options.items():
        setattr(converter, name, value)
    program = converter.convert()
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(program)
