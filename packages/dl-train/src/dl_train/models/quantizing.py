"""Quantizing the layers of a model."""

from __future__ import annotations

import itertools
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dl_layers.layer import Layer
from dl_layers.quantization import Quantizable
from dl_layers.quantizers import QuantizationConfig
from dl_layers.quantizers.configs import of_mode
from dl_ops import ops

if TYPE_CHECKING:
    from dl_train.models.model import Model

Filters = str | Sequence[str] | Callable[[Any], bool] | None


def quantize_layers(model: Model, mode: Any, config: Any, filters: Filters, type_check: bool = True) -> None:
    """Quantize the layers of a model that can be: see `Model.quantize`."""
    where = f"{type(model).__name__}.quantize(mode={mode!r})"
    config = of_mode(mode, config, where)
    chosen = _chooses(filters, where)
    if not model.built:
        raise ValueError(f"{where}: the model {model.name!r} is not built: build it or call it first")
    layers = [x for x in model._flatten_layers(include_self=False) if isinstance(x, Quantizable) and chosen(x)]
    for layer in layers:
        found: Any = layer
        if found.quantization_mode is not None:
            raise ValueError(f"{where}: the layer {found.path!r} is quantized already: {found.dtype_policy.name!r}")
    if config.mode in ("gptq", "awq"):
        _with_examples(model, config, layers, type_check, where)
    else:
        _quantized(layers, config, type_check)
    model._forget_functions()


def _chooses(filters: Filters, where: str) -> Callable[[Any], bool]:
    if filters is None:
        return lambda layer: True
    if callable(filters):
        return filters
    patterns = [filters] if isinstance(filters, str) else filters
    if not isinstance(patterns, (list, tuple)) or not all(isinstance(x, str) for x in patterns):
        raise ValueError(
            f"{where}: filters must be a regular expression, a list of them or a function, got {filters!r}"
        )
    return lambda layer: any(re.search(pattern, layer.name) for pattern in patterns)


def _quantized(layers: Sequence[Quantizable], config: QuantizationConfig, type_check: bool) -> list[Quantizable]:
    """Quantize layers, and give those that could be."""
    done = []
    for layer in layers:
        try:
            layer.quantize(config.mode, type_check=type_check, config=config)
        except NotImplementedError as error:
            warnings.warn(f"{error}; the layer stays as it is", stacklevel=4)
        else:
            done.append(layer)
    return done


def _with_examples(model: Model, config: Any, layers: Sequence[Quantizable], type_check: bool, where: str) -> None:
    """Quantize block after block: each gets what the quantized blocks before it give for the examples."""
    hidden = list(itertools.islice(_examples(config, where), config.num_samples))
    if not hidden:
        raise ValueError(f"{where}: the configuration's dataset has no examples")
    structure = config.quantization_layer_structure or model.get_quantization_layer_structure(config.mode)
    structure = structure or {"sequential_blocks": [model]}
    for layer in structure.get("pre_block_layers", ()):
        hidden = [layer(x) for x in hidden]
    allowed = {id(layer) for layer in layers}
    for block in structure["sequential_blocks"]:
        if not isinstance(block, Layer):
            raise ValueError(f"{where}: sequential_blocks must be layers, got {block!r}")
        inside = [x for x in block._flatten_layers() if isinstance(x, Quantizable) and id(x) in allowed]
        waiting = _quantized(inside, config, type_check)
        for x in hidden:
            block(x)
        for layer in waiting:
            layer.calibrate()
        if block is not model:
            hidden = [block(x) for x in hidden]


def _examples(config: Any, where: str) -> Iterator[Any]:
    """Batches of one example each: texts as tokens, rows of tokens cut to the length asked for."""
    if config.dataset is None:
        raise ValueError(f"{where}: the configuration needs a dataset of examples")
    for item in config.dataset:
        example = item
        if isinstance(example, str):
            if config.tokenizer is None:
                raise ValueError(f"{where}: the configuration needs a tokenizer for the texts of its dataset")
            example = config.tokenizer(example)
        array = np.asarray(ops.convert_to_numpy(example))
        if array.dtype.kind in "iu":
            array = np.atleast_2d(array)[:, : config.sequence_length].astype("int32")
        yield ops.convert_to_tensor(array)
