"""Graphs of OpenVINO, a pair of files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import openvino

from dl_layers.layer import Layer
from dl_ops.backend import get_backend
from dl_saving.export.options import check_options
from dl_saving.export.placing import replacing_files


def write(layer: Layer, path: str, signature: Sequence[Any], *, compress_to_fp16: bool = False, **options: Any) -> None:
    """Write the graph to an ``.xml`` file and the weights to a ``.bin`` file beside it, by default as they are."""
    check_options("openvino", options, ("compress_to_fp16",))
    backend: Any = get_backend("openvino")
    model = backend.model_of(lambda *args: layer(*args, training=False), signature)
    model.set_friendly_name(layer.name)
    with replacing_files(path) as temporary:
        openvino.save_model(model, os.fspath(temporary), compress_to_fp16=compress_to_fp16)
