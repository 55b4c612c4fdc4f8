"""Functions as models of OpenVINO, to be written to files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import openvino as ov
from openvino import opset15 as opset

from dl_backend_openvino.tensors import GraphTensor, element_type, in_graph
from dl_ops import tree
from dl_ops.symbolic import KerasTensor


def model_of(function: Callable[..., Any], args: Sequence[Any]) -> Any:
    """Model that computes a function, whose variables are constants in it.

    Parameters
    ----------
    function : callable
    args : sequence of structures of KerasTensor
        Shapes, unknown sizes among them, dtypes and names of its arguments.

    Returns
    -------
    openvino.Model
        Its inputs and outputs are flat; inputs have the names of `args`, outputs ``output_0`` and so on.
    """
    specs = tree.flatten(args)
    inputs = [_input(spec) for spec in specs]
    outputs = function(*tree.pack_sequence_as(list(args), inputs))
    results = []
    for i, y in enumerate(tree.flatten(outputs)):
        # a result of its own for each, also where it is an input or another's output
        node = opset.convert(in_graph(y).node, element_type(y.dtype))
        node.output(0).set_names({f"output_{i}"})
        results.append(opset.result(node))
    return ov.Model(results, [x.node.get_node() for x in inputs])


def _input(spec: KerasTensor) -> GraphTensor:
    shape = [-1 if size is None else size for size in spec.shape]
    node = opset.parameter(shape, element_type(spec.dtype), name=spec.name)
    node.output(0).set_names({spec.name})
    return GraphTensor(node)
