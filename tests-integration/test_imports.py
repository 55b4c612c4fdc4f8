"""What importing brings, in a fresh process: frameworks and formats are loaded when they are first used."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"PIL", "flax", "h5py", "jax", "keras", "openvino", "safetensors", "tensorflow", "torch"}


def imported(code: str) -> set[str]:
    """Run `code` and name the modules that are loaded after it."""
    command = [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_importing_dl_imports_no_framework_but_numpy() -> None:
    assert HEAVY & imported("import dl") == set()


def test_a_model_on_numpy_needs_no_other_framework() -> None:
    code = "import dl; dl.config.set_backend('numpy'); dl.Sequential([dl.Input((4,)), dl.layers.Dense(2)])"
    modules = imported(code)
    assert HEAVY & modules == set()
    assert "dl_backend_numpy" in modules


def test_layers_for_frameworks_import_theirs_only_when_they_are_made() -> None:
    assert HEAVY & imported("import dl; dl.interop.as_torch_module, dl.layers.TorchModuleWrapper") == set()


def test_choosing_the_default_backend_imports_it_only_when_it_is_used() -> None:
    assert HEAVY & imported("import dl; dl.config.backend()") == set()
