"""Layers around models of JAX, Flax, PyTorch and TensorFlow beside Keras's own.

Names of weights are others here: Keras numbers them, ``variable_7``, by what was made before in the process, and here
they are the framework's, ``params.Dense_0.kernel``. Files of weights do not have them. What Keras gets wrong and is not
compared: `JaxLayer` fails on leaves that are no arrays, and builds with floats for inputs of integers;
`TorchModuleWrapper` fails on symbolic inputs without `output_shape`, on mixed precision, and leaves its module in the
mode of the last call.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
import pytest

import dl

# Keras's variables are of the older protocol
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")


def scaled(params: Any, inputs: Any) -> Any:
    return inputs * params["scale"]["by"] + params["shift"]


def scaled_init(inputs: Any) -> Any:
    return {"shift": jax.numpy.zeros(inputs.shape[-1]), "scale": {"by": jax.numpy.ones(())}}


def counted(params: Any, state: Any, inputs: Any, training: Any) -> Any:
    return inputs * params + state["calls"], {"calls": state["calls"] + (2 if training else 1)}


def flax_network() -> Any:
    from flax import linen

    class Network(linen.Module):  # type: ignore[misc]  # not known to type checkers here
        @linen.compact
        def __call__(self, inputs: Any, training: bool) -> Any:
            x = linen.BatchNorm(use_running_average=not training)(linen.Dense(4)(inputs))
            return linen.Dense(2)(jax.nn.relu(x))

    return Network()


LAYERS: dict[str, Callable[[Any], Any]] = {
    "function": lambda layers: layers.JaxLayer(scaled, scaled_init),
    "values": lambda layers: layers.JaxLayer(scaled, params={"scale": {"by": 3.0}, "shift": np.ones(3, "float32")}),
    "state": lambda layers: layers.JaxLayer(counted, params=2.0, state={"calls": np.float32(0)}),
    "flax": lambda layers: layers.FlaxLayer(flax_network()),
}


@pytest.fixture(params=LAYERS)
def pair(request: pytest.FixtureRequest) -> Any:
    if request.param == "flax":
        pytest.importorskip("flax")
    assert keras.backend.backend() == "jax"
    with dl.backend_scope("jax"):
        ours, theirs = (LAYERS[request.param](module) for module in (dl.layers, keras.layers))
        ours(X)
        theirs(X)
        ours.set_weights([np.asarray(weight) for weight in theirs.get_weights()])
        yield ours, theirs


def test_weights_outputs_and_updated_state_equal_those_of_keras(pair: Any) -> None:
    ours, theirs = pair
    described = [[(tuple(w.shape), w.dtype, w.trainable) for w in layer.weights] for layer in pair]
    assert described[0] == described[1]
    for training in (True, False):
        np.testing.assert_allclose(ours(X, training=training), theirs(X, training=training), rtol=1e-5, atol=1e-6)
    for x, y in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-5, atol=1e-6)


def test_files_of_weights_travel_both_ways(pair: Any, tmp_path: Path) -> None:
    ours, theirs = (
        module.Sequential([module.Input((3,)), layer]) for module, layer in zip((dl, keras), pair, strict=True)
    )
    rng = np.random.default_rng(1)
    for one, other in ((ours, theirs), (theirs, ours)):
        drawn = [np.asarray(rng.uniform(0.5, 1.0, w.shape), w.dtype) for w in one.get_weights()]
        one.set_weights(drawn)
        one.save_weights(tmp_path / "model.weights.h5")
        other.load_weights(tmp_path / "model.weights.h5")
        for x, y in zip(other.get_weights(), drawn, strict=True):
            np.testing.assert_array_equal(x, y)


def test_configurations_have_the_same_values() -> None:
    configs = []
    for module in (dl, keras):
        for function in (scaled, scaled_init):
            module.saving.register_keras_serializable("interop")(function)
        layer = module.layers.JaxLayer(scaled, scaled_init, name="layer")
        configs.append(layer.get_config())
    # functions are called otherwise there: `registered_name` has the function's own name
    assert configs[0].keys() == configs[1].keys()
    for name in ("call_fn", "init_fn"):
        assert configs[0].pop(name)["config"] == configs[1].pop(name)["config"]
    assert configs[0] == configs[1]


def on_keras(backend: str, code: str, *args: Any) -> None:
    """Run `code` in a process with Keras on another backend; ``sys.argv`` has the arguments."""
    environment = {**os.environ, "KERAS_BACKEND": backend}
    command = [sys.executable, "-c", code, *map(str, args)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


_TORCH = """
import sys, keras, numpy as np, torch
x, ours, theirs, outputs = sys.argv[1:]
module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
model = keras.Sequential([keras.Input((3,)), keras.layers.TorchModuleWrapper(module, output_shape=(None, 2))])
model.load_weights(ours)
x = np.load(x)
model(x, training=True)
model.save_weights(theirs)
layer, y = model.layers[0], model(x, training=False).detach().numpy()
np.savez(outputs, outputs=y, keys=sorted(layer.get_config()), count=len(layer.weights))
"""


def test_a_module_of_pytorch_has_files_and_outputs_of_keras(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
    with dl.backend_scope("torch"):
        layer = dl.layers.TorchModuleWrapper(module, output_shape=(None, 2))
        model = dl.Sequential([dl.Input((3,)), layer])
        np.save(tmp_path / "x.npy", X)
        model.save_weights(tmp_path / "ours.weights.h5")
        files = [tmp_path / name for name in ("x.npy", "ours.weights.h5", "theirs.weights.h5", "outputs.npz")]
        on_keras("torch", _TORCH, *files)
        model(X, training=True)
        found = np.load(tmp_path / "outputs.npz")
        np.testing.assert_allclose(model.predict(X, verbose=0), found["outputs"], rtol=1e-4, atol=1e-5)
        model.load_weights(tmp_path / "theirs.weights.h5")
        np.testing.assert_allclose(model.predict(X, verbose=0), found["outputs"], rtol=1e-4, atol=1e-5)
        assert found["count"] == len(layer.weights)
        with pytest.warns(UserWarning, match="pickled"):
            assert sorted(layer.get_config()) == found["keys"].tolist()


_TENSORFLOW = """
import sys, keras, numpy as np
x, folder, outputs = sys.argv[1:]
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.BatchNormalization()])
model.export(folder, verbose=False)
layer = keras.layers.TFSMLayer(folder, name="loaded")
np.savez(outputs, outputs=layer(np.load(x)), names=[w.name for w in layer.weights], keys=sorted(layer.get_config()))
"""


def test_what_keras_exports_is_a_layer_here(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    np.save(tmp_path / "x.npy", X)
    on_keras("tensorflow", _TENSORFLOW, tmp_path / "x.npy", tmp_path / "exported", tmp_path / "outputs.npz")
    with dl.backend_scope("tensorflow"):
        layer = dl.layers.TFSMLayer(tmp_path / "exported", name="loaded")
        found = np.load(tmp_path / "outputs.npz")
        np.testing.assert_allclose(layer(X), found["outputs"], rtol=1e-5, atol=1e-6)
        assert sorted(w.name for w in layer.weights) == sorted(found["names"].tolist())
        assert sorted(layer.get_config()) == found["keys"].tolist()
