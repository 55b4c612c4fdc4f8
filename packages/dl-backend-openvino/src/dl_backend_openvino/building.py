"""What kernels build nodes with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from openvino import opset15 as opset

from dl_backend_openvino.tensors import GraphTensor, HostTensor, element_type, in_graph
from dl_ops import tree
from dl_ops.backend import Kernels
from dl_ops.dtypes import numpy_dtype


def numbers(values: Any, dtype: str = "int64") -> Any:
    """Node of a constant, by default of integers as OpenVINO takes them for shapes and axes."""
    return opset.constant(np.asarray(values, numpy_dtype(dtype)))


def like(x: GraphTensor, value: int | float) -> GraphTensor:
    """Constant of the dtype of `x`."""
    return converted(GraphTensor(numbers(value, "int64" if type(value) is int else "float64")), x.dtype)


def converted(x: GraphTensor, dtype: str) -> GraphTensor:
    """`x` in another dtype."""
    return x if x.dtype == dtype else GraphTensor(opset.convert(x.node, element_type(dtype)))


def wrapped(result: Any) -> Any:
    """Nodes in a kernel's result as tensors."""
    return tree.map_structure(_wrapped, result)


def _wrapped(x: Any) -> Any:
    if x is None or isinstance(x, GraphTensor):
        return x
    return in_graph(x) if isinstance(x, HostTensor) else GraphTensor(x)


def natives(table: Mapping[str, str]) -> Kernels:
    """Kernels that are one node of the opset each, of all the tensors given."""
    kernels = Kernels()
    for name, node in table.items():
        kernels.register(name, _native(getattr(opset, node)))
    return kernels


def _native(build: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *tensors: build(*[x.node for x in tensors])


def known(shape: Sequence[int | None], what: str) -> tuple[int, ...]:
    """A shape with all sizes known; a ``ValueError`` if one is not."""
    if None in shape:
        raise ValueError(f"{what} needs sizes that are known when the graph is built, got shape {tuple(shape)}")
    return tuple(size for size in shape if size is not None)
