"""The smallest backend that has every op: tensors of a class of its own over NumPy arrays, and kernels for the
primitives alone.

It is the example of docs/adding-a-backend.md, and shows that the primitives are enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dl_ops import tree
from dl_ops.backend import Backend, Kernels, UnsupportedOp
from dl_ops.dtypes import numpy_dtype
from dl_ops.operators import TensorOperators
from dl_ops.typing import Array
from toy_backend.kernels import ARRAYS


class ToyTensor(TensorOperators):
    """Tensor whose values are an array; `TensorOperators` brings ``+``, ``x[...]`` and all that."""

    __slots__ = ("__weakref__", "array")

    def __init__(self, array: Array) -> None:
        self.array = array

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def ndim(self) -> int:
        return self.array.ndim

    @property
    def dtype(self) -> str:
        return self.array.dtype.name

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.array, dtype) if copy else np.asarray(self.array, dtype)

    def __bool__(self) -> bool:
        return bool(self.array)

    def __float__(self) -> float:
        return float(self.array)

    def __int__(self) -> int:
        return int(self.array)

    def __len__(self) -> int:
        return len(self.array)

    def tolist(self) -> Any:
        return self.array.tolist()

    def __repr__(self) -> str:
        return f"<toy tensor shape={self.shape}, dtype={self.dtype}, values={self.array}>"


def on_tensors(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Kernel for the backend's tensors from one for arrays."""

    def run(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = tree.map_structure(lambda x: x.array if isinstance(x, ToyTensor) else x, (args, kwargs))
        with np.errstate(all="ignore"):
            result = kernel(*args, **kwargs)
        # NumPy gives scalars for arrays without dimensions
        if isinstance(result, tuple):
            return tuple(ToyTensor(np.asarray(x)) for x in result)
        return ToyTensor(np.asarray(result))

    return run


class ToyBackend(Backend):
    """Tensors, kernels and, of the engine, what must be there."""

    name = "toy"
    trainable = False
    tensor_types = (ToyTensor,)
    kernels = Kernels({name: on_tensors(kernel) for name, kernel in ARRAYS.items()})
    version = "1.0"

    def to_tensor(self, value: Any, dtype: str | None = None) -> Any:
        if isinstance(value, ToyTensor):
            return value if dtype is None else self.cast(value, dtype)
        return ToyTensor(self.to_array(value, dtype))

    def to_numpy(self, x: Any) -> Array:
        array: Array = x.array
        return array

    def cast(self, x: Any, dtype: str) -> Any:
        if x.dtype == dtype:
            return x
        # of complex numbers the real part
        array = x.array if dtype.startswith("complex") else np.real(x.array)
        with np.errstate(all="ignore"):
            return ToyTensor(array.astype(numpy_dtype(dtype)))

    def dtype_name(self, dtype: Any) -> str:
        return str(dtype)

    def stop_gradient(self, x: Any) -> Any:
        return x

    def value_and_grad(
        self, f: Callable[..., tuple[Any, Any]], inputs: Sequence[Any]
    ) -> tuple[Any, Any, list[Any | None]]:
        raise UnsupportedOp("toy computes no gradients")

    def vjp(self, f: Callable[..., Any], inputs: Sequence[Any]) -> Any:
        raise UnsupportedOp("toy computes no gradients")


def backend() -> ToyBackend:
    """What the entry point of the group ``dl.backends`` names."""
    return ToyBackend()
