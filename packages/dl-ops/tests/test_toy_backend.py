"""A backend with kernels for the primitives alone has every op."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from toy_backend import ToyBackend, ToyTensor

from dl_ops import ops
from dl_ops.backend import backend_scope, register_backend
from dl_ops.op import registry
from dl_ops.testing import Conformance

TOY = register_backend("toy", ToyBackend())


class TestConformance(Conformance):
    backend_name = "toy"
    known_failures: ClassVar[Mapping[str, str]] = {"[vd]*:jvp-*": "the backend computes no gradients"}


def test_it_has_kernels_for_the_primitives_and_no_more() -> None:
    assert set(TOY.kernels) == {name for name, op in registry.items() if op.primitive}


def test_python_operators_and_indexing() -> None:
    with backend_scope(TOY):
        x = ops.convert_to_tensor([[1.0, 2.0], [3.0, 4.0]])
        y = ops.softmax(2.0 * x - x[:, :1] @ x[:1])
        assert isinstance(y, ToyTensor)
        assert ops.round(ops.sum(y, axis=-1)).tolist() == [1.0, 1.0]


def test_an_entry_point_makes_it_known(tmp_path: Path) -> None:
    metadata = tmp_path / "dl_backend_toy-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: dl-backend-toy\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[dl.backends]\ntoy = toy_backend:backend\n")
    code = "import dl_ops; print(dl_ops.current_backend(), dl_ops.ops.relu([-1.0, 2.0]).tolist())"
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parent), *filter(None, sys.path)])
    environment = {**os.environ, "DL_BACKEND": "toy", "PYTHONPATH": path}
    result = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
    assert result.stdout.split("\n")[0] == "<toy backend, 1.0> [0.0, 2.0]"
