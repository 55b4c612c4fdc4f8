"""Checks before training find the mistakes that they are for, and nothing where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dl_layers.core import Dense, Input
from dl_train.callbacks import ModelCheckpoint
from dl_train.checks import Report, check_training, fast_dev_run, overfit_one_batch
from dl_train.losses import SparseCategoricalCrossentropy
from dl_train.models import Model, Sequential

_RNG = np.random.default_rng(0)
X = _RNG.standard_normal((16, 4)).astype("float32")
CLASSES = _RNG.integers(0, 3, 16)
ONE_HOT = np.eye(3, dtype="float32")[CLASSES]
BINARY = (X[:, :1] > 0).astype("float32")
NAN = np.where(np.arange(64).reshape(16, 4) == 5, np.nan, X)


def make(units: int, activation: str | None, loss: Any, **options: Any) -> Sequential:
    model = Sequential([Input((4,)), Dense(units, activation=activation, **options)])
    model.compile("sgd", loss)
    return model


SPARSE, CATEGORICAL, CROSS = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"
LOGITS = SparseCategoricalCrossentropy(from_logits=True)
SOME = SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)

# units, activation, loss, targets
WELL: dict[str, tuple[int, str | None, Any, Any]] = {
    "sparse": (3, "softmax", SPARSE, CLASSES),
    "sparse logits": (3, None, LOGITS, CLASSES),
    "sparse ignored": (3, None, SOME, np.where(X[:, 0] > 0, -1, CLASSES)),
    "categorical": (3, "softmax", CATEGORICAL, ONE_HOT),
    "binary": (1, "sigmoid", CROSS, BINARY),
    "regression": (1, None, "mse", 10 * X[:, :1]),
    "tanh": (1, "tanh", "mse", np.sign(X[:, :1])),
}


@pytest.mark.parametrize("name", WELL)
def test_all_is_well_where_nothing_is_wrong(name: str) -> None:
    *arguments, y = WELL[name]
    model = make(*arguments)
    report = check_training(model, X, y, validation_data=(X + 1, y))
    assert not report.errors, report
    assert not report.warnings, report
    assert str(report).endswith("all is well")
    report.raise_errors()


# units, activation, loss, inputs, targets, level and message
SICK: dict[str, tuple[int, str | None, Any, Any, Any, str, str]] = {
    "nan in x": (1, None, "mse", NAN, BINARY, "error", "1 of 64 are NaN"),
    "nan in y": (4, None, "mse", X, NAN, "error", "1 of 64 are NaN"),
    "constant x": (1, None, "mse", np.ones((16, 4)), BINARY, "warning", "all are the same"),
    "unscaled x": (1, None, "mse", 200 * X, BINARY, "warning", "scale them"),
    "no such class": (3, "softmax", SPARSE, X, CLASSES + 1, "error", "from 1 to 3, but the model has 3"),
    "negative class": (3, None, LOGITS, X, CLASSES - 1, "error", "from -1 to 1"),
    "half a class": (3, None, LOGITS, X, CLASSES + 0.5, "error", "no integers"),
    "logits": (3, None, SPARSE, X, CLASSES, "error", "end the model in softmax"),
    "probabilities": (3, "softmax", LOGITS, X, CLASSES, "warning", "leave softmax out"),
    "numbers, not one-hot": (1, "sigmoid", CATEGORICAL, X, CLASSES[:, None], "error", "SparseCategorical"),
    "one class": (1, "softmax", CATEGORICAL, X, BINARY, "error", "single class"),
    "not 0 and 1": (1, "sigmoid", CROSS, X, 2 * BINARY - 1, "error", "from -1 to 1"),
    "binary logits": (1, None, CROSS, X, BINARY, "error", "end the model in sigmoid"),
    "out of reach": (1, "sigmoid", "mse", X, 5 * X[:, :1], "error", "which sigmoid cannot give"),
    "shapes": (3, None, "mse", X, np.ones((16, 2)) * BINARY, "error", "Error: "),
}


@pytest.mark.parametrize("name", SICK)
def test_what_is_wrong_is_found(name: str) -> None:
    *arguments, x, y, level, message = SICK[name]
    report = check_training(make(*arguments), x, y)
    assert any(message in one.message for one in report.findings if one.level == level), report
    if level == "error":
        with pytest.raises(ValueError, match="cannot be trained so"):
            report.raise_errors()


def test_outputs_that_do_not_depend_on_inputs_are_found() -> None:
    report = check_training(make(1, None, "mse", kernel_initializer="zeros"), X, BINARY)
    assert any("the same for all samples" in one.message for one in report.warnings)


def test_weights_that_the_loss_does_not_depend_on_are_named() -> None:
    x = Input((4,))
    used, unused = Dense(1, name="used")(x), Dense(1, name="unused")(x)
    model = Model(x, [used, unused])
    model.compile("sgd", ["mse", None])
    report = check_training(model, X, [BINARY, BINARY])
    [finding] = report.warnings
    assert finding.subject == "gradients"
    assert "unused/kernel" in finding.message
    assert "used/bias" in finding.message


def test_a_rate_that_diverges_and_frozen_weights_are_found() -> None:
    model = make(1, None, "mse")
    model.optimizer.learning_rate = 1e30
    with np.errstate(all="ignore"):
        assert "lower the learning rate" in check_training(model, X, BINARY).errors[0].message
    model.layers[0].trainable = False
    assert [one.message for one in check_training(model, X, BINARY).errors] == ["none is trainable"]


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        ((X, BINARY), "that of the training"),
        ((X.astype("float64") + 1, BINARY), None),
        ((NAN, BINARY), "NaN"),
        ((X + 1, BINARY.astype("int32")), "int32"),
    ],
)
def test_validation_data_are_compared(validation: Any, message: str | None) -> None:
    report = check_training(make(1, None, "mse"), X, BINARY, validation_data=validation)
    found = [one.message for one in report.findings if one.subject == "validation"]
    assert message in found[0] if message else found == ["like the training data"]


def test_several_outputs_are_told_apart() -> None:
    x = Input((4,))
    model = Model(x, {"a": Dense(3, name="a")(x), "b": Dense(1, name="b")(x)})
    model.compile("sgd", {"a": "sparse_categorical_crossentropy", "b": "mse"})
    subjects = {one.subject: one.level for one in check_training(model, X, {"a": CLASSES, "b": BINARY}).findings}
    assert subjects["loss a"] == "error"
    assert subjects["loss b"] == "ok"
    assert {"y.a", "y.b", "output a", "output b"} <= set(subjects)


def test_report_counts() -> None:
    report = Report()
    report.add("warning", "a", "one")
    report.add("warning", "longer", "two")
    assert str(report) == "! a       one\n! longer  two\n2 warnings"


# -- short runs -------------------------------------------------------------------------------------------------------


def test_one_batch_goes_through_everything(tmp_path: Any) -> None:
    model = make(1, None, "mse")
    calls: list[int] = []

    def batches() -> Any:
        for number in range(10):
            calls.append(number)
            yield X[:4], BINARY[:4]

    path = tmp_path / "model.keras"
    logs = fast_dev_run(model, batches(), validation_data=(X, BINARY), callbacks=[ModelCheckpoint(path)])
    assert set(logs) == {"loss", "val_loss"}
    assert path.exists()
    assert max(calls) <= 2
    with pytest.raises(ValueError, match="compile the model"):
        fast_dev_run(Sequential([Dense(1)]), X, BINARY)
    with pytest.raises(KeyError, match="nothing"):
        fast_dev_run(model, X, BINARY, callbacks=[ModelCheckpoint(tmp_path / "{nothing}.keras")])


def test_a_batch_is_learnt_by_heart_or_not() -> None:
    learns = overfit_one_batch(make(1, None, "mse"), X[:4], X[:4, :1], steps=300, fraction=0.5)
    assert learns.succeeded
    assert len(learns.losses) == 301
    assert str(learns).startswith("✓")
    cannot = overfit_one_batch(
        make(1, None, "mse"), np.ones((4, 4)), np.array([[0.0], [1.0], [2.0], [3.0]]), fraction=0.01
    )
    assert not cannot.succeeded  # the same inputs, and different targets
    assert "by heart" in str(cannot)
    with pytest.raises(ValueError, match="steps=0"):
        overfit_one_batch(make(1, None, "mse"), X, BINARY, steps=0)
