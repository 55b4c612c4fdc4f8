"""Distillation on every backend that trains: the numbers of NumPy's, saved and loaded."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dl
from dl_ops.backend import Backend

RNG = np.random.default_rng(11)
X = RNG.standard_normal((32, 4)).astype("float32")
Y = RNG.integers(0, 3, 32)


def network(name: str) -> Any:
    x = dl.Input((4,))
    return dl.Model(x, dl.layers.Dense(3, name="o")(dl.layers.Dense(6, "tanh", name="h")(x)), name=name)


def distilled(seed: int = 2) -> tuple[Any, Any]:
    """A distiller after one epoch, and its logs."""
    dl.utils.set_random_seed(seed)
    losses = [dl.distillation.LogitsDistillation(2.0), dl.distillation.FeatureDistillation("mae", "h", "h")]
    model = dl.distillation.Distiller(network("teacher"), network("student"), losses, [1.0, 0.5], 0.3)
    model.compile(
        dl.optimizers.SGD(0.1, momentum=0.9),
        dl.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    logs = model.fit(X, Y, batch_size=8, shuffle=False, verbose=0).history
    return model, {name: values[-1] for name, values in logs.items()}


@cache
def reference() -> tuple[Any, Any]:
    with dl.backend_scope("numpy"):
        model, logs = distilled()
        return model.get_weights(), logs


def test_one_epoch_is_that_of_numpy(backend: Backend, tmp_path: Path) -> None:
    if backend.name == "openvino":
        pytest.skip("openvino computes no gradients")
    weights, logs = reference()
    model, actual = distilled()
    assert actual == pytest.approx(logs, rel=1e-4, abs=1e-5)
    for w, expected in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_allclose(w, expected, rtol=1e-3, atol=1e-5)
    model.save(tmp_path / "d.keras")
    again = dl.models.load_model(tmp_path / "d.keras")
    np.testing.assert_allclose(again.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    before = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert again.evaluate(X, Y, verbose=0, return_dict=True) == pytest.approx(before, rel=1e-5)
