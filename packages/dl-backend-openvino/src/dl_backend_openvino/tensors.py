"""The two kinds of tensors: values held by the host, and outputs of nodes of a graph that is being built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import openvino as ov
from openvino import opset15 as opset

from dl_ops.dtypes import numpy_dtype
from dl_ops.operators import TensorOperators
from dl_ops.typing import Array

ELEMENT_TYPES: Final[dict[str, Any]] = {
    "bool": ov.Type.boolean,
    "bfloat16": ov.Type.bf16,
    "float16": ov.Type.f16,
    "float32": ov.Type.f32,
    "float64": ov.Type.f64,
    "float8_e4m3fn": ov.Type.f8e4m3,
    "float8_e5m2": ov.Type.f8e5m2,
    "int8": ov.Type.i8,
    "int16": ov.Type.i16,
    "int32": ov.Type.i32,
    "int64": ov.Type.i64,
    "uint8": ov.Type.u8,
    "uint16": ov.Type.u16,
    "uint32": ov.Type.u32,
    "uint64": ov.Type.u64,
}
NAMES: Final[dict[str, str]] = {element.get_type_name(): name for name, element in ELEMENT_TYPES.items()}

# NumPy has these through ml-dtypes, which OpenVINO does not know: they cross as bytes
_AS_BYTES: Final = {"bfloat16": np.uint16, "float8_e4m3fn": np.uint8, "float8_e5m2": np.uint8}


def element_type(dtype: str) -> Any:
    """OpenVINO's element type of a dtype name; a ``TypeError`` if it has none."""
    try:
        return ELEMENT_TYPES[dtype]
    except KeyError:
        raise TypeError(f"dtype={dtype!r}: OpenVINO has no tensors of that dtype") from None


class _Tensor(TensorOperators):
    """Python's operators, with what the type checker does not see in the mixin."""

    __slots__ = ()
    if TYPE_CHECKING:
        __getitem__: Any
        __add__: Any
        __radd__: Any
        __sub__: Any
        __rsub__: Any
        __mul__: Any
        __rmul__: Any
        __truediv__: Any
        __rtruediv__: Any
        __pow__: Any
        __rpow__: Any
        __matmul__: Any
        __neg__: Any
        __lt__: Any
        __le__: Any
        __gt__: Any
        __ge__: Any


class HostTensor(_Tensor):
    """Tensor with values.

    Parameters
    ----------
    array : numpy.ndarray
    """

    __slots__ = ("__weakref__", "array", "dtype", "shape")  # layers keep masks by weak reference

    def __init__(self, array: Array) -> None:
        self.array = array
        self.dtype: str = array.dtype.name
        self.shape: tuple[int, ...] = array.shape

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    def numpy(self) -> Array:
        """The values."""
        return self.array

    def tolist(self) -> Any:
        """The values as nested lists of Python numbers."""
        return self.array.tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.array, dtype) if copy else np.asarray(self.array, dtype)

    def __bool__(self) -> bool:
        return bool(self.array)

    def __int__(self) -> int:
        return int(self.array)

    def __float__(self) -> float:
        return float(self.array)

    def __index__(self) -> int:
        return self.array.__index__()

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator[HostTensor]:
        return (HostTensor(np.asarray(row)) for row in self.array)

    def __repr__(self) -> str:
        return f"<OpenVINO tensor shape={self.shape}, dtype={self.dtype}, values={self.array}>"


class GraphTensor(_Tensor):
    """Output of a node.

    Parameters
    ----------
    node : openvino.Node or openvino.Output
    """

    __slots__ = ("__weakref__", "node")

    def __init__(self, node: Any) -> None:
        self.node = node.output(0) if isinstance(node, ov.Node) else node

    @property
    def shape(self) -> tuple[int | None, ...]:
        """Static shape."""
        return tuple(None if size.is_dynamic else size.get_length() for size in self.node.get_partial_shape())

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.node.get_partial_shape())

    @property
    def dtype(self) -> str:
        """Name of the dtype."""
        return NAMES[self.node.get_element_type().get_type_name()]

    def __len__(self) -> int:
        raise TypeError(f"len() of {self!r}: use .shape[0]")

    def __iter__(self) -> Any:
        raise TypeError(f"cannot iterate over {self!r}: use ops.unstack")

    def __repr__(self) -> str:
        return f"<OpenVINO node shape={self.shape}, dtype={self.dtype}>"


def to_openvino(array: Array) -> Any:
    """OpenVINO's tensor over the memory of an array."""
    # an array that cannot be written to is copied: OpenVINO refuses its memory
    array = np.require(array, requirements=["C", "W"])
    name = array.dtype.name
    if name in _AS_BYTES:
        return ov.Tensor(array.view(_AS_BYTES[name]), ov.Shape(array.shape), element_type(name))
    element_type(name)
    return ov.Tensor(array, shared_memory=True)


def from_openvino(tensor: Any) -> Array:
    """Copy of the values of one of OpenVINO's tensors, whose memory the next inference overwrites."""
    name = NAMES[tensor.get_element_type().get_type_name()]
    if name in _AS_BYTES:
        raw = np.frombuffer(tensor.data.tobytes(), _AS_BYTES[name])
        return raw.view(numpy_dtype(name)).reshape(tuple(tensor.get_shape()))
    values: Array = np.array(tensor.data)
    return values


def constant(array: Array) -> Any:
    """Node of a constant, with a copy of the values: it would not keep the array alive."""
    name = array.dtype.name
    if name not in _AS_BYTES:
        element_type(name)
        return opset.constant(array)
    owned = ov.Tensor(element_type(name), ov.Shape(array.shape))
    owned.data.view(_AS_BYTES[name])[...] = array.view(_AS_BYTES[name])
    return opset.constant(owned)


def in_graph(x: Any) -> GraphTensor:
    """`x` as a tensor of the graph: what the host holds becomes a constant."""
    return x if isinstance(x, GraphTensor) else GraphTensor(constant(x.array))
