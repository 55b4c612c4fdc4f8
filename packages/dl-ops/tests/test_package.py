"""The package as it is installed."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

HEAVY = {"PIL", "h5py", "jax", "keras", "openvino", "tensorflow", "torch"}


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import sys, dl_ops; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert HEAVY & set(result.stdout.split()) == set()


def test_a_users_pytest_loads_the_plugin_only_if_asked() -> None:
    assert not [point for point in entry_points(group="pytest11") if point.value.startswith("dl_")]
