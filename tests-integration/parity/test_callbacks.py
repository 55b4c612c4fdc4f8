"""Callbacks beside Keras's: when they are called, with which logs, and what they decide."""

from __future__ import annotations

import csv
import os
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

import dl
from dl_ops import backend_scope

# Keras's arrays are of the older protocol; the rest of its warnings are not ours
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X = np.random.default_rng(3).standard_normal((20, 2)).astype("float32")
Y = (X @ np.array([[1.0], [-2.0]]) + 0.5).astype("float32")
NAN = float("nan")


@pytest.fixture(autouse=True)
def numpy_backend() -> Any:
    with backend_scope("numpy"):
        yield


def make(k: ModuleType, steps: int = 1, rate: float = 0.1) -> Any:
    model = k.Sequential([k.Input((2,)), k.layers.Dense(1)])
    model.compile(k.optimizers.SGD(rate), "mse", metrics=["mae"], steps_per_execution=steps)
    model.set_weights([np.ones((2, 1)), np.zeros(1)])
    return model


def recorder(k: ModuleType) -> Any:
    """Callback that notes each call and its logs."""
    calls: list[Any] = []

    def hook(name: str) -> Any:
        def numbered(self: Any, number: int, logs: Any = None) -> None:
            calls.append((name, number, plain(logs)))

        def whole(self: Any, logs: Any = None) -> None:
            calls.append((name, None, plain(logs)))

        return numbered if "_batch_" in name or "_epoch_" in name else whole

    def plain(logs: Any) -> dict[str, Any]:
        return {name: np.array(value, "float64") for name, value in (logs or {}).items()}

    names = [name for name in dir(k.callbacks.Callback) if name.startswith("on_") and "on_batch" not in name]
    callback = type("Recorder", (k.callbacks.Callback,), {name: hook(name) for name in names})()
    callback.calls = calls
    return callback


def fit(model: Any, callbacks: list[Any], **options: Any) -> None:
    model.fit(X, Y, batch_size=4, shuffle=False, verbose=0, callbacks=callbacks, **options)


# -- the order of calls ----------------------------------------------------------------------------------------------


def calls(k: ModuleType, run: Any, steps: int = 1) -> list[Any]:
    callback = recorder(k)
    run(k, make(k, steps), callback)
    return list(callback.calls)


def check(run: Any) -> None:
    """The same methods are called in the same order, with the same numbers and logs."""
    ours, theirs = calls(dl, run), calls(keras, run)
    assert [call[:2] for call in ours] == [call[:2] for call in theirs]
    for (*_, found), (*_, expected) in zip(ours, theirs, strict=True):
        assert set(found) == set(expected)
        for name, value in expected.items():
            np.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"epochs": 2, "validation_data": (X, Y)},
        {"epochs": 3, "validation_split": 0.4, "validation_freq": 2},
        {"epochs": 3, "initial_epoch": 1, "validation_split": 0.2, "validation_freq": [3]},
        {"epochs": 2, "steps_per_epoch": 2},
        {"epochs": 3, "validation_data": (X, Y), "validation_steps": 2},
        {"epochs": 1, "initial_epoch": 1},
    ],
    ids=lambda options: "-".join(options) or "plain",
)
def test_fit_calls_in_the_same_order_with_the_same_logs(options: dict[str, Any]) -> None:
    check(lambda k, model, callback: fit(model, [callback], **options))


def fit_in_order(model: Any, x: Any, y: Any, **options: Any) -> None:
    model.fit(x, y, shuffle=False, validation_data=(x, y), validation_batch_size=4, **options)


def evaluate(model: Any, x: Any, y: Any, **options: Any) -> None:
    model.evaluate(x, y, **options)


def predict(model: Any, x: Any, y: Any, **options: Any) -> None:
    model.predict(x, **options)


