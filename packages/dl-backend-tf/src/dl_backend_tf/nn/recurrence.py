"""Recurrent networks outside of graphs: their defaults as graphs, where a step does not pay for each of its ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import default_of, is_symbolic
from dl_ops.backend import Kernels

kernels = Kernels()


def _as_graph(name: str) -> Callable[..., Any]:
    graphs: list[Callable[..., Any]] = []

    def kernel(*args: Any) -> Any:
        tensors = [x for x in args if isinstance(x, tf.Tensor)]
        if is_symbolic(*tensors):
            return default_of(name)(*args)
        if not graphs:
            graphs.append(tf.function(default_of(name), autograph=False, reduce_retracing=True))
        return tuple(graphs[0](*args))

    return kernel


for _name in ("simple_rnn", "gru", "lstm"):
    kernels.register(_name, _as_graph(_name))
