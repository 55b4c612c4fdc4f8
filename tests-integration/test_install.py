"""The wheels, installed into fresh environments from nothing but ``dist`` and the wheelhouse."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
WHEELHOUSES = [ROOT / "wheelhouse", ROOT / "wheelhouse" / f"py{sys.version_info.major}{sys.version_info.minor}"]
BACKENDS = {"jax", "numpy", "openvino", "tensorflow", "torch"}
HEAVY = {"PIL", "h5py", "keras", "openvino", "tensorflow", "torch"}

# the environment with all five backends has brought every wheel that is needed here
pytestmark = pytest.mark.skipif(
    not all(find_spec(f"dl_backend_{name}") for name in ("jax", "numpy", "openvino", "tf", "torch")),
    reason="needs the wheels of all five backends",
)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = ["uv", "build", "--quiet", "--all-packages", "--wheel", "--out-dir", folder]
    subprocess.run(command, cwd=ROOT, check=True)
    return folder


def installed(folder: Path, dist: Path, *requirements: str) -> Path:
    """Make an environment with `requirements` and give its Python."""
    subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, folder], check=True)
    python = folder / "bin" / "python"
    links = [word for place in (dist, *WHEELHOUSES) if place.is_dir() for word in ("--find-links", place)]
    command = [
        "uv",
        "pip",
        "install",
        "--quiet",
        "--no-config",
        "--no-index",
        *links,
        "--python",
        python,
        *requirements,
    ]
    subprocess.run(command, cwd=folder, check=True)
    return python


def report(python: Path, code: str) -> Any:
    """Run `code`, isolated from this checkout, and read the JSON that it prints."""
    result = subprocess.run([python, "-I", "-c", code], cwd=python.parent, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_twelve_wheels_are_built(dist: Path) -> None:
    assert len(list(dist.glob("*.whl"))) == 12


def test_dl_all_is_the_assembled_package_with_five_backends(dist: Path, tmp_path: Path) -> None:
    python = installed(tmp_path / "all", dist, "dl[all]")
    code = "import json, dl, dl_ops; print(json.dumps([dl.__version__, *dl_ops.available_backends()]))"
    version, *backends = report(python, code)
    assert set(backends) == BACKENDS
    assert (dist / f"dl-{version}-py3-none-any.whl").is_file()
    info = subprocess.run([python.with_name("dl"), "info"], check=True, capture_output=True, text=True)
    assert all(backend in info.stdout for backend in BACKENDS)


def test_layers_on_jax_come_without_anything_else(dist: Path, tmp_path: Path) -> None:
    python = installed(tmp_path / "jax", dist, "dl-layers", "dl-backend-jax")
    code = f"""
import json
from importlib.util import find_spec
import numpy as np
import dl_layers, dl_ops
layer = dl_layers.Dense(3)
y = layer(np.ones((2, 4), "float32"))
found = [name for name in {sorted(HEAVY)} if find_spec(name)]
print(json.dumps([dl_ops.backend(), type(y).__module__.split(".")[0], list(y.shape), found]))
"""
    backend, module, shape, found = report(python, code)
    assert backend == "jax"
    assert module.startswith("jax")
    assert shape == [2, 3]
    assert found == []


def test_dl_alone_trains_on_numpy(dist: Path, tmp_path: Path) -> None:
    python = installed(tmp_path / "dl", dist, "dl")
    code = """
import json
import numpy as np
import dl
model = dl.Sequential([dl.Input((4,)), dl.layers.Dense(1)])
model.compile("sgd", "mean_squared_error")
x = np.ones((8, 4), "float32")
losses = model.fit(x, x[:, :1], epochs=2, verbose=0).history["loss"]
print(json.dumps([dl.config.backend(), losses[1] < losses[0]]))
"""
    assert report(python, code) == ["numpy", True]
