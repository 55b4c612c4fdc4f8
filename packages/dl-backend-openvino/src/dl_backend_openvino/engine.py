"""OpenVINO's side of the backend contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import numpy as np
import openvino as ov

from dl_backend_openvino import devices
from dl_backend_openvino.building import converted
from dl_backend_openvino.compiled_step import CompiledStep
from dl_backend_openvino.eager import in_graph_kernel, on_host, single_op
from dl_backend_openvino.kernels import kernels
from dl_backend_openvino.model import model_of
from dl_backend_openvino.tensors import GraphTensor, HostTensor
from dl_backend_openvino.unsupported import UNSUPPORTED
from dl_ops.backend import Backend, UnsupportedOp, backend_scope, get_backend
from dl_ops.backend.contract import Pullback, Step
from dl_ops.dtypes import numpy_dtype
from dl_ops.op import registry
from dl_ops.typing import Array

if TYPE_CHECKING:
    from dl_ops.variable import Variable


class OpenVINOBackend(Backend):
    """Inference alone: steps become graphs, compiled for a device; what has values already is computed by the host.

    Attributes
    ----------
    host : Backend
        The NumPy backend, which computes on the host.
    prefer_host : bool
        Whether ops on tensors with values go there where it can do them; else each is a graph of its own. Tests use it.
    nodes : mapping from str to callable
        Those kernels that are nodes of a graph.
    """

    name = "openvino"
    trainable = False
    tensor_types = (HostTensor, GraphTensor)
    unsupported = UNSUPPORTED
    nodes = kernels

    def __init__(self) -> None:
        self.host = get_backend("numpy")
        self.prefer_host = True
        self.kernels: Mapping[str, Callable[..., Any]] = {**self.host.kernels, **kernels}

    # -- tensors --

    def to_tensor(self, value: Any, dtype: str | None = None) -> Any:
        if isinstance(value, (HostTensor, GraphTensor)):
            return value if dtype is None else self.cast(value, dtype)
        return HostTensor(self.to_array(value, dtype))

    def to_numpy(self, x: Any) -> Array:
        if isinstance(x, GraphTensor):
            raise UnsupportedOp(f"{x!r} has no values while the graph is built")
        array: Array = x.array
        return array

    def cast(self, x: Any, dtype: str) -> Any:
        if x.dtype == dtype:
            return x
        if isinstance(x, GraphTensor):
            return converted(x, dtype)
        with np.errstate(all="ignore"):
            return HostTensor(self.host.cast(x.array, dtype))

    def dtype_name(self, dtype: Any) -> str:
        return str(dtype)

    def scalar(self, value: Any, dtype: str) -> Any:
        with np.errstate(all="ignore"):
            return HostTensor(np.asarray(value).astype(numpy_dtype(dtype)))

    def is_concrete(self, x: Any) -> bool:
        return not isinstance(x, GraphTensor)

    def to_dlpack(self, x: Any) -> Any:
        return x.array if isinstance(x, HostTensor) else None

    def from_dlpack(self, x: Any) -> Any:
        return HostTensor(np.from_dlpack(x))

    def devices(self) -> list[str]:
        return devices.available()

    def device_scope(self, device_name: str) -> AbstractContextManager[Any]:
        return devices.scope(device_name)

    # -- variables --

    def create_storage(self, value: Array, *, trainable: bool, name: str) -> Any:
        return HostTensor(np.array(value))

    def write_storage(self, storage: Any, value: Any) -> Any:
        return HostTensor(np.array(self.to_numpy(value)))

    # -- kernels --

    def kernel(self, name: str, types: frozenset[type]) -> Callable[..., Any] | None:
        build = kernels.get(name)
        if GraphTensor in types:
            if name in self.unsupported:
                raise UnsupportedOp(f"{name!r} has no kernel on {self.name}: {self.unsupported[name]}")
            return None if build is None else in_graph_kernel(build)
        # functions given to control flow work on this backend's tensors
        plain = not registry[name].module.startswith("dl_ops.core.control_flow")
        kernel = self.host.kernel(name, frozenset({np.ndarray})) if plain else None
        host = None if kernel is None else on_host(kernel, self.host)
        if build is None or not plain:
            return host
        graph = single_op(build)
        return lambda *args, **kwargs: (host if host and self.prefer_host else graph)(*args, **kwargs)

    # -- engine --

    def vjp(
        self, f: Callable[..., tuple[Sequence[Any], Any]], inputs: Sequence[Any]
    ) -> tuple[list[Any], Any, Pullback]:
        raise UnsupportedOp("openvino computes no gradients; train on another backend")

    def stop_gradient(self, x: Any) -> Any:
        return x

    def compile_step(
        self,
        step: Step,
        state: Sequence[Variable],
        *,
        jit: bool = True,
        steps_per_call: int = 1,
        differentiates: bool = False,
    ) -> Callable[..., Any]:
        compiled = CompiledStep(self, step, state) if jit else step
        return super().compile_step(compiled, state, steps_per_call=steps_per_call)

    def model_of(self, function: Callable[..., Any], args: Sequence[Any]) -> Any:
        """The ``openvino.Model`` that computes a function of arguments of these shapes and dtypes."""
        with backend_scope(self):
            return model_of(function, args)

    @property
    def version(self) -> str:
        return str(ov.__version__)
