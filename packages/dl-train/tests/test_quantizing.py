"""Models whose layers are kept in fewer bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dl_layers import Dense, Embedding, Flatten, Input, MultiHeadAttention
from dl_layers.quantizers import AWQConfig, GPTQConfig, Int8QuantizationConfig
from dl_ops import ops
from dl_ops.backend import Backend
from dl_train import models

RANDOM = np.random.default_rng(0)
TOKENS = RANDOM.integers(0, 9, (40, 6)).astype("int32")


def _model() -> Any:
    x = Input((6,), dtype="int32")
    block = models.Sequential([Input((6, 8)), Dense(16, activation="relu"), Dense(8)], name="block")
    y = block(Embedding(9, 8, name="table")(x))
    y = MultiHeadAttention(2, 4, name="attention")(y, y)
    return models.Model(x, Dense(3, name="head")(Flatten()(y)))


def _outputs(model: Any) -> Any:
    return ops.convert_to_numpy(model(TOKENS))


@pytest.mark.parametrize("mode", ["int8", "int4"])
def test_outputs_stay_near(mode: str, backend: Backend) -> None:
    model = _model()
    before = _outputs(model)
    model.quantize(mode)
    assert model.get_layer("table").quantization_mode == mode
    assert model.get_layer("attention")._query_dense.quantization_mode == mode
    assert np.abs(_outputs(model) - before).max() < (0.05 if mode == "int8" else 0.4) * np.abs(before).max()


@pytest.mark.parametrize(
    ("filters", "quantized"),
    [("^head$", ["head"]), (["head", "table"], ["table", "head"]), (lambda layer: layer.name == "table", ["table"])],
    ids=["pattern", "patterns", "function"],
)
def test_filters_choose_layers(filters: Any, quantized: list[str]) -> None:
    model = _model()
    model.quantize("int8", filters=filters)
    assert [layer.name for layer in model._flatten_layers() if layer.quantization_mode] == quantized


@pytest.mark.parametrize("config", [GPTQConfig, AWQConfig])
@pytest.mark.parametrize("structure", [False, True], ids=["whole", "blocks"])
def test_examples_are_seen_by_every_layer(config: Any, structure: bool, backend: Backend) -> None:
    model = _model()
    before = _outputs(model)
    parts = {"pre_block_layers": [model.get_layer("table")], "sequential_blocks": [model.get_layer("block")]}
    model.quantize(
        config=config(
            list(TOKENS), None, group_size=4, num_samples=20, sequence_length=6,
            quantization_layer_structure=parts if structure else None,
        ),
        filters="dense|head",
    )  # fmt: skip
    mode = config(None, None).mode
    assert [layer.quantization_mode for layer in model.get_layer("block").layers] == [mode, mode]
    assert model.get_layer("head").quantization_mode == (None if structure else mode)
    assert np.abs(_outputs(model) - before).max() < 0.4 * np.abs(before).max()


def test_a_model_can_say_its_blocks() -> None:
    class Blocks(models.Sequential):
        def get_quantization_layer_structure(self, mode: str | None = None) -> dict[str, Any] | None:
            assert mode == "gptq"
            return {"pre_block_layers": [self.layers[0]], "sequential_blocks": [self.layers[1]]}

    model = Blocks([Input((4,)), Dense(4), Dense(4), Dense(2)])
    model.quantize(config=GPTQConfig([np.ones((1, 4), "float32")], None, group_size=4, num_samples=1))
    assert [bool(layer.quantization_mode) for layer in model.layers] == [False, True, False]


@pytest.mark.parametrize("mode", ["float8", "int8"])
def test_training_goes_on(mode: str, backend: Backend) -> None:
    if not backend.trainable:
        pytest.skip("computes no gradients")
    x, y = RANDOM.normal(size=(64, 5)).astype("float32"), RANDOM.normal(size=(64, 2)).astype("float32")
    model: Any = models.Sequential([Input((5,)), Dense(16, activation="relu"), Dense(2)])
    model.compile("adam", "mse")
    model.fit(x, y, epochs=1, verbose=0)
    model.quantize(mode)
    if mode == "int8":
        for layer in model.layers:
            layer.enable_lora(2)
    model.compile("adam", "mse")
    losses = model.fit(x, y, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    if mode == "float8":
        layer = model.layers[0]
        # the last batches' largest magnitudes, and the scale that follows from them
        assert 0 < float(layer.inputs_scale) < 0.05
        assert np.count_nonzero(layer.inputs_amax_history.numpy()) == 60
        assert float(layer.outputs_grad_scale) != 1.0


MISUSES: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "unbuilt": (lambda: models.Sequential([Dense(2)]).quantize("int8"), ValueError, "not built"),
    "no mode": (lambda: _model().quantize(), ValueError, "a mode or a configuration"),
    "filters": (lambda: _model().quantize("int8", filters=3), ValueError, "filters"),
    "argument": (lambda: _model().quantize("int8", other=3), TypeError, "other"),
    "contradiction": (lambda: _model().quantize("int4", Int8QuantizationConfig()), ValueError, "'int8'"),
    "no dataset": (lambda: _model().quantize(config=GPTQConfig(None, None)), ValueError, "dataset"),
    "no tokenizer": (lambda: _model().quantize(config=GPTQConfig(["text"], None)), ValueError, "tokenizer"),
    "twice": (lambda: [model.quantize("int8") for model in [_model()] * 2], ValueError, "quantized already"),
}


@pytest.mark.parametrize(("call", "error", "match"), MISUSES.values(), ids=MISUSES)
def test_misuses_are_errors(call: Callable[[], Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call()
