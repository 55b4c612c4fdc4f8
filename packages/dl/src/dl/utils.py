"""Utilities, ``keras.utils``."""

from dl_layers.session import clear_session
from dl_ops.config import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from dl_ops.dtypes import standardize_dtype
from dl_ops.objects import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)
from dl_ops.random import set_random_seed
from dl_ops.symbolic import is_keras_tensor
from dl_ops.symbolic import source_inputs as get_source_inputs
from dl_preprocess.numeric import normalize, to_categorical
from dl_train.callbacks.progbar import Progbar
from dl_train.data import PyDataset, pack_x_y_sample_weight, split_dataset, unpack_x_y_sample_weight
from dl_train.utils import Config, model_to_dot, plot_model

Sequence = PyDataset

__all__ = [
    "Config",
    "CustomObjectScope",
    "Progbar",
    "PyDataset",
    "Sequence",
    "clear_session",
    "custom_object_scope",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "get_source_inputs",
    "is_interactive_logging_enabled",
    "is_keras_tensor",
    "model_to_dot",
    "normalize",
    "pack_x_y_sample_weight",
    "plot_model",
    "register_keras_serializable",
    "serialize_keras_object",
    "set_random_seed",
    "split_dataset",
    "standardize_dtype",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