@pytest.mark.parametrize("method", [fit_in_order, evaluate, predict])
@pytest.mark.parametrize(("samples", "steps"), [(16, 2), (20, 2), (16, 3), (4, 3)])
def test_several_steps_at_once_are_one_call(method: Any, samples: int, steps: int) -> None:
    def run(k: ModuleType, model: Any, callback: Any) -> None:
        method(model, X[:samples], Y[:samples], batch_size=4, verbose=0, callbacks=[callback])

    def named(number: Any) -> Any:
        # Keras names the last batch that there would have been in an incomplete group: there is none after these
        return None if number is None else min(number, samples // 4 - 1)

    ours, theirs = (calls(k, run, steps) for k in (dl, keras))
    assert [call[:2] for call in ours] == [(name, named(number)) for name, number, _ in theirs]
    for (*_, found), (*_, expected) in zip(ours, theirs, strict=True):
        assert set(found) == set(expected)
        for name, value in expected.items():
            np.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("when", ["on_train_batch_end", "on_train_batch_begin", "on_epoch_end", "on_epoch_begin"])
def test_training_stops_at_the_same_place(when: str) -> None:
    def run(k: ModuleType, model: Any, callback: Any) -> None:
        def stop(number: int, logs: Any = None) -> None:
            model.stop_training = number >= 1

        fit(model, [callback, k.callbacks.LambdaCallback(**{when: stop})], epochs=4, validation_split=0.2)

    check(run)


def test_evaluate_and_predict_call_in_the_same_order() -> None:
    def evaluate(k: ModuleType, model: Any, callback: Any) -> None:
        model.evaluate(X, Y, batch_size=8, verbose=0, callbacks=[callback])

    def predict(k: ModuleType, model: Any, callback: Any) -> None:
        model.predict(X, batch_size=8, verbose=0, callbacks=[callback])

    for run in (evaluate, predict):
        check(run)


def test_callbacks_are_kept_in_the_same_order() -> None:
    for options in ({"add_history": True, "add_progbar": True}, {"add_history": True}, {}):
        lists = [k.callbacks.CallbackList([k.callbacks.EarlyStopping()], **options) for k in (keras, dl)]
        theirs, ours = ([type(callback).__name__ for callback in each.callbacks] for each in lists)
        assert ours == theirs


@pytest.mark.parametrize("verbose", [0, 1, 2])
def test_callbacks_know_the_same_of_the_loop(verbose: int, capsys: pytest.CaptureFixture[str]) -> None:
    seen = []
    for k in (keras, dl):
        model, callback = make(k), k.callbacks.LambdaCallback()
        model.fit(X, Y, batch_size=4, epochs=2, verbose=verbose, callbacks=[callback])
        assert callback.model is model
        seen.append(callback.params)
    assert seen[0] == seen[1]
    capsys.readouterr()


# -- what they decide ------------------------------------------------------------------------------------------------


def decisions(k: ModuleType, callback: Any, values: list[float]) -> Any:
    """State of a callback after each epoch, and the weights at the end."""
    model = make(k, rate=1.0)
    callback.set_model(model)
    callback.on_train_begin()
    model.stop_training = False
    states = []
    for epoch, value in enumerate(values):
        model.set_weights([np.full((2, 1), epoch, "float32"), np.zeros(1)])
        callback.on_epoch_begin(epoch)
        logs = {callback.monitor: value}
        callback.on_epoch_end(epoch, logs)
        kept = ("wait", "stopped_epoch", "best_epoch", "cooldown_counter")
        rate = float(np.asarray(model.optimizer.learning_rate))
        states.append(
            (*(getattr(callback, name, None) for name in kept), round(rate, 6), model.stop_training, sorted(logs))
        )
        if model.stop_training:
            break
    callback.on_train_end()
    return states, model.get_weights()[0].tolist()


@pytest.mark.parametrize(
    ("options", "values"),
    [
        ({}, [1.0, 2.0]),
        ({}, [1.0, 1.0]),
        ({"patience": 2, "restore_best_weights": True}, [3.0, 1.0, 2.0, 2.0, 0.5]),
        ({"patience": 2}, [1.0, NAN, NAN, 1.0]),
        ({"patience": 2, "restore_best_weights": True}, [NAN, NAN, NAN]),
        ({"patience": 1, "baseline": 0.5, "restore_best_weights": True}, [1.0, 0.9, 0.8]),
        ({"patience": 2, "baseline": 0.5}, [1.0, 1.0, 1.0]),
        ({"start_from_epoch": 3}, [1.0, 2.0, 3.0, 4.0, 5.0]),
        ({"patience": 2, "min_delta": -0.5}, [1.0, 0.8, 0.7, 0.6]),
        ({"patience": 2, "min_delta": 0.15}, [1.0, 0.9, 0.8, 0.7]),
        ({"patience": 1, "monitor": "val_mae", "mode": "min"}, [0.3, 0.2, 0.4, 0.1]),
        ({"patience": 1, "monitor": "score", "mode": "max"}, [0.3, 0.4, 0.2, 0.5]),
        ({"patience": -1}, [3.0, 2.0, 2.5]),
    ],
    ids=str,
)
def test_early_stopping_decides_the_same(options: dict[str, Any], values: list[float]) -> None:
    # where the first value is no number, and a later one is, Keras takes none for better; ours does
    theirs, ours = (decisions(k, k.callbacks.EarlyStopping(**options), values) for k in (keras, dl))
    assert ours == theirs


@pytest.mark.parametrize(
    ("options", "values"),
    [
        ({"patience": 2}, [1.0] * 6),
        ({"patience": 2, "cooldown": 2, "factor": 0.5}, [1.0] * 9),
        ({"patience": 0, "factor": 0.5}, [1.0] * 4),
        ({"patience": 1, "factor": 0.5}, [1.0, NAN, NAN, 0.5]),
        ({"patience": 1, "min_lr": 0.3, "factor": 0.5}, [1.0] * 5),
        ({"patience": 1, "min_delta": 0.2, "factor": 0.5}, [1.0, 0.9, 0.7, 0.65]),
        ({"patience": 1, "monitor": "score", "mode": "max", "factor": 0.5}, [0.1, 0.2, 0.2, 0.3]),
    ],
    ids=str,
)
def test_the_rate_is_reduced_at_the_same_epochs(options: dict[str, Any], values: list[float]) -> None:
    theirs, ours = (decisions(k, k.callbacks.ReduceLROnPlateau(**options), values) for k in (keras, dl))
    assert ours == theirs


@pytest.mark.parametrize("kind", ["EarlyStopping", "ReduceLROnPlateau"])
def test_a_log_that_is_not_there_changes_nothing(kind: str) -> None:
    for k in (keras, dl):
        model = make(k)
        with pytest.warns(UserWarning, match="val_loss"):
            fit(model, [getattr(k.callbacks, kind)(patience=0)], epochs=2)
        assert not model.stop_training


@pytest.mark.parametrize(
    "schedule",
    [
        lambda epoch: 0.1 / (epoch + 1),
        lambda epoch, rate: rate * 0.5,
        lambda epoch, rate=3.0: 0.2 * rate,
        lambda *both: 0.1 * len(both),
    ],
)
def test_schedules_set_the_same_rates(schedule: Any) -> None:
    theirs, ours = (
        make(k).fit(X, Y, epochs=3, shuffle=False, verbose=0, callbacks=[k.callbacks.LearningRateScheduler(schedule)])
        for k in (keras, dl)
    )
    assert set(ours.history) == set(theirs.history)
    for name, values in theirs.history.items():
        np.testing.assert_allclose(ours.history[name], values, rtol=1e-5)


def test_what_is_no_rate_is_an_error() -> None:
    for k in (keras, dl):
        for schedule in (lambda epoch: "fast", lambda epoch: None):
            with pytest.raises(ValueError, match="schedule"):
                fit(make(k), [k.callbacks.LearningRateScheduler(schedule)])
        decaying = make(k)
        decaying.compile(k.optimizers.SGD(k.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)), "mse")
        with pytest.raises(TypeError, match="chedule"):
            fit(decaying, [k.callbacks.LearningRateScheduler(lambda epoch: 0.1)])


