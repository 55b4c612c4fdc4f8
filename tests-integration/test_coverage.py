"""The committed table of coverage is what the backends have, without gaps that nothing explains."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dl_ops.testing.pytest_backends import backends_under_test

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.skipif(
    not {"jax", "numpy", "openvino", "tensorflow", "torch"} <= set(backends_under_test()),
    reason="the table is of all five backends",
)
def test_the_table_is_up_to_date() -> None:
    script = ROOT / "tools" / "op_coverage.py"
    result = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
