"""ONNX graphs, by PyTorch's exporter."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import torch

from dl_layers.layer import Layer
from dl_ops import tree
from dl_saving.export.options import check_options, require
from dl_saving.export.placing import replacing_files
from dl_saving.export.torch_program import exported


def write(
    layer: Layer, path: str, signature: Sequence[Any], *, opset_version: int | None = None, **options: Any
) -> None:
    """Write a file; weights too large for one are in another, with the ending ``.data``, beside it."""
    check_options("onnx", options, ("opset_version",))
    require("onnx", "onnx", "onnxscript")
    with warnings.catch_warnings():
        # of what PyTorch's exporter uses itself
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            exported(layer, signature),
            (),
            dynamo=True,
            verbose=False,
            opset_version=opset_version,
            input_names=[x.name for x in tree.flatten(list(signature))],
        )
        if program is None:
            raise RuntimeError(f"export(format='onnx'): PyTorch exported nothing of {layer.name!r}")
        with replacing_files(path) as temporary:
            program.save(temporary)
