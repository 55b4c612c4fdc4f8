"""Checkpoints in Orbax's format, on every backend that trains."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dl
from dl_ops.backend import Backend
from dl_train.callbacks import LambdaCallback, OrbaxCheckpoint

orbax = pytest.importorskip("orbax.checkpoint.experimental.v1")

X = np.random.default_rng(0).normal(size=(20, 2)).astype("float32")
Y = X[:, :1] - X[:, 1:]
STEPS = 5


def make() -> Any:
    layers = dl.layers
    model = dl.Sequential(
        [dl.Input((2,)), layers.Dense(3, name="first"), layers.Dropout(0.5), layers.Dense(1, name="last")], name="net"
    )
    model.compile(dl.optimizers.Adam(0.05, name="adam"), "mse", metrics=["mae"])
    return model


def fit(model: Any, *callbacks: Any, epochs: int = 3) -> None:
    model.fit(X, Y, batch_size=4, epochs=epochs, verbose=0, callbacks=list(callbacks))


def steps(folder: Path) -> list[int]:
    return sorted(map(int, os.listdir(folder)))


def load(folder: Path, step: int) -> Any:
    return orbax.load_checkpointables(folder / str(step))


def test_a_checkpoint_has_what_the_model_had_then(trainable_backend: Backend, tmp_path: Path) -> None:
    model = make()
    seen: dict[int, list[Any]] = {}
    spy = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.update({epoch: model.get_weights()}))
    folder = tmp_path / "checkpoints"
    fit(model, OrbaxCheckpoint(folder, max_to_keep=2), spy)
    assert steps(folder) == [1, 2]
    for epoch in (1, 2):
        parts = load(folder, epoch)
        assert parts.keys() == {"pytree", "model_config"}
        tree = parts["pytree"]
        assert int(tree["optimizer_variables"]["adam"]["iteration"]) == STEPS * (epoch + 1)
        assert isinstance(dl.models.model_from_json(parts["model_config"]["config"]), dl.Sequential)
        again = make()
        fit(again, epochs=1)
        again.set_state_tree(tree)
        for weight, expected in zip(again.get_weights(), seen[epoch], strict=True):
            np.testing.assert_array_equal(weight, expected)
        assert again.optimizer.iterations.numpy() == STEPS * (epoch + 1)


@pytest.mark.parametrize("background", [True, False])
def test_after_batches_weights_alone(background: bool, tmp_path: Path) -> None:
    with dl.backend_scope("numpy"):
        model = make()
        callback = OrbaxCheckpoint(
            tmp_path, save_freq=4, max_to_keep=None, save_on_background=background, save_weights_only=True
        )
        fit(model, callback)
    assert callback.is_primary_host()
    assert not callback.is_multihost_enabled()
    callback.wait_until_finished()
    assert steps(tmp_path) == [4, 8, 12]
    parts = load(tmp_path, 12)
    assert parts.keys() == {"pytree"}
    assert parts["pytree"].keys() == {"trainable_variables", "non_trainable_variables"}
    assert parts["pytree"]["trainable_variables"]["net"]["first"].keys() == {"kernel", "bias"}


def test_only_the_best(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with dl.backend_scope("numpy"):
        callback = OrbaxCheckpoint(tmp_path, "score", 1, save_best_only=True, mode="max", max_to_keep=5)
        scores = iter([1.0, 3.0, 2.0, 4.0])
        setter = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(score=next(scores)))
        fit(make(), setter, callback, epochs=4)
    assert steps(tmp_path) == [0, 1, 3]
    assert callback.best == 4.0
    assert "Epoch 3: score did not improve from 3.00000" in capsys.readouterr().out
    assert json.loads(load(tmp_path, 3)["model_config"]["config"])["class_name"] == "Sequential"


@pytest.mark.parametrize("most", [0, -1, True, 1.5])
def test_a_number_that_is_none_is_refused(most: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="positive integer or None"):
        OrbaxCheckpoint(tmp_path, max_to_keep=most)
