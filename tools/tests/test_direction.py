"""The import contracts: they hold for what is here, and each catches what it is there to catch."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workspace import Workspace

WORKSPACE = Workspace()

FLOORS = "Imports point down the floors, never up or sideways"
PLUGINS = "Backends are plug-ins: nobody imports one, they are found by their entry points"
FRAMEWORKS = "Frameworks are in backends and dl_layers.interop alone, Keras nowhere"

FORBIDDEN = [
    ("dl_ops", "import dl_layers", FLOORS),
    ("dl_ops", "import dl_backend_numpy", PLUGINS),
    ("dl_backend_tf", "import dl_layers", FLOORS),
    ("dl_backend_jax", "import dl_backend_torch", FLOORS),
    ("dl_layers", "import dl_saving", FLOORS),
    ("dl_layers", "import dl_backend_jax", PLUGINS),
    ("dl_saving", "import dl_preprocess", FLOORS),
    ("dl_saving", "import dl_train", FLOORS),
    ("dl_preprocess", "import dl_saving", FLOORS),
    ("dl_train", "import dl_apps", FLOORS),
    ("dl_train", "import dl_preprocess", "Training needs no preprocessing"),
    ("dl_apps", "import dl", FLOORS),
    ("dl", "import dl_backend_numpy", PLUGINS),
    ("dl_layers", "def late() -> None:\n    import torch", FRAMEWORKS),
    ("dl_layers", "import flax.linen", FRAMEWORKS),
    ("dl_layers.interop", "import keras", FRAMEWORKS),
    ("dl_layers.interop", "import dl_backend_torch", PLUGINS),
    ("dl_layers.core", "import dl_layers.interop.torch_module\nimport torch", FRAMEWORKS),
    ("dl_train", "import keras", FRAMEWORKS),
    ("dl_backend_jax", "import tensorflow", "The JAX backend knows no other framework"),
    ("dl_train", "import h5py", "Only dl-saving reads and writes model files"),
    ("dl_saving", "import rich", "Only dl-train and dl write to a terminal"),
    ("dl_layers", "import PIL", "Only dl-preprocess decodes images"),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Copy the sources and their configuration."""
    root = tmp_path_factory.mktemp("tree")
    shutil.copy(WORKSPACE.root / "pyproject.toml", root)
    for package in WORKSPACE.packages.values():
        copy = root / "packages" / package.name
        shutil.copytree(package.path / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(package.path / "pyproject.toml", copy)
    return Workspace(root)


def lint(tree: Workspace) -> tuple[int, str]:
    """Check the contracts of `tree`, whose modules come before any that are installed."""
    path = os.pathsep.join(str(package.path / "src") for package in tree.packages.values())
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    environment = {**os.environ, "PYTHONPATH": path}
    result = subprocess.run(command, cwd=tree.root, env=environment, capture_output=True, text=True)
    return result.returncode, result.stdout


def test_the_sources_keep_every_contract(tree: Workspace) -> None:
    code, report = lint(tree)
    assert code == 0, report


@pytest.mark.parametrize(("package", "statement", "contract"), FORBIDDEN)
def test_a_forbidden_import_is_caught(tree: Workspace, package: str, statement: str, contract: str) -> None:
    distribution = package.partition(".")[0].replace("_", "-")
    planted = Path(tree.root, "packages", distribution, "src", *package.split("."), "planted.py")
    planted.write_text(f"{statement}\n")
    try:
        code, report = lint(tree)
    finally:
        planted.unlink()
    assert code == 1
    assert f"{contract} BROKEN" in report
    assert f"{package}.planted" in report
