"""Models of frameworks as layers, and layers as models of frameworks.

The one place outside of the backends where a framework is imported, and only when something here is used.
"""

from dl_layers.interop.conversion import as_jax_function, as_nnx_module, as_tf_module, as_torch_module
from dl_layers.interop.flax_layer import FlaxLayer
from dl_layers.interop.jax_layer import JaxLayer
from dl_layers.interop.tfsm_layer import TFSMLayer
from dl_layers.interop.torch_module_wrapper import TorchModuleWrapper

__all__ = [
    "FlaxLayer",
    "JaxLayer",
    "TFSMLayer",
    "TorchModuleWrapper",
    "as_jax_function",
    "as_nnx_module",
    "as_tf_module",
    "as_torch_module",
]
