"""Recurrent networks outside of graphs: their defaults as graphs, where a step does not pay for each of its ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import default_of, is_symbolic
from dl_backend_tf.transformations import is_forward
from dl_ops.backend import Kernels

kernels = Kernels()


def _as_graph(name: str, states: int) -> Callable[..., Any]:
    """Kernel that runs the default as a graph, one for all batch sizes and lengths."""
    graphs: dict[Any, Callable[..., Any]] = {}

    def kernel(*args: Any) -> Any:
        tensors = [x for x in args if isinstance(x, tf.Tensor)]
        if is_symbolic(*tensors) or is_forward():
            return default_of(name)(*args)
        # of the inputs, the states and the mask the sizes of batch and steps are left open
        shapes = [_opened(x, i <= states or x.dtype == tf.bool) for i, x in enumerate(tensors)]
        key = (*(x if not isinstance(x, tf.Tensor) else None for x in args), *shapes, *(x.dtype for x in tensors))
        if key not in graphs:
            graphs[key] = _graph(name, args, shapes)
        return tuple(graphs[key](*tensors))

    return kernel


def _opened(x: Any, sequence: bool) -> tuple[int | None, ...]:
    shape = tuple(x.shape)
    return (*(None,) * (len(shape) - 1), shape[-1] if x.dtype != tf.bool else None) if sequence else shape


def _graph(name: str, args: Any, shapes: Any) -> Callable[..., Any]:
    is_tensor = [isinstance(x, tf.Tensor) for x in args]
    others = [None if tensor else x for x, tensor in zip(args, is_tensor, strict=True)]
    tensors = [x for x, tensor in zip(args, is_tensor, strict=True) if tensor]

    def run(*values: Any) -> Any:
        rest = iter(values)
        return default_of(name)(*[next(rest) if tensor else x for x, tensor in zip(others, is_tensor, strict=True)])

    specs = [tf.TensorSpec(shape, x.dtype) for shape, x in zip(shapes, tensors, strict=True)]
    graph: Callable[..., Any] = tf.function(run, specs, autograph=False)
    return graph


for _name, _states in (("simple_rnn", 1), ("gru", 1), ("lstm", 2)):
    kernels.register(_name, _as_graph(_name, _states))
