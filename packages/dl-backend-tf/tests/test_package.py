"""The package as it is installed."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"PIL", "h5py", "jax", "keras", "openvino", "tensorflow", "torch"}


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import sys, dl_backend_tf; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert HEAVY & set(result.stdout.split()) == set()
