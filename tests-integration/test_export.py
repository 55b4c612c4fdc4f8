"""Models as programs of other libraries, from every backend: they compute what the model does, for any batch size."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dl
from dl import layers
from dl_ops.backend import Backend, get_backend
from dl_ops.testing.pytest_backends import backends_under_test

_RNG = np.random.default_rng(0)


def images() -> Any:
    x = dl.Input((8, 8, 3), name="image")
    y = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    y = layers.MaxPooling2D()(layers.BatchNormalization()(y))
    y = layers.Dropout(0.5)(layers.Flatten()(y))
    return dl.Model(x, layers.Dense(2, activation="softmax")(y))


def sentences() -> Any:
    """Takes sentences of any length."""
    tokens = dl.Input((None,), dtype="int32", name="tokens")
    x = layers.Embedding(20, 8)(tokens)
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True))
    x = layers.LayerNormalization()(x + layers.Dense(8)(layers.Dense(16, activation="gelu")(x)))
    return dl.Model(tokens, layers.Dense(3)(layers.GlobalAveragePooling1D()(x)))


MODELS: dict[str, tuple[Callable[[], Any], list[Any]]] = {
    "images": (images, [_RNG.normal(size=(n, 8, 8, 3)).astype("float32") for n in (1, 5)]),
    "sentences": (sentences, [_RNG.integers(0, 20, (n, length)).astype("int32") for n, length in ((1, 1), (4, 7))]),
}

Program = Callable[[Any], Any]


def served(path: str) -> Program:
    import tensorflow as tf

    program = tf.saved_model.load(path)
    return lambda x: program.serve(x).numpy()


def flat_buffer(path: str) -> Program:
    import tensorflow as tf

    program = tf.lite.Interpreter(path)

    def run(x: Any) -> Any:
        entry = program.get_input_details()[0]["index"]
        program.resize_tensor_input(entry, x.shape)
        program.allocate_tensors()
        program.set_tensor(entry, x)
        program.invoke()
        return program.get_tensor(program.get_output_details()[0]["index"])

    return run


def graph(path: str) -> Program:
    import openvino

    program = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda x: program(x)[0]


def exported_program(path: str) -> Program:
    import torch

    program = torch.export.load(path).module()
    return lambda x: program(torch.from_numpy(x)).detach().numpy()


def onnx_graph(path: str) -> Program:
    program = pytest.importorskip("onnxruntime").InferenceSession(path)
    return lambda x: program.run(None, {program.get_inputs()[0].name: x})[0]


FORMATS: dict[str, tuple[str, str, Callable[[str], Program]]] = {
    "tf_saved_model": ("tensorflow", "served", served),
    "litert": ("tensorflow", "model.tflite", flat_buffer),
    "openvino": ("openvino", "model.xml", graph),
    "torch": ("torch", "model.pt2", exported_program),
    "onnx": ("torch", "model.onnx", onnx_graph),
}
READABLE = [name for name, (framework, *_) in FORMATS.items() if framework in backends_under_test()]

pytestmark = [
    # of TensorFlow's interpreter, that it moves to another package
    pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning"),
    # of PyTorch's own use of its own
    pytest.mark.filterwarnings("ignore:.*isinstance.treespec, LeafSpec.*:FutureWarning"),
]


def _write(model: Any, tmp_path: Path, format: str, **options: Any) -> Program:
    _, name, load = FORMATS[format]
    if format == "onnx":
        pytest.importorskip("onnx")
        pytest.importorskip("onnxscript")
    path = str(tmp_path / name)
    model.export(path, format=format, **options)
    # of half-written ones nothing is left
    assert not [other for other in os.listdir(tmp_path) if other.endswith(".tmp")]
    return load(path)


@pytest.mark.parametrize("format", READABLE)
@pytest.mark.parametrize("name", MODELS)
def test_programs_compute_what_models_do(backend: Backend, tmp_path: Path, name: str, format: str) -> None:
    make, inputs = MODELS[name]
    model = make()
    program = _write(model, tmp_path, format)
    for x in inputs:
        np.testing.assert_allclose(program(x), model.predict(x, verbose=0), rtol=1e-4, atol=1e-5)


class Pair(dl.Model):
    """Takes two arguments, and gives a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.recurrent = layers.LSTM(2)

    def call(self, a: Any, b: Any) -> Any:
        y = self.recurrent(a)
        return {"product": y * b, "same": b}


