"""What a loop shows: lines in logs, bars in terminals and notebooks."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_layers.core import Dense, Input
from dl_ops import config
from dl_train.callbacks import LambdaCallback
from dl_train.callbacks.bar import LineBar, State, line, make_bar
from dl_train.callbacks.display import Display, format_step, format_time, format_value
from dl_train.callbacks.progbar import Progbar
from dl_train.models import Sequential

X = np.linspace(-1, 1, 32, dtype="float32").reshape(16, 2)
Y = X.sum(1, keepdims=True)


def make() -> Sequential:
    model = Sequential([Input((2,)), Dense(1, kernel_initializer="zeros")])
    model.compile("sgd", "mse")
    return model


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the captured output pass for a terminal, and draw without waiting."""
    monkeypatch.setattr("dl_train.callbacks.bar._is_terminal", lambda stream: True)
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich asks the stream, too
    monkeypatch.setattr("dl_train.callbacks.display._INTERVAL", 0.0)
    monkeypatch.setattr("dl_train.callbacks.display._SHARE", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What stays on the screen, as a terminal would show it, without colours."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().out)
    return [row.split("\r")[-1].rstrip() for row in text.splitlines() if row.split("\r")[-1].strip()]


# -- logs -----------------------------------------------------------------------------------------------------------


def test_progress_is_plain_lines_outside_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    make().fit(X, Y, epochs=2, validation_data=(X, Y), batch_size=8)
    out = capsys.readouterr().out
    assert "\r" not in out
    assert "\x1b" not in out
    first, second, *rest = out.strip().splitlines()
    assert first == "Epoch 1/2"
    assert re.fullmatch(r"2/2 - \d+s - \d+[mu]?s/step - loss: \d\.\d{4} - val_loss: \d\.\d{4}", second)
    assert rest[0] == "Epoch 2/2"
    assert len(rest) == 2
    make().evaluate(X, Y, verbose=2)
    assert len(capsys.readouterr().out.strip().splitlines()) == 1
    make().predict(X, batch_size=4)
    assert re.fullmatch(r"4/4 - \d+s - \d+[mu]?s/step\n", capsys.readouterr().out)
    make().fit(X, Y, verbose=0)
    assert capsys.readouterr().out == ""


def test_long_loops_show_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dl_train.callbacks.display._LINE_INTERVAL", 0.0)
    monkeypatch.setattr("dl_train.callbacks.display._SHARE", 0.0)

    def batches() -> Iterator[Any]:
        for _ in range(3):
            yield X[:4], Y[:4]

    make().fit(batches())
    counts = [row.split(" - ")[0] for row in capsys.readouterr().out.strip().splitlines()]
    assert counts == ["1", "2", "3", "3/3"]  # how many there are is known at the end


def test_logs_that_callbacks_add_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    make().fit(X, Y, callbacks=[LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(extra=0.25))])
    assert "extra: 0.2500" in capsys.readouterr().out


def test_numbers_and_times_are_readable() -> None:
    assert [format_value(x) for x in (0.12345, 1e-5, 0.0, -2.0, "text", None)] == [
        "0.1235", "1.0000e-05", "0.0000", "-2.0000", "text", "None",
    ]  # fmt: skip
    assert [format_time(t) for t in (5, 65, 7200)] == ["5s", "1:05", "2:00:00"]
    assert [format_step(t) for t in (2, 0.0034, 3e-5)] == ["2s/step", "3ms/step", "30us/step"]


