"""Trainings that are interrupted and gone on with: the end is the same, bit for bit."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from dl_layers import Dense, Dropout, Input
from dl_ops.backend import backend_scope
from dl_ops.random import set_random_seed
from dl_train.callbacks import BackupAndRestore, Callback, CSVLogger, EarlyStopping, LambdaCallback, ModelCheckpoint
from dl_train.models import Sequential
from dl_train.optimizers import SGD, Adam, LossScaleOptimizer
from dl_train.testing.resumption import EPOCHS, STEPS, TRAININGS, KillAfter, Killed, X, Y, give_up, run, same_bits

LATEST = "latest.weights.h5"
resource = pytest.importorskip("resource")


@pytest.fixture(autouse=True)
def _numpy() -> Iterator[None]:
    with backend_scope("numpy"):
        yield


@cache
def uninterrupted(name: str) -> dict[str, Any]:
    return run(name, [])


# -- the same bits -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TRAININGS)
def test_a_training_repeats(name: str) -> None:
    assert same_bits(run(name, []), uninterrupted(name))


@pytest.mark.parametrize("save_freq", ["epoch", 1, 3])
@pytest.mark.parametrize("name", TRAININGS)
def test_interrupted_at_any_step_it_ends_with_the_same_bits(name: str, save_freq: int | str, tmp_path: Path) -> None:
    batches = 3 if name == "passes" else STEPS  # of the former, two are taken at once
    last = len(uninterrupted(name)["epochs"]) * batches
    for first in (1, batches - 1, batches, 2 * batches + 1, last):
        backup = tmp_path / str(first)
        interruptions = 0
        while True:
            kill = [KillAfter(first if interruptions == 0 else 4, give_up)] if interruptions < 2 else []
            try:
                results = run(name, [BackupAndRestore(backup, save_freq, double_checkpoint=True), *kill])
                break
            except Killed:
                interruptions += 1
                np.random.seed(interruptions)  # what this process draws else must not matter
        assert interruptions > 0
        assert same_bits(results, uninterrupted(name)), f"interrupted after {first} steps"


def program(*arguments: object) -> int:
    """Run a training in a process of its own; the exit status."""
    command = [sys.executable, "-W", "error", "-m", "dl_train.testing.resumption", "numpy", *map(str, arguments)]
    return subprocess.run(command, timeout=300, check=False).returncode


@pytest.mark.parametrize(
    "kills",
    [
        [("--kill-after", 1), ("--kill-after", STEPS + 2)],
        [("--kill-after", 2 * STEPS), ("--kill-at-write", 9)],
        [("--kill-at-write", 30), ("--kill-at-write", 401)],
    ],
    ids=lambda kills: " ".join(f"{how[7:]} {number}" for how, number in kills),
)
@pytest.mark.parametrize("name", ["arrays", "generator"])
def test_killed_for_real_it_ends_with_the_same_bits(name: str, kills: list[Any], tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    options = (name, tmp_path / "results.npz", "--backup", backup, "--save-freq", 2)
    for kill in kills:
        assert program(*options, *kill) == -signal.SIGKILL
    assert program(*options) == 0
    with np.load(tmp_path / "results.npz") as results:
        assert same_bits(dict(results), uninterrupted(name))
    assert not backup.exists()


def test_the_state_of_wrapped_optimizers_is_kept(tmp_path: Path) -> None:
    def train(*callbacks: Callback) -> list[Any]:
        model = Sequential([Input((3,)), Dense(4, "relu", kernel_initializer="ones"), Dropout(0.5, seed=3), Dense(1)])
        model.compile(LossScaleOptimizer(Adam(0.1), initial_scale=8.0, dynamic_growth_steps=3), "mse")
        model.fit(X, Y, batch_size=4, epochs=3, shuffle=False, verbose=0, callbacks=list(callbacks))
        return [*model.get_weights(), *(variable.numpy() for variable in model.optimizer.variables)]

    set_random_seed(1)
    expected = train()
    set_random_seed(1)
    with pytest.raises(Killed):
        train(BackupAndRestore(tmp_path), KillAfter(8, give_up))
    set_random_seed(1)
    results = train(BackupAndRestore(tmp_path))
    assert [x.tobytes() for x in results] == [x.tobytes() for x in expected]


# -- files -------------------------------------------------------------------------------------------------------------


def make(units: int = 1) -> Sequential:
    model = Sequential([Input((3,)), Dense(units, kernel_initializer="zeros")])
    model.compile(SGD(0.1, momentum=0.5), "mse")
    return model


def fit(model: Any, *callbacks: Callback, epochs: int = EPOCHS) -> Any:
    return model.fit(X, Y, batch_size=4, epochs=epochs, verbose=0, callbacks=list(callbacks))


def interrupted(backup: Path, batches: int = 2 * STEPS + 2, **options: Any) -> Sequential:
    model = make()
    with pytest.raises(Killed):
        fit(model, BackupAndRestore(backup, **options), KillAfter(batches, give_up))
    return model


def test_files_are_there_while_they_are_needed(tmp_path: Path) -> None:
    backup = tmp_path / "a" / "b"
    interrupted(backup, double_checkpoint=True)
    assert sorted(os.listdir(backup)) == [LATEST, "previous.weights.h5"]
    (backup / f".{LATEST}.0123456789abcdef.tmp").touch()  # as a process leaves it that is killed
    fit(make(), BackupAndRestore(backup))
    assert not backup.exists()
    backup.mkdir()
    (backup / "notes.txt").touch()
    fit(make(), BackupAndRestore(backup))
    assert os.listdir(backup) == ["notes.txt"]


def test_weights_can_be_loaded_from_the_backup(tmp_path: Path) -> None:
    model = make()
    stop = LambdaCallback(on_epoch_begin=lambda epoch, logs: give_up() if epoch == 2 else None)
    with pytest.raises(Killed):
        fit(model, BackupAndRestore(tmp_path), stop)
    loaded = Sequential([Input((3,)), Dense(1)])
    loaded.load_weights(tmp_path / LATEST)
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])


@pytest.mark.parametrize("kept", [True, False])
def test_kept_files_let_training_go_on_to_more_epochs(kept: bool, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    fit(make(), BackupAndRestore(backup, delete_checkpoint=not kept), epochs=2)
    assert backup.exists() == kept
    model = make()
    history = fit(model, BackupAndRestore(backup, delete_checkpoint=not kept), epochs=3)
    assert history.epoch == [0, 1, 2]
    assert len(history.history["loss"]) == 3
    assert model.optimizer.iterations.numpy() == 3 * STEPS
    nothing = make()
    fit(nothing, BackupAndRestore(backup, delete_checkpoint=not kept), epochs=3)
    if kept:
        np.testing.assert_array_equal(nothing.get_weights()[0], model.get_weights()[0])


def test_who_stops_training_and_keeps_the_files_can_go_on(tmp_path: Path) -> None:
    model = make()
    stop = LambdaCallback(on_epoch_end=lambda epoch, logs: setattr(model, "stop_training", epoch == 1))
    fit(model, BackupAndRestore(tmp_path, delete_checkpoint=False), stop)
    assert model.history.epoch == [0, 1]
    assert fit(make(), BackupAndRestore(tmp_path)).epoch == [0, 1, 2, 3]


@pytest.mark.parametrize("order", [1, -1])
def test_a_training_that_was_about_to_stop_does_so(order: int, tmp_path: Path) -> None:
    def callbacks() -> list[Callback]:
        stopping = EarlyStopping("loss", patience=1, min_delta=10.0, restore_best_weights=True)
        return [BackupAndRestore(tmp_path), stopping][::order]

    class KillAtTheEnd(Callback):
        def on_train_end(self, logs: Any = None) -> None:
            give_up()

    expected = make()
    np.random.seed(0)
    fit(expected, callbacks()[order == 1])
    model = make()
    np.random.seed(0)
    with pytest.raises(Killed):
        model.fit(X, Y, batch_size=4, epochs=9, verbose=0, callbacks=[KillAtTheEnd(), *callbacks()])
    model = make()
    history = model.fit(X, Y, batch_size=4, epochs=9, verbose=0, callbacks=callbacks())
    assert history.epoch == [0, 1]
    np.testing.assert_array_equal(model.get_weights()[0], expected.get_weights()[0])


def test_a_model_checkpoint_remembers_its_best(tmp_path: Path) -> None:
    def checkpoint() -> ModelCheckpoint:
        return ModelCheckpoint(tmp_path / "best.keras", "loss", save_best_only=True)

    first = checkpoint()
    with pytest.raises(Killed):
        fit(make(), BackupAndRestore(tmp_path / "backup"), first, KillAfter(STEPS + 1, give_up))
    second = checkpoint()
    second.on_train_batch_end = KillAfter(1, give_up).on_train_batch_end  # type: ignore[method-assign]
    with pytest.raises(Killed):
        fit(make(), BackupAndRestore(tmp_path / "backup"), second)
    assert second.best == first.best is not None


def test_a_log_is_continued(tmp_path: Path) -> None:
    log, backup = tmp_path / "log.csv", tmp_path / "backup"

    def rows() -> list[list[str]]:
        with log.open(newline="") as file:
            return list(csv.reader(file))

    np.random.seed(0)
    fit(make(), CSVLogger(log))
    expected = rows()
    assert len(expected) == 1 + EPOCHS
    np.random.seed(0)
    stop = LambdaCallback(on_epoch_end=lambda epoch, logs: give_up() if epoch == 2 else None)
    with pytest.raises(Killed):
        fit(make(), CSVLogger(log), BackupAndRestore(backup), stop)
    assert rows() == expected[:4]  # the third epoch's line is there, and its state not saved
    with log.open("a") as file:
        file.write("3,0.1")  # as a process leaves it that is killed while it writes
    fit(make(), CSVLogger(log), BackupAndRestore(backup))
    assert rows() == expected


# -- what can go wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["cut", "empty", "text"])
def test_a_damaged_file_is_told_and_the_one_before_used(damage: str, tmp_path: Path) -> None:
    interrupted(tmp_path, double_checkpoint=True)
    path = tmp_path / LATEST
    content = path.read_bytes()
    path.write_bytes({"cut": content[: len(content) // 2], "empty": b"", "text": b"weights" * 99}[damage])
    with pytest.warns(UserWarning, match=r"latest.weights.h5.*goes on from the backup before that"):
        history = fit(make(), BackupAndRestore(tmp_path, delete_checkpoint=False), LambdaCallback())
    assert history.epoch == [0, 1, 2, 3]
    path.write_bytes(b"")
    (tmp_path / "previous.weights.h5").unlink()
    with pytest.raises(ValueError, match=r"BackupAndRestore\(backup_dir=.*latest.weights.h5.*delete it to begin anew"):
        fit(make(), BackupAndRestore(tmp_path))


def test_a_backup_of_another_training_is_refused(tmp_path: Path) -> None:
    interrupted(tmp_path)
    with pytest.raises(ValueError, match=r"(?s)another model or training.*shape \(3, 2\).*delete it to begin anew"):
        fit(make(units=2), BackupAndRestore(tmp_path))
    model = make()
    model.compile("adam", "mse")
    with pytest.raises(ValueError, match=r"(?s)optimizer was SGD with \d variables, and is Adam with \d"):
        fit(model, BackupAndRestore(tmp_path))
    model = make()
    model.compile(SGD(0.1, momentum=0.5), "mse", metrics=["mae"])
    with pytest.raises(ValueError, match="had 3 variables, and have 5"):
        fit(model, BackupAndRestore(tmp_path))
    interrupted(tmp_path / "steps", batches=4, save_freq=3)
    model = make()
    with pytest.raises(ValueError, match="have 9 batches, and had 5"):
        model.fit(X, Y, batch_size=2, verbose=0, callbacks=[BackupAndRestore(tmp_path / "steps")])
    weights = tmp_path / "weights" / LATEST
    weights.parent.mkdir()
    make().save_weights(weights)
    with pytest.raises(ValueError, match="says nothing of a training"):
        fit(make(), BackupAndRestore(weights.parent))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "JSON"),
        ("[" * 100_000, "nested too deeply|JSON"),
        ("3", "another version"),
        ('{"format": 1}', "KeyError"),
        ('{"format": 1, "epoch": -1, "step": 0}', "epoch is -1"),
        ('{"format": 1, "epoch": 1, "step": "2"}', "step is '2'"),
    ],
)
def test_a_hostile_file_is_refused(text: str, message: str, tmp_path: Path) -> None:
    interrupted(tmp_path)
    with h5py.File(tmp_path / LATEST, "r+") as file:
        group = file["training.state/vars"]
        del group["json"]
        group["json"] = np.frombuffer(text.encode(), np.uint8)
    with pytest.raises(ValueError, match=message):
        fit(make(), BackupAndRestore(tmp_path))


def test_a_full_disk_leaves_the_backup_before(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    class Full(Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 2:
                resource.setrlimit(resource.RLIMIT_FSIZE, (3000, before[1]))

    model = make()
    np.random.seed(0)
    try:
        with pytest.raises(OSError, match=r"File too large.*latest.weights.h5"):
            fit(model, BackupAndRestore(tmp_path), Full())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert os.listdir(tmp_path) == [LATEST]
    assert model.optimizer.iterations.numpy() == 3 * STEPS
    model = make()
    assert fit(model, BackupAndRestore(tmp_path)).epoch == [0, 1, 2, 3]
    expected = make()
    np.random.seed(0)
    fit(expected)
    np.testing.assert_array_equal(model.get_weights()[0], expected.get_weights()[0])


def test_what_a_callback_keeps_must_be_writable(tmp_path: Path) -> None:
    class Keeps(Callback):
        def state_dict(self) -> Any:
            return {"thing": object()}

    with pytest.raises(TypeError, match=r"Keeps.state_dict\(\) has <object .* of type object: expected numbers"):
        fit(make(), BackupAndRestore(tmp_path), Keeps())
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("arguments", [{"backup_dir": ""}, {"backup_dir": None}])
def test_a_folder_is_needed(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected the path of a folder"):
        BackupAndRestore(**arguments)


@pytest.mark.parametrize("save_freq", ["batch", 0, -1, True, 1.5, None])
def test_a_frequency_that_is_none_is_refused(save_freq: Any) -> None:
    with pytest.raises(ValueError, match=r"BackupAndRestore\(save_freq=.*positive integer"):
        BackupAndRestore("backup", save_freq=save_freq)


def test_an_error_while_one_callback_cleans_up_does_not_keep_the_others_from_it(tmp_path: Path) -> None:
    class Fails(Callback):
        def _abort(self) -> None:
            raise RuntimeError("a fault of the test")

    before, after = CSVLogger(tmp_path / "1.csv"), CSVLogger(tmp_path / "2.csv")
    with pytest.raises(RuntimeError, match="a fault of the test"):
        fit(make(), before, Fails(), after, KillAfter(7, lambda: [][0]))
    assert before._file is None
    assert after._file is None
