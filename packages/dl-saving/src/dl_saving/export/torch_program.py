"""Programs of ``torch.export``."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Sequence
from typing import Any

import torch

from dl_layers.interop import as_torch_module
from dl_layers.layer import Layer
from dl_ops import tree
from dl_ops.backend import backend_scope
from dl_saving.atomic import replacing
from dl_saving.export.options import check_options


def write(layer: Layer, path: str, signature: Sequence[Any], **options: Any) -> None:
    """Write a ``.pt2`` file, which ``torch.export.load`` reads."""
    known = [name for name in inspect.signature(torch.export.export).parameters if name not in ("mod", "args")]
    check_options("torch", options, known)
    program = exported(layer, signature, **options)
    with replacing(path) as temporary, open(temporary, "wb") as file, warnings.catch_warnings():
        # of weights that are views; they are written and read whole
        warnings.filterwarnings("ignore", message="No complete tensor found", category=UserWarning)
        torch.export.save(program, file)


class Inference(torch.nn.Module):
    """A module that is called for inference."""

    def __init__(self, module: torch.nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *args: Any) -> Any:
        return self.module(*args, training=False)


def exported(layer: Layer, signature: Sequence[Any], **options: Any) -> Any:
    """The program of inference by a layer, for sizes as the signature leaves open."""
    module = Inference(as_torch_module(layer)).eval()
    sizes = tree.map_structure(
        lambda x: {axis: torch.export.Dim.DYNAMIC for axis, size in enumerate(x.shape) if size is None},
        tuple(signature),
    )
    options.setdefault("dynamic_shapes", (sizes,))
    examples = tree.map_structure(lambda x: _example(x, layer), tuple(signature))
    with backend_scope("torch"), torch.no_grad():
        return torch.export.export(module, examples, **options)


def _example(x: Any, layer: Layer) -> torch.Tensor:
    # not 0 or 1, which are taken for what is always so
    shape = [(2 if axis == 0 else 16) if size is None else size for axis, size in enumerate(x.shape)]
    device = next((v.value.device for v in layer.variables), torch.device("cpu"))
    return torch.zeros(shape, dtype=getattr(torch, x.dtype), device=device)