# -- terminals ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("terminal")
def test_bar_in_a_terminal_leaves_one_line_for_each_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    make().fit(X, Y, batch_size=4, epochs=2, validation_data=(X, Y))
    final = r"4/4 ━+ \d+s \d+[mu]s/step - loss: \d\.\d{4} - val_loss: \d\.\d{4}"
    kept = [row for row in lines(capsys) if row.startswith("Epoch") or re.fullmatch(final, row)]
    assert [row[:5] for row in kept] == ["Epoch", "4/4 ━", "Epoch", "4/4 ━"]


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_bar_leaves_the_terminal_in_order_after_an_error(
    error: type[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    stdout = sys.stdout

    def fail(batch: int, logs: Any) -> None:
        if batch == 2:
            raise error("stop")

    with pytest.raises(error, match="stop"):
        make().fit(X, Y, batch_size=4, callbacks=[LambdaCallback(on_train_batch_end=fail)])
    assert sys.stdout is stdout
    assert Display._live is None
    out = capsys.readouterr().out
    assert out.rfind("\x1b[?25h") > out.rfind("\x1b[?25l")  # the cursor is shown again
    assert out.rstrip().splitlines()[-1].count("loss") == 1  # how far it came
    make().fit(X, Y)
    assert "1/1" in lines(capsys)[-1]


@pytest.mark.usefixtures("terminal")
def test_loops_in_a_loop_show_lines_above_its_bar(capsys: pytest.CaptureFixture[str]) -> None:
    model = make()
    model.fit(
        X, Y, batch_size=8, callbacks=[LambdaCallback(on_epoch_end=lambda e, logs: model.evaluate(X, Y, batch_size=4))]
    )
    shown = lines(capsys)
    assert shown[-1].startswith("2/2 ━")
    assert any(row.startswith("4/4 - ") for row in shown)


@pytest.mark.usefixtures("terminal")
def test_interactive_logging_can_be_disabled(capsys: pytest.CaptureFixture[str]) -> None:
    config.disable_interactive_logging()
    try:
        make().fit(X, Y)
    finally:
        config.enable_interactive_logging()
    assert "━" not in capsys.readouterr().out


@pytest.mark.parametrize("stream", [None, SimpleNamespace(), SimpleNamespace(isatty=lambda: False)])
def test_streams_that_are_no_terminal_get_no_bar(stream: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", stream)
    bar = make_bar(20, live=False)
    monkeypatch.undo()
    assert bar is None


def test_notebooks_have_a_bar_without_colours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setattr("dl_train.callbacks.display._INTERVAL", 0.0)
    monkeypatch.setattr("dl_train.callbacks.display._SHARE", 0.0)
    assert isinstance(make_bar(20, live=True), LineBar)
    make().fit(X, Y, batch_size=4)
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert out.count("\r") > 4
    assert out.count("\n") == 1
    assert out.split("\r")[-1].startswith("4/4 ━")


@given(
    done=st.integers(0, 1000),
    total=st.none() | st.integers(1, 1000),
    logs=st.lists(st.sampled_from(["loss: 0.1234", "accuracy: 0.5000", "m: 1.0000e-05"]), max_size=5),
    width=st.integers(20, 200),
    bar=st.integers(1, 40),
)
def test_line_fits_its_width_and_names_the_steps(
    done: int, total: int | None, logs: list[str], width: int, bar: int
) -> None:
    state = State(done, total, "1:05 left", "12ms/step", logs)
    text = "".join(part for part, _ in line(state, bar, width))
    assert len(text) <= width
    assert text.lstrip().startswith(str(done))
    whole = "".join(part for part, _ in line(state, bar, width, whole=True))
    assert whole.endswith("".join(f" - {log}" for log in logs))
    cells = state.cells(bar)
    assert sum(len(part) for part, _ in cells) == bar
    if total is not None:
        filled = 2 * len(cells[0][0]) - cells[0][0].count("╸")
        assert abs(filled / (2 * bar) - min(done / total, 1)) <= 1 / (2 * bar)


# -- a bar for loops of one's own -------------------------------------------------------------------------------------


def final(capsys: pytest.CaptureFixture[str], target: int | None, **options: Any) -> str:
    """The line that stays after three steps."""
    bar = Progbar(target, **options)
    for step in range(3):
        bar.update(step + 1, [("a", float(step)), ("b", 2.0 * step)], finalize=step == 2)
    return capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize(
    ("options", "values"),
    [
        ({}, "a: 1.0000 - b: 2.0000"),
        ({"stateful_metrics": ["a"]}, "a: 2.0000 - b: 2.0000"),
        ({"stateless_metrics": ["a"]}, "a: 1.0000 - b: 4.0000"),
        ({"verbose": 2}, "a: 1.0000 - b: 2.0000"),
    ],
)
@pytest.mark.parametrize("target", [3, None])
def test_values_are_averaged_over_the_steps(
    options: dict[str, Any], values: str, target: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = final(capsys, target, **options)
    assert shown.startswith("3/3 - ")
    assert shown.endswith(values)


def test_added_steps_count_by_their_number(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Progbar(4, unit_name="sample", interval=0)
    bar.add(3, [("a", 1.0)])
    bar.add(1, [("a", np.float32(5.0))])
    shown = capsys.readouterr().out.splitlines()[-1]
    assert shown.startswith("4/4 - ")
    assert "s/sample - a: 2.0000" in shown


@pytest.mark.usefixtures("terminal")
def test_own_bar_moves_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Progbar(4, interval=0, width=10)
    for step in range(4):
        bar.update(step + 1, [("loss", 1.0)])
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "\x1b[?25l" not in out  # it may never be told of the end, so it must not hide the cursor
    plain = re.sub(r"\x1b\[[0-9;]*m", "", out)
    assert re.fullmatch(r"4/4 ━{10} \d+s \d+[mu]s/step - loss: 1\.0000\n", plain.split("\r")[-1])


def test_own_bar_is_silent_when_told_and_checks_its_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Progbar(1, verbose=0)
    bar.update(1)
    assert capsys.readouterr().out == ""
    with pytest.raises(ValueError, match="not both"):
        Progbar(3, stateful_metrics=["a"], stateless_metrics=["b"])
    with pytest.raises(ValueError, match="target=-1"):
        Progbar(-1)
    with pytest.raises(ValueError, match="verbose=3"):
        Progbar(1, verbose=3)
