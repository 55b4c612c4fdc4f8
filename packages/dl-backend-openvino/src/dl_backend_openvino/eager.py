"""Ops on tensors with values: on the host, or by a graph of a single op."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final

import numpy as np

from dl_backend_openvino.building import wrapped
from dl_backend_openvino.program import Program, parameter
from dl_backend_openvino.tensors import HostTensor, in_graph
from dl_ops import tree
from dl_ops.backend import Backend
from dl_ops.backend.registry import backend_scope
from dl_ops.typing import Array

_NESTS: Final = (list, tuple, dict)


def replaced(kind: type | tuple[type, ...], function: Callable[[Any], Any], structure: Any) -> Any:
    """Structure with a function applied to the leaves of a kind."""
    return tree.map_structure(lambda x: function(x) if isinstance(x, kind) else x, structure)


def in_graph_kernel(build: Callable[..., Any]) -> Callable[..., Any]:
    """Kernel that adds nodes to a graph; tensors with values become constants of it."""

    def run(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = replaced(HostTensor, in_graph, (args, kwargs))
        return wrapped(build(*args, **kwargs))

    return run


def on_host(kernel: Callable[..., Any], host: Backend) -> Callable[..., Any]:
    """Kernel of the NumPy backend for tensors with values."""

    def run(*args: Any, **kwargs: Any) -> Any:
        if kwargs or any(type(x) in _NESTS for x in args):
            args, kwargs = replaced(HostTensor, _array, (args, kwargs))
        else:
            args = tuple([x.array if type(x) is HostTensor else x for x in args])
        with backend_scope(host), np.errstate(all="ignore"):
            result = kernel(*args, **kwargs)
        if type(result) is np.ndarray:
            return HostTensor(result)
        return replaced((np.ndarray, np.generic), lambda x: HostTensor(np.asarray(x)), result)

    return run


def _array(x: HostTensor) -> Array:
    return x.array


def single_op(build: Callable[..., Any]) -> Callable[..., Any]:
    """Kernel that compiles a graph of one op for each signature."""
    programs: dict[Hashable, Program] = {}

    def run(*args: Any, **kwargs: Any) -> Any:
        leaves = tree.flatten((args, kwargs))
        tensors = [x for x in leaves if isinstance(x, HostTensor)]
        # which also tells where in the arguments they are
        signature = repr(replaced(HostTensor, lambda x: (x.shape, x.dtype), (args, kwargs)))
        program = programs.get(signature)
        if program is None:
            inputs = [parameter(x) for x in tensors]
            rest = iter(inputs)
            positional, keyword = replaced(HostTensor, lambda x: next(rest), (args, kwargs))
            program = programs[signature] = Program(inputs, wrapped(build(*positional, **keyword)))
        return program(tensors)

    return run
