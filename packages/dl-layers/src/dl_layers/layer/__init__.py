"""The base class of layers."""

from dl_layers.layer.base import CommonOptions, Layer, LayerOptions
from dl_layers.layer.input_spec import InputSpec
from dl_layers.layer.rematerialization import RematScope

__all__ = ["CommonOptions", "InputSpec", "Layer", "LayerOptions", "RematScope"]