@pytest.mark.parametrize("separator", [",", ";"])
def test_csv_files_are_the_same(separator: str, tmp_path: Path) -> None:
    tables = []
    for k in (keras, dl):
        path = tmp_path / f"{k.__name__}.csv"
        model = make(k)
        fit(model, [k.callbacks.CSVLogger(path, separator)], epochs=3, validation_split=0.4, validation_freq=2)
        fit(model, [k.callbacks.CSVLogger(path, separator, append=True)], epochs=1)
        with open(path, newline="") as file:
            tables.append(list(csv.reader(file, delimiter=separator)))
    assert len(tables[0]) == 5
    assert tables[1][0] == tables[0][0]
    for ours, theirs in zip(tables[1][1:], tables[0][1:], strict=True):
        assert ours[0] == theirs[0]
        for a, b in zip(ours[1:], theirs[1:], strict=True):
            assert a == b == "NA" or float(a) == pytest.approx(float(b), rel=1e-4)


def test_a_loss_that_is_no_number_ends_training_at_the_same_batch(capsys: pytest.CaptureFixture[str]) -> None:
    bad = np.where(np.arange(20)[:, None] == 9, np.nan, Y).astype("float32")

    def run(k: ModuleType, model: Any, callback: Any) -> None:
        callbacks = [callback, k.callbacks.TerminateOnNaN()]
        model.fit(X, bad, batch_size=4, epochs=3, shuffle=False, verbose=0, callbacks=callbacks)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        ours, theirs = ([call[:2] for call in calls(k, run)] for k in (dl, keras))
    assert ours == theirs
    capsys.readouterr()


# -- progress ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{"stateful_metrics": ["a", "b"]}, {"stateless_metrics": ["c"]}])
@pytest.mark.parametrize("steps", [[1, 1, 1], [3, 1]])
def test_progress_shows_the_same_line(
    options: dict[str, Any], steps: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    # of values that are averaged Keras shows the last one at the end: a bug, for its documentation says their mean
    shown = []
    for k in (keras, dl):
        bar = k.utils.Progbar(sum(steps), verbose=2, unit_name="sample", **options)
        for number, n in enumerate(steps):
            bar.add(n, [("a", 1.0 + number), ("b", np.float32(1e-5 * number))])
        shown.append(capsys.readouterr().out.split(" - "))
    assert [shown[1][0], *shown[1][3:]] == [shown[0][0], *shown[0][3:]]
    assert shown[1][2].endswith("s/sample")
