"""Callbacks: when they are called, with what, and what they do."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dl_layers.core import Dense, Input
from dl_train.callbacks import (
    Callback,
    CallbackList,
    CSVLogger,
    EarlyStopping,
    History,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    TerminateOnNaN,
)
from dl_train.callbacks.base import overrides
from dl_train.callbacks.monitoring import Monitor
from dl_train.models import Sequential
from dl_train.optimizers import SGD
from dl_train.trainer.logs import LazyLogs

X = np.linspace(-1, 1, 32, dtype="float32").reshape(16, 2)
Y = X.sum(1, keepdims=True)


def make(rate: float = 0.1) -> Sequential:
    model = Sequential([Input((2,)), Dense(1, kernel_initializer="zeros")])
    model.compile(SGD(rate), "mse")
    return model


class Hooks(Callback):
    """Overrides everything, so that everything is called."""


for _name in [name for name in dir(Callback) if name.startswith("on_")]:
    setattr(Hooks, _name, lambda self, *args, name=_name: self.calls.append((name, *args[:-1])))


def test_hooks_are_called_in_order() -> None:
    hooks = Hooks()
    hooks.calls = []  # type: ignore[attr-defined]  # of this test
    make().fit(X, Y, batch_size=8, epochs=1, validation_data=(X[:4], Y[:4]), verbose=0, callbacks=[hooks])
    assert hooks.calls == [  # type: ignore[attr-defined]  # as above
        ("on_train_begin",),
        ("on_epoch_begin", 0),
        ("on_train_batch_begin", 0),
        ("on_train_batch_end", 0),
        ("on_train_batch_begin", 1),
        ("on_train_batch_end", 1),
        ("on_test_begin",),
        ("on_test_batch_begin", 0),
        ("on_test_batch_end", 0),
        ("on_test_end",),
        ("on_epoch_end", 0),
        ("on_train_end",),
    ]


def test_predict_gives_its_outputs_to_callbacks() -> None:
    seen = []
    callback = LambdaCallback(on_predict_batch_end=lambda batch, logs: seen.append(logs["outputs"].shape))
    make().predict(X, batch_size=10, verbose=0, callbacks=[callback])
    assert seen == [(10, 1), (6, 1)]


def test_only_hooks_that_do_something_are_called_for_batches() -> None:
    class Old(Callback):
        def on_batch_end(self, batch: int, logs: Any = None) -> None: ...

    begins, ends = CallbackList([Callback(), Old(), History()]).batch_hooks("train")
    assert begins == []
    assert len(ends) == 1
    assert overrides(LambdaCallback(on_train_batch_end=print), "on_train_batch_end")
    with pytest.raises(TypeError, match="instances of Callback"):
        CallbackList([3])  # type: ignore[list-item]  # on purpose


def test_logs_are_computed_when_read_and_stay_what_they_were() -> None:
    kept = []
    make().fit(
        X, Y, batch_size=4, verbose=0, callbacks=[LambdaCallback(on_train_batch_end=lambda b, logs: kept.append(logs))]
    )
    values = [logs["loss"] for logs in kept]
    assert len(set(values)) == 4
    read: list[Any] = []
    make().fit(
        X,
        Y,
        batch_size=4,
        verbose=0,
        callbacks=[LambdaCallback(on_train_batch_end=lambda b, logs: read.append(logs["loss"]))],
    )
    assert all(isinstance(value, float) for value in read)


def test_lazy_logs_are_a_dictionary() -> None:
    counts = []

    def compute() -> dict[str, Any]:
        counts.append(1)
        return {"loss": np.float32(0.5), "acc": np.float32(1.0)}

    logs = LazyLogs(compute)
    assert isinstance(logs, dict)
    assert not counts
    assert {**logs} == {"acc": 1.0, "loss": 0.5}
    assert list(logs) == ["acc", "loss"]
    assert len(counts) == 1
    logs["more"] = 2
    assert logs.get("more") == 2
    assert "loss" in logs
    assert len(logs) == 3
    assert len(counts) == 1


def test_history_is_returned_and_kept() -> None:
    model = make()
    history = model.fit(X, Y, epochs=3, initial_epoch=1, verbose=0)
    assert model.history is history
    assert history.epoch == [1, 2]
    assert len(history.history["loss"]) == 2
    assert history.params["epochs"] == 3
    assert history.params["steps"] == 1


# -- stopping -----------------------------------------------------------------------------------------------------


def stop_at(callback: EarlyStopping, values: list[float]) -> int:
    model = make()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.layers[0].set_weights([np.full((2, 1), epoch), np.zeros(1)])
        callback.on_epoch_end(epoch, {callback.monitor: value})
        if model.stop_training:
            break
    callback.on_train_end()
    return epoch


@pytest.mark.parametrize(
    ("options", "values", "last"),
    [
        ({}, [3.0, 2.0, 2.5, 1.0], 2),
        ({"patience": 2}, [3.0, 2.0, 2.5, 2.4, 1.0], 3),
        ({"patience": 1, "min_delta": 0.5}, [3.0, 2.9, 1.0], 1),
        ({"monitor": "val_accuracy"}, [0.1, 0.3, 0.2], 2),
        ({"monitor": "score", "mode": "max"}, [0.1, 0.3, 0.3], 2),
        ({"baseline": 1.0, "patience": 2}, [3.0, 2.0, 1.5, 1.6, 0.5], 3),
        ({"patience": 2}, [float("nan"), 3.0, float("nan"), 2.0, 2.5, 2.5], 5),
        ({"start_from_epoch": 2}, [1.0, 2.0, 3.0, 2.0, 2.0], 4),
    ],
)
def test_early_stopping(options: dict[str, Any], values: list[float], last: int) -> None:
    assert stop_at(EarlyStopping(**options), values) == last


def test_early_stopping_gives_the_best_weights_back() -> None:
    callback = EarlyStopping(patience=2, restore_best_weights=True)
    stop_at(callback, [3.0, 1.0, 2.0, 2.0])
    assert callback.best_epoch == 1
    assert callback.model.get_weights()[0].tolist() == [[1.0], [1.0]]


def test_direction_follows_from_the_name_or_is_asked_for() -> None:
    for name, rises in (
        ("val_loss", False), ("val_acc", True), ("auc_1", True), ("a_mae", False), ("mean_squared_error", False),
        ("sparse_categorical_accuracy", True), ("false_positives", False), ("binary_crossentropy", False),
    ):  # fmt: skip
        assert Monitor(name, "auto", "EarlyStopping").rises is rises, name
    with pytest.raises(ValueError, match='mode="max"'):
        Monitor("score", "auto", "EarlyStopping")
    with pytest.raises(ValueError, match="mode='up'"):
        EarlyStopping(mode="up")


def test_missing_log_is_told() -> None:
    with pytest.warns(UserWarning, match="'val_loss', which is not among the logs: loss"):
        make().fit(X, Y, verbose=0, callbacks=[EarlyStopping()])


def test_training_ends_when_the_loss_is_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    bad = np.where(np.arange(16)[:, None] == 9, np.nan, Y)
    history = make().fit(X, bad, batch_size=4, epochs=5, shuffle=False, verbose=0, callbacks=[TerminateOnNaN()])
    assert len(history.epoch) == 1
    assert "batch 2" in capsys.readouterr().out
    with pytest.raises(RuntimeError, match="nan"):
        make().fit(X, bad, verbose=0, callbacks=[TerminateOnNaN(raise_error=True)])


# -- learning rates -----------------------------------------------------------------------------------------------


def test_scheduler_sets_the_rate_of_each_epoch() -> None:
    model = make(1.0)
    scheduler = LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    history = model.fit(X, Y, epochs=3, verbose=0, callbacks=[scheduler])
    assert history.history["learning_rate"] == [0.5, 0.25, 0.125]
    with pytest.raises(ValueError, match="must give a number"):
        model.fit(X, Y, verbose=0, callbacks=[LearningRateScheduler(lambda epoch: "fast")])


def test_rate_is_reduced_on_a_plateau() -> None:
    model = make(1.0)
    callback = ReduceLROnPlateau("loss", factor=0.5, patience=2, cooldown=1, min_lr=0.2)
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, loss in enumerate([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]):
        callback.on_epoch_end(epoch, {"loss": loss})
        rates.append(float(model.optimizer.learning_rate))
    np.testing.assert_allclose(rates, [1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2], rtol=1e-6)
    with pytest.raises(ValueError, match="factor=1"):
        ReduceLROnPlateau(factor=1)


# -- files --------------------------------------------------------------------------------------------------------


def test_csv_has_a_line_for_each_epoch(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    make().fit(X, Y, epochs=2, validation_split=0.25, verbose=0, callbacks=[CSVLogger(path)])
    make().fit(
        X, Y, epochs=3, initial_epoch=2, validation_split=0.25, verbose=0, callbacks=[CSVLogger(path, append=True)]
    )
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    assert all(float(row["loss"]) > 0 and float(row["val_loss"]) > 0 for row in rows)


class Saver:
    """Stands for a model, and notes what is saved."""

    def __init__(self) -> None:
        self.saved: list[str] = []

    def save(self, path: str, overwrite: bool) -> None:
        self.saved.append(path)

    save_weights = save


@pytest.mark.parametrize(
    ("options", "saved"),
    [
        ({}, ["1.keras", "2.keras", "3.keras"]),
        ({"save_best_only": True}, ["1.keras", "3.keras"]),
        ({"save_best_only": True, "initial_value_threshold": 1.5}, ["3.keras"]),
        ({"save_best_only": True, "mode": "max"}, ["1.keras", "2.keras"]),
        ({"save_freq": 4}, ["2.keras", "3.keras"]),
    ],
)
def test_checkpoints_are_written(options: dict[str, Any], saved: list[str], tmp_path: Path) -> None:
    callback = ModelCheckpoint(str(tmp_path / "{epoch}.keras"), **options)
    saver = Saver()
    callback.set_model(saver)
    for epoch, loss in enumerate([2.0, 3.0, 1.0]):
        callback.on_epoch_begin(epoch)
        for batch in range(3):
            callback.on_train_batch_end(batch, {"val_loss": loss})
        callback.on_epoch_end(epoch, {"val_loss": loss})
    assert [Path(path).name for path in saver.saved] == saved


def test_checkpoint_names_are_checked() -> None:
    with pytest.raises(ValueError, match=r"must end in .keras or .h5"):
        ModelCheckpoint("model")
    with pytest.raises(ValueError, match=r"must end in .weights.h5"):
        ModelCheckpoint("model.keras", save_weights_only=True)
    with pytest.raises(ValueError, match="save_freq=0"):
        ModelCheckpoint("model.keras", save_freq=0)
    callback = ModelCheckpoint("{val_acc}.keras")
    callback.set_model(Saver())
    with pytest.raises(KeyError, match="'val_acc'"):
        callback.on_epoch_end(0, {"loss": 1.0})
