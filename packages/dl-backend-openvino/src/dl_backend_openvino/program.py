"""Compiled graphs, called with values."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from openvino import opset15 as opset

from dl_backend_openvino import devices
from dl_backend_openvino.tensors import GraphTensor, HostTensor, element_type, from_openvino, to_openvino
from dl_ops import tree


def parameter(x: HostTensor) -> GraphTensor:
    """Input of a graph, of the shape and dtype of a tensor."""
    return GraphTensor(opset.parameter(list(x.shape), element_type(x.dtype)))


class Program:
    """A compiled graph from inputs to the tensors in a structure.

    Parameters
    ----------
    inputs : sequence of GraphTensor
        What `parameter` gave.
    result : structure of GraphTensor and whatever else
    """

    def __init__(self, inputs: Sequence[GraphTensor], result: Any) -> None:
        self._result = result
        outputs = [x for x in tree.flatten(result) if isinstance(x, GraphTensor)]
        # a result of its own for each, also where several are one output, or an input
        results = [opset.result(x.node) for x in outputs]
        self._count = len(results)
        self._request: Any = None
        if results:
            self._request = devices.compiled([x.node.get_node() for x in inputs], results).create_infer_request()
        # a request holds its inputs and outputs
        self._lock = threading.Lock()

    def __call__(self, inputs: Sequence[HostTensor]) -> Any:
        """The structure with values in the places of tensors of the graph."""
        values: list[HostTensor] = []
        if self._request is not None:
            with self._lock:
                held = [to_openvino(x.array) for x in inputs]
                for i, tensor in enumerate(held):
                    self._request.set_input_tensor(i, tensor)
                self._request.infer()
                values = [HostTensor(from_openvino(self._request.get_output_tensor(i))) for i in range(self._count)]
        rest = iter(values)
        return tree.map_structure(lambda x: next(rest) if isinstance(x, GraphTensor) else x, self._result)
