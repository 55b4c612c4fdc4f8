"""NumPy's side of the backend contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dl_backend_numpy import numpy as numpy_kernels
from dl_backend_numpy.tape.engine import gradients
from dl_backend_numpy.tape.recording import recording_kernel
from dl_backend_numpy.tape.traced import Traced
from dl_ops.backend import Backend, Kernels
from dl_ops.dtypes import numpy_dtype
from dl_ops.typing import Array


class NumpyBackend(Backend):
    """Tensors are NumPy arrays; gradients come from a tape over the kernels that have a rule."""

    name = "numpy"
    tensor_types = (np.ndarray, Traced)
    kernels = Kernels(numpy_kernels.kernels)

    # -- tensors ------------------------------------------------------------------------------------------------

    def to_tensor(self, value: Any, dtype: str | None = None) -> Any:
        return self.cast(value, dtype or value.dtype.name) if isinstance(value, Traced) else self.to_array(value, dtype)

    def to_numpy(self, x: Any) -> Array:
        while isinstance(x, Traced):
            x = x.value
        return np.asarray(x)

    def cast(self, x: Any, dtype: str) -> Any:
        if isinstance(x, Traced):
            return recording_kernel(self, "cast")(x, dtype)
        return x.astype(numpy_dtype(dtype), copy=False)

    def dtype_name(self, dtype: Any) -> str:
        return str(dtype.name)

    def scalar(self, value: Any, dtype: str) -> Any:
        return np.asarray(value, numpy_dtype(dtype))

    # -- kernels ------------------------------------------------------------------------------------------------

    def kernel(self, name: str, types: frozenset[type]) -> Callable[..., Any] | None:
        return recording_kernel(self, name) if Traced in types else self.kernels.get(name)

    # -- engine -------------------------------------------------------------------------------------------------

    def value_and_grad(
        self, f: Callable[..., tuple[Any, Any]], inputs: Sequence[Any]
    ) -> tuple[Any, Any, list[Any | None]]:
        return gradients(self, f, inputs)

    def stop_gradient(self, x: Any) -> Any:
        while isinstance(x, Traced):
            x = x.value
        return x

    @property
    def version(self) -> str:
        return np.__version__