@pytest.mark.parametrize("format", [name for name in READABLE if name in ("tf_saved_model", "openvino", "torch")])
def test_subclasses_of_several_arguments(backend: Backend, tmp_path: Path, format: str) -> None:
    model = Pair()
    a, b = _RNG.normal(size=(3, 6, 4)).astype("float32"), np.full((3, 2), 2.0, "float32")
    expected = {name: np.asarray(dl.ops.convert_to_numpy(y)) for name, y in model(a, b).items()}
    path = str(tmp_path / FORMATS[format][1])
    model.export(path, format=format, input_signature=[dl.InputSpec(shape=(None, 6, 4)), dl.KerasTensor((None, 2))])
    if format == "tf_saved_model":
        import tensorflow as tf

        program = tf.saved_model.load(path)  # whose variables live as long as it does
        found = program.serve(a, b)
    elif format == "torch":
        import torch

        found = torch.export.load(path).module()(torch.from_numpy(a), torch.from_numpy(b))
    else:
        import openvino

        outputs = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})([a, b])
        found = dict(zip(expected, outputs.values(), strict=True))
    for name, y in expected.items():
        np.testing.assert_allclose(np.asarray(found[name].detach() if format == "torch" else found[name]), y, rtol=1e-4)


@pytest.mark.skipif("tensorflow" not in backends_under_test(), reason="TensorFlow is not tested here")
def test_saved_models_are_layers_again(tmp_path: Path) -> None:
    a, b = dl.Input((3,), name="a"), dl.Input((2,), name="b")
    model = dl.Model({"a": a, "b": b}, layers.Dense(2)(a) + b)
    inputs = {"a": np.ones((4, 3), "float32"), "b": np.ones((4, 2), "float32")}
    path = str(tmp_path / "served")
    for _ in range(2):  # the second takes the place of the first
        model.export(path)
    with dl.backend_scope("tensorflow"):
        layer = layers.TFSMLayer(path)
        np.testing.assert_allclose(layer(inputs), model.predict(inputs, verbose=0), rtol=1e-5)
        assert [w.trainable for w in layer.weights] == [True, True]
        signature: Any = layers.TFSMLayer(path, call_endpoint="serving_default")._functions[False]
        assert sorted(signature.structured_input_signature[1]) == ["a", "b"]
    (tmp_path / "served" / "notes").touch()
    with pytest.raises(FileExistsError, match="'notes'"):
        model.export(path)


def test_misuses_are_named(backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = dl.Sequential([layers.Dense(2)])
    path = str(tmp_path / "model")
    with pytest.raises(ValueError, match="is not built"):
        model.export(path)
    model.build((None, 3))
    with pytest.raises(ValueError, match=r"format='coreml'.*expected one of 'tf_saved_model'"):
        model.export(path, format="coreml")
    with pytest.raises(ValueError, match=r"ends in '\.xml'"):
        model.export(path, format="openvino")
    with pytest.raises(TypeError, match="has no shape"):
        model.export(path, input_signature=[3])
    for format in READABLE[:1]:
        with pytest.raises(TypeError, match="unexpected arguments 'colour'"):
            model.export(str(tmp_path / FORMATS[format][1]), format=format, colour="red")
    for format in {"torch", "openvino", "litert"} - set(READABLE):
        framework, name, _ = FORMATS[format]
        try:
            get_backend(framework)
        except (ValueError, ImportError):
            with pytest.raises(ImportError, match=f"needs the {framework} backend.*pip install"):
                model.export(str(tmp_path / name), format=format)
    assert not os.listdir(tmp_path)
