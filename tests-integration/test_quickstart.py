"""``dl quickstart`` on every backend that trains, each in a process of its own, and its model on all the others."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from dl_ops.testing.pytest_backends import backends_under_test

TRAINED = [name for name in backends_under_test() if name != "openvino"]
PREDICT = """
import json, sys
import dl
from dl.cli.quickstart import digits
_, (images, _) = digits()
with dl.backend_scope(sys.argv[1]):
    models = [dl.models.load_model(path) for path in sys.argv[2:]]
    print(json.dumps([model.predict(images, verbose=0).tolist() for model in models]))
"""

Quickstart: TypeAlias = Callable[[str], tuple[Path, str]]
Predictions: TypeAlias = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Quickstart:
    """Run the command, once for each backend; give the model file and what was printed."""

    @cache
    def run(backend: str) -> tuple[Path, str]:
        folder = tmp_path_factory.mktemp(backend)
        command = [sys.executable, "-m", "dl", "quickstart", "--backend", backend, "--directory", str(folder)]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr
        return folder / "digits.keras", result.stdout

    return run


@pytest.fixture(scope="module")
def predictions(quickstart: Quickstart) -> Predictions:
    """Predictions on one backend for the held-out digits, of the models that all the others trained."""

    @cache
    def run(backend: str) -> dict[str, Any]:
        models = [str(quickstart(trained)[0]) for trained in TRAINED]
        command = [sys.executable, "-c", PREDICT, backend, *models]
        result = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        return dict(zip(TRAINED, map(np.array, json.loads(result.stdout)), strict=True))

    return run


@pytest.mark.parametrize("trained", TRAINED)
def test_it_trains_shows_saves_and_reloads(trained: str, quickstart: Quickstart) -> None:
    path, out = quickstart(trained)
    assert path.is_file()
    assert f"with {trained} " in out
    assert "loss: " in out
    assert "accuracy: " in out
    assert "the predictions are the very same" in out
    assert "What to do next" in out


@pytest.mark.parametrize("trained", TRAINED)
@pytest.mark.parametrize("other", backends_under_test())
def test_its_model_predicts_the_same_elsewhere(trained: str, other: str, predictions: Predictions) -> None:
    there, here = predictions(other)[trained], predictions(trained)[trained]
    assert there.shape == (360, 10)
    np.testing.assert_allclose(there, here, atol=1e-4)


@pytest.mark.skipif("openvino" not in backends_under_test(), reason="needs the OpenVINO backend")
def test_a_backend_without_gradients_says_so() -> None:
    command = [sys.executable, "-m", "dl", "quickstart", "--backend", "openvino"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 1
    assert "computes no gradients" in result.stderr
