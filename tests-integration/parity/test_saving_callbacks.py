"""Callbacks that save, beside Keras's: when, under which names, and with which weights."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

import dl

# Keras's arrays are of the older protocol; the rest of its warnings are not ours
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X = np.ones((20, 2), "float32")
Y = np.zeros((20, 1), "float32")


@pytest.fixture(autouse=True)
def _numpy() -> Iterator[None]:
    with dl.backend_scope("numpy"):
        yield


def make(package: Any, steps_per_execution: int = 1, **optimizer: Any) -> Any:
    layers = package.layers
    model = package.Sequential([package.Input((2,)), layers.Dense(1, kernel_initializer="ones", name="dense")])
    model.compile(package.optimizers.SGD(0.01, **optimizer), "mse", steps_per_execution=steps_per_execution)
    return model


def fit(model: Any, *callbacks: Any, epochs: int = 3) -> None:
    model.fit(
        X, Y, batch_size=4, epochs=epochs, verbose=0, shuffle=False, validation_data=(X, Y), callbacks=list(callbacks)
    )


@pytest.mark.parametrize(
    ("name", "steps_per_execution", "options"),
    [
        ("{epoch}.keras", 1, {}),
        ("{epoch:02d}-{val_loss:.2f}.weights.h5", 1, {"save_weights_only": True}),
        ("{epoch}-{batch}.keras", 1, {"save_freq": 3}),
        ("{epoch}-{batch}-{loss:.2f}.keras", 1, {"save_freq": 7}),
        # Keras names the last batch of an epoch after one that is not there, if steps do not divide it
        ("{epoch}-{loss:.3f}.keras", 2, {"save_freq": 3}),
        ("{epoch}-{batch}.keras", 5, {"save_freq": 2}),
        ("{epoch}.keras", 1, {"save_best_only": True, "monitor": "val_loss"}),
        ("{epoch}.keras", 1, {"save_best_only": True, "monitor": "val_loss", "mode": "max"}),
        ("{epoch}.keras", 1, {"save_best_only": True, "monitor": "val_loss", "initial_value_threshold": 1.0}),
        ("sub/{epoch}.keras", 1, {}),
    ],
)
def test_model_checkpoints_have_the_same_names(
    name: str, steps_per_execution: int, options: dict[str, Any], tmp_path: Path
) -> None:
    found = []
    for package in (dl, keras):
        folder = tmp_path / package.__name__
        folder.mkdir()
        fit(make(package, steps_per_execution), package.callbacks.ModelCheckpoint(folder / name, **options))
        found.append(sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()))
    assert found[0] == found[1] != []


@pytest.mark.parametrize("swap_on_epoch", [False, True])
def test_averages_are_seen_at_the_same_stages(swap_on_epoch: bool) -> None:
    def weights(package: Any) -> list[tuple[str, float]]:
        model, seen = make(package, use_ema=True, ema_momentum=0.5), []
        stages = ("on_epoch_begin", "on_epoch_end", "on_test_begin", "on_test_end", "on_train_end")

        def look(stage: str) -> Any:
            return lambda *args, **kwargs: seen.append((stage, float(model.get_weights()[0][0, 0])))

        spy = package.callbacks.Callback()
        for stage in stages:
            setattr(spy, stage, look(stage))
        fit(model, package.callbacks.SwapEMAWeights(swap_on_epoch=swap_on_epoch), spy)
        return seen

    here, there = weights(dl), weights(keras)
    assert [stage for stage, _ in here] == [stage for stage, _ in there]
    np.testing.assert_allclose([value for _, value in here], [value for _, value in there], rtol=1e-6)


def test_keras_loads_weights_from_a_backup(tmp_path: Path) -> None:
    model = make(dl, momentum=0.9)
    fit(model, dl.callbacks.BackupAndRestore(tmp_path, delete_checkpoint=False))
    other = make(keras, momentum=0.9)
    other.optimizer.build(other.trainable_variables)
    other.load_weights(tmp_path / "latest.weights.h5")
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])
    assert int(other.optimizer.iterations.value) == 15


def test_backups_are_gone_when_training_has_ended(tmp_path: Path) -> None:
    # what Keras does amid an epoch is not compared: it trains with its first batches once more, in another order, and
    # begins metrics and history anew
    for package in (dl, keras):
        folder = tmp_path / package.__name__
        fit(make(package), package.callbacks.BackupAndRestore(folder))
        assert not folder.exists() or os.listdir(folder) == []
