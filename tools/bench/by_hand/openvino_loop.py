"""Inference by hand in OpenVINO, which does not train."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import openvino as ov
from openvino import opset13
from tools.bench.by_hand.loop import Loop


def make(network: str, weights: Sequence[Any]) -> Loop:
    """Loop for the network "mlp"."""
    if network != "mlp":
        raise ValueError(f"make({network!r}): only 'mlp' is written by hand in OpenVINO")
    w1, b1, w2, b2 = weights
    x = opset13.parameter([-1, len(w1)], ov.Type.f32)
    hidden = opset13.relu(opset13.add(opset13.matmul(x, w1, False, False), b1))
    model = ov.Model([opset13.add(opset13.matmul(hidden, w2, False, False), b2)], [x])
    config = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    request = ov.Core().compile_model(model, "CPU", config).create_infer_request()
    output = request.get_output_tensor()

    def call(x: Any) -> Any:
        request.infer([x], share_inputs=True, share_outputs=True)
        return output.data

    return Loop(call=call, tensor=lambda x: x, predict=lambda x: call(x).copy())
