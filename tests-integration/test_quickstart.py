"""``dl quickstart`` on every backend that trains, each in a process of its own, and its model on one that does not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dl_ops.testing.pytest_backends import backends_under_test

BACKENDS = [name for name in backends_under_test() if name != "openvino"]
PREDICT = """
import sys
import numpy as np
import dl
_, backend, model, images, predictions = sys.argv
with dl.backend_scope(backend):
    np.save(predictions, dl.models.load_model(model).predict(np.load(images), verbose=0))
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, str]]:
    """Run the command once for a backend; give the model file and what was printed."""
    done: dict[str, tuple[Path, str]] = {}

    def train(backend: str) -> tuple[Path, str]:
        if backend not in done:
            folder = tmp_path_factory.mktemp(backend)
            command = [sys.executable, "-m", "dl", "quickstart", "--backend", backend, "--directory", str(folder)]
            result = subprocess.run(command, capture_output=True, text=True, timeout=300)
            assert result.returncode == 0, result.stdout + result.stderr
            done[backend] = folder / "digits.keras", result.stdout
        return done[backend]

    return train


def predicted(model: Path, backend: str, folder: Path) -> Any:
    """Predictions for the held-out digits by a model file on a backend."""
    from dl.cli.quickstart import digits

    _, (images, _) = digits()
    np.save(folder / "images.npy", images)
    result = folder / f"{backend}.npy"
    command = [sys.executable, "-c", PREDICT, backend, str(model), str(folder / "images.npy"), str(result)]
    subprocess.run(command, check=True)
    return np.load(result)


@pytest.mark.parametrize("backend_name", BACKENDS)
def test_it_trains_shows_saves_and_reloads(backend_name: str, trained: Callable[[str], tuple[Path, str]]) -> None:
    path, out = trained(backend_name)
    assert path.is_file()
    assert f"with {backend_name} " in out
    assert "loss: " in out
    assert "accuracy: " in out
    assert "the predictions are the very same" in out
    assert "What to do next" in out


@pytest.mark.parametrize("backend_name", BACKENDS)
@pytest.mark.parametrize("other", backends_under_test())
def test_its_model_predicts_the_same_elsewhere(
    backend_name: str, other: str, trained: Callable[[str], tuple[Path, str]], tmp_path: Path
) -> None:
    if other == backend_name:
        pytest.skip("the command itself compares the reloaded model's predictions")
    path, _ = trained(backend_name)
    here, there = predicted(path, backend_name, tmp_path), predicted(path, other, tmp_path)
    assert here.shape == (360, 10)
    np.testing.assert_allclose(there, here, atol=1e-4)


@pytest.mark.skipif("openvino" not in backends_under_test(), reason="needs the OpenVINO backend")
def test_a_backend_without_gradients_says_so() -> None:
    command = [sys.executable, "-m", "dl", "quickstart", "--backend", "openvino"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 1
    assert "computes no gradients" in result.stderr
