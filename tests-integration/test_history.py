"""The logs of a training as a table and as curves."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dl_layers import Dense, Input
from dl_train import Sequential
from dl_train.callbacks import History
from dl_train.callbacks.history_table import Table

X = np.linspace(-1, 1, 32, dtype="float32").reshape(16, 2)
Y = X.sum(1, keepdims=True)


@pytest.fixture(scope="module")
def history() -> History:
    model = Sequential([Input((2,)), Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    return model.fit(X, Y, epochs=4, initial_epoch=1, validation_data=(X, Y), validation_freq=2, verbose=0)


def test_table_is_a_frame_where_pandas_is(history: History) -> None:
    pandas = pytest.importorskip("pandas")
    table = history.to_table()
    assert isinstance(table, pandas.DataFrame)
    assert list(table.index) == [1, 2, 3]
    assert table["loss"].tolist() == history.history["loss"]
    assert set(table.columns) == {"loss", "mae", "val_loss", "val_mae"}
    # a validation stands beside its epoch
    assert table["val_loss"].dropna().to_dict() == dict(zip([1, 3], history.history["val_loss"], strict=True))
    assert History().to_table().empty


def test_table_is_a_list_elsewhere(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    table = history.to_table()
    assert isinstance(table, Table)
    assert [row["epoch"] for row in table] == [1, 2, 3]
    assert ["val_loss" in row for row in table] == [True, False, True]
    head, rule, *rows = str(table).splitlines()
    assert head.split() == ["epoch", "loss", "mae", "val_loss", "val_mae"]
    assert set(rule) == {"─"}
    assert len({len(rule), len(head), len(rows[0])}) == 1
    assert [len(row.split()) for row in rows] == [5, 3, 5]


def test_curves_are_the_logs(history: History, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib").use("agg")
    figure = history.plot()
    diagrams = {axes.get_title(loc="left"): axes for axes in figure.axes if axes.get_visible()}
    assert list(diagrams) == ["loss", "mae"]
    training, validation = diagrams["loss"].lines
    np.testing.assert_allclose(training.get_xydata(), np.column_stack([[2, 3, 4], history.history["loss"]]))
    np.testing.assert_allclose(validation.get_xydata(), np.column_stack([[2, 4], history.history["val_loss"]]))
    assert [text.get_text() for text in diagrams["loss"].get_legend().get_texts()] == ["training", "validation"]
    figure.savefig(tmp_path / "curves.png")
    [only] = history.plot(["mae"]).axes
    assert only.get_title(loc="left") == "mae"


def logged(**logs: Any) -> History:
    history = History()
    for epoch in range(3):
        history.on_epoch_end(epoch, {name: values[epoch] for name, values in logs.items()})
    return history


def test_scale_is_logarithmic_for_what_falls_far_and_stays_positive() -> None:
    pytest.importorskip("matplotlib").use("agg")
    figure = logged(
        a=[1.0, 0.1, 0.001], b=[1.0, 0.1, 0.0], c=[1.0, 0.9, 0.5], d=[np.nan] * 3, e=["no", "num", "ber"]
    ).plot()
    assert {axes.get_title(loc="left"): axes.get_yscale() for axes in figure.axes} == {
        "a": "log", "b": "linear", "c": "linear", "d": "linear",
    }  # fmt: skip


def test_a_notebook_gets_a_figure_that_it_shows_once(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib").use("agg")
    from matplotlib import pyplot

    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    pyplot.close("all")
    assert history.plot().axes
    assert pyplot.get_fignums() == []


def test_what_cannot_be_drawn_is_said(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="no logs yet"):
        History().plot()
    with pytest.raises(ValueError, match=r"\['loss', 'mae'\], not \['acc'\]"):
        history.plot(["acc"])
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)
    with pytest.raises(ImportError, match=r'pip install "dl-train\[plot\]"'):
        history.plot()
