"""What interoperability does without any framework; each framework's part is tested among the integration tests."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from dl_layers import Dense, FlaxLayer, JaxLayer, Layer, TFSMLayer, TorchModuleWrapper
from dl_layers.interop.conversion import as_nnx_module
from dl_layers.interop.framework_layer import FrameworkLayer, infer_unknown
from dl_layers.interop.weight_names import built_on, flattened, named, nested
from dl_ops import KerasTensor, Variable, available_backends, backend_scope


def spec(*shape: int | None) -> KerasTensor:
    return KerasTensor(shape, record_history=False)


def zeros(x: Any) -> Any:
    return np.zeros(x.shape, x.dtype)


@pytest.mark.parametrize(
    ("function", "shape", "expected"),
    [
        (lambda x: x, (2, 3), (2, 3)),
        (lambda x: x.sum(0), (None, 3), (3,)),
        (lambda x: x[:, ::32], (None, None), (None, None)),
        (lambda x: x.reshape(x.shape[0], -1), (None, 4, 5), (None, 20)),
        (lambda x: x + np.zeros((200, 3))[: x.shape[1]], (None, None, 3), (None, None, 3)),
        (lambda x: x + np.zeros((50, 3))[: x.shape[1]], (None, None, 3), (None, None, 3)),
        (lambda x: x[:, 1000:], (2, None), (2, None)),
        (lambda x: x[:, :3], (None, None), (None, 3)),
    ],
)
def test_sizes_that_depend_on_unknown_ones_are_unknown(function: Any, shape: Any, expected: Any) -> None:
    def run(x: Any) -> Any:
        array = np.lib.stride_tricks.as_strided(np.zeros(1, "float32"), x.shape, (0,) * len(x.shape))
        y = function(array)
        if 0 in y.shape:
            raise ValueError("nothing is left")
        return y

    assert infer_unknown(run, spec(*shape)).shape == expected


def test_structures_and_what_is_no_tensor_are_kept() -> None:
    found = infer_unknown(lambda x: {"a": (zeros(x[0]), "name"), "b": x[1]}, (spec(None, 2), 7))
    assert found["a"][0].shape == (None, 2)
    assert found["a"][1] == "name"
    assert found["b"] == 7


def test_the_first_error_is_raised_if_no_sizes_fit() -> None:
    def run(x: Any) -> Any:
        raise ValueError(f"no {x.shape[0]}")

    with pytest.raises(ValueError, match="no 64"):
        infer_unknown(run, spec(None))


def test_a_layer_says_which_backend_it_needs() -> None:
    class Foreign(FrameworkLayer):
        framework = "elsewhere"

    with pytest.raises(ValueError, match=r"Foreign needs the elsewhere backend.*pip install dl-backend-elsewhere"):
        Foreign()


@pytest.mark.parametrize(
    ("make", "needed"),
    [
        (lambda: JaxLayer(lambda inputs: inputs), "jax"),
        (lambda: TorchModuleWrapper(None), "torch"),  # type: ignore[arg-type]  # not looked at
        (lambda: TFSMLayer("nowhere"), "tensorflow"),
    ],
)
def test_without_its_backend_a_layer_says_what_to_install(make: Any, needed: str) -> None:
    if needed in available_backends():
        pytest.skip(f"{needed} is installed")
    with pytest.raises(ValueError, match=f"needs the {needed} backend.*pip install"):
        make()
    assert issubclass(FlaxLayer, JaxLayer)


def test_without_flax_its_layers_say_what_to_install() -> None:
    if find_spec("flax") is not None:
        pytest.skip("Flax is installed")
    for make in (lambda: FlaxLayer(None), lambda: as_nnx_module(Dense(1))):
        with pytest.raises(ImportError, match=r"needs flax: pip install 'dl-layers\[flax\]'"):
            make()


def variable(path: str) -> Variable:
    made = Variable(0.0)
    made.path = path
    return made


def test_names_are_the_parts_of_paths_and_differ() -> None:
    paths = ["m/a/kernel", "m/a/kernel", "m/a", "b", "b/c", "m/train/0.weight"]
    with backend_scope("numpy"):
        found = named(map(variable, paths), "m", lambda name: name == "train")
    assert list(found) == [
        ("a", "kernel"),
        ("a", "kernel_1"),
        ("a_1",),
        ("b",),
        ("b_c",),
        ("train_", "0", "weight"),
    ]
    assert nested({path: i for i, path in enumerate(found)})["a"] == {"kernel": 0, "kernel_1": 1}


def test_values_that_do_not_fit_are_named() -> None:
    assert flattened({"a": {"b": 1}, "c": 2}, [("c",), ("a", "b")], "params") == [2, 1]
    with pytest.raises(ValueError, match="params has no value at 'a/b'"):
        flattened({"a": 1}, [("a", "b")], "params")
    with pytest.raises(ValueError, match="params has 2 values, expected 1"):
        flattened({"a": 1, "b": 2}, [("a",)], "params")


def test_only_built_layers_of_the_backend_are_converted() -> None:
    with backend_scope("numpy"):
        layer = Dense(2)
        with pytest.raises(ValueError, match="has no weights yet"):
            built_on(layer, "numpy", "convert")
        layer.build((None, 3))
        assert built_on(layer, "numpy", "convert") is layer
        with pytest.raises(ValueError, match=r"convert\(\).*belongs to the numpy backend, expected torch"):
            built_on(layer, "torch", "convert")
    with pytest.raises(TypeError, match="expected a layer or model"):
        built_on(Layer, "numpy", "convert")
