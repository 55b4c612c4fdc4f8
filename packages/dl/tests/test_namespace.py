"""What is reachable where, and what it costs to have it."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from importlib.metadata import entry_points, version
from pathlib import Path

import numpy as np
import pytest

import dl

STUB = ast.parse(Path(dl.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
NAMES = sorted(alias.name for node in STUB.body if isinstance(node, ast.ImportFrom) for alias in node.names)
MODULES = sorted(module.name for module in pkgutil.walk_packages(dl.__path__, "dl.") if "__main__" not in module.name)
# names inside Keras are for files, and a family is a function that finds many
PUBLIC = {
    point.name.replace("keras", "dl", 1): point
    for point in entry_points(group="dl.objects")
    if not point.name.startswith("keras.src.") and point.name.startswith("keras.")
}


def run(code: str) -> str:
    """Run `code` in a fresh process and give what it prints."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("name", NAMES)
def test_every_name_in_the_stub_is_there(name: str) -> None:
    assert getattr(dl, name) is not None
    assert name in dir(dl)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_can_be_imported_by_its_path(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__name__ == name
    for exported in getattr(module, "__all__", ()):
        assert hasattr(module, exported)


@pytest.mark.parametrize("path", sorted(PUBLIC))
def test_what_files_may_name_is_at_the_same_path_here(path: str) -> None:
    module, _, name = path.rpartition(".")
    assert getattr(importlib.import_module(module), name) is PUBLIC[path].load()


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Dens"):
        _ = dl.Dens  # type: ignore[attr-defined]  # what is tested
    with pytest.raises(ImportError):
        importlib.import_module("dl.layer")


def test_importing_dl_loads_nothing_and_a_part_is_loaded_when_it_is_used() -> None:
    loaded = "print(*sorted(name for name in sys.modules if name.partition('.')[0] in ('numpy', 'dl_ops', 'dl_train')))"
    assert run(f"import sys, dl; {loaded}").split() == []
    assert "dl_train" not in run(f"import sys, dl; dl.layers.Dense; {loaded}").split()
    assert "dl_train" in run(f"import sys, dl; dl.Sequential; {loaded}").split()


def test_submodules_can_be_imported_in_a_fresh_process() -> None:
    code = """
import importlib
from dl.layers import Dense
import dl.optimizers.schedules as schedules
from dl import ops
print(Dense.__name__, schedules.ExponentialDecay.__name__, importlib.import_module("dl.ops.numpy").add is ops.add)
"""
    assert run(code).split() == ["Dense", "ExponentialDecay", "True"]


def test_the_version_is_the_installed_one() -> None:
    assert dl.__version__ == dl.version() == version("dl")


def test_keras_code_runs_with_dl_in_its_place() -> None:
    keras = dl
    with keras.backend_scope("numpy"):
        keras.utils.set_random_seed(1)
        inputs = keras.Input(shape=(3,))
        hidden = keras.layers.Dense(4, kernel_initializer=keras.initializers.HeNormal(), activation="relu")(inputs)
        model = keras.Model(inputs, keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(1e-3))(hidden))
        model.compile(
            optimizer=keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)),
            loss=keras.losses.MeanSquaredError(),
            metrics=[keras.metrics.MeanAbsoluteError()],
        )
        x = np.linspace(-1, 1, 96, dtype="float32").reshape(32, 3)
        stopping = keras.callbacks.EarlyStopping(monitor="loss", patience=3)
        losses = model.fit(x, x[:, :1] ** 2, epochs=5, verbose=0, callbacks=[stopping]).history["loss"]
        assert losses[-1] < losses[0]
        assert keras.ops.numpy.mean(keras.ops.linalg.norm(model.predict(x, verbose=0), axis=1)) > 0


def test_config_and_backend_modules_share_their_settings() -> None:
    before = dl.config.floatx()
    try:
        dl.config.set_floatx("float64")
        assert dl.backend.floatx() == dl.dtype_policies.DTypePolicy().name == "float64"
    finally:
        dl.backend.set_floatx(before)


def test_clear_session_forgets_names_policy_and_seed() -> None:
    with dl.backend_scope("numpy"):
        dl.config.set_dtype_policy("mixed_bfloat16")
        dl.layers.Dense(1)
        dl.backend.clear_session()
        assert dl.mixed_precision.global_policy().name == "float32"
        assert dl.layers.Dense(1).name == "dense"


def test_layers_are_described_and_made_again() -> None:
    config = dl.layers.serialize(dl.layers.Conv2D(4, 3, name="edges"))
    assert dl.layers.deserialize(config).get_config() == dl.layers.Conv2D(4, 3, name="edges").get_config()
    with pytest.raises(ValueError, match="no layer"):
        dl.layers.deserialize(dl.regularizers.serialize(dl.regularizers.L2(0.1)))


def test_a_seed_repeats_weights_draws_and_shuffles() -> None:
    def run() -> list[float]:
        dl.utils.set_random_seed(7)
        model = dl.Sequential([dl.Input((3,)), dl.layers.Dense(2), dl.layers.Dropout(0.5), dl.layers.Dense(1)])
        model.compile("sgd", "mean_squared_error")
        x = np.random.normal(size=(24, 3)).astype("float32")
        losses: list[float] = model.fit(x, x[:, :1], epochs=2, batch_size=5, verbose=0).history["loss"]
        return [*losses, float(dl.random.uniform(()))]

    with dl.backend_scope("numpy"):
        assert run() == run()
