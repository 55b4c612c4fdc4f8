"""The command ``dl``."""

from __future__ import annotations

import io
import subprocess
import sys
from importlib.metadata import EntryPoint, version
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import dl
from dl.cli import main
from dl.cli.tables import show_table
from dl_ops.backend import registry


# of JAX, as OpenVINO forks a process while it is imported
@pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")
def test_info_lists_packages_backends_and_the_active_one(capsys: pytest.CaptureFixture[str]) -> None:
    with dl.backend_scope("numpy"):
        assert main(["info"]) == 0
    lines = capsys.readouterr().out.splitlines()
    words = [line.split() for line in lines]
    assert ["dl-layers", version("dl-layers")] in words
    assert ["numpy", np.__version__, "cpu:0", "active"] in words
    assert lines[-1] == "Active: numpy (enclosing backend_scope)"


@pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")
def test_info_shows_why_a_backend_is_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = EntryPoint("broken", "no_such_module:backend", registry.GROUP)
    points = {**registry._entry_points(), "broken": broken}
    monkeypatch.setattr(registry, "_entry_points", lambda: points)
    with dl.backend_scope("numpy"):
        assert main(["info"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("broken")]
    assert "No module named 'no_such_module'" in line


def test_info_fails_if_the_chosen_backend_is_not_there() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "dl", "info"], env={"DL_BACKEND": "nothing"}, capture_output=True, text=True
    )
    assert process.returncode == 1
    assert "'nothing' is not installed" in process.stdout
    assert "Traceback" not in process.stderr


def test_a_terminal_gets_a_table_and_a_pipe_aligned_columns() -> None:
    rows = [("a", "1"), ("longer " * 30, "2")]
    terminal, pipe = io.StringIO(), io.StringIO()
    show_table(Console(file=terminal, force_terminal=True, width=60), "Title", ("x", "y"), rows)
    show_table(Console(file=pipe), "Title", ("x", "y"), rows)
    assert "┃" in terminal.getvalue()
    assert pipe.getvalue().splitlines()[1:3] == [f"{'x':210}  y", f"{'a':210}  1"]


def test_quickstart_trains_on_numpy_and_keeps_the_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new" / "folder"
    assert main(["quickstart", "--directory", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "loss: " in out
    assert "accuracy: " in out
    assert "the predictions are the very same" in out
    with dl.backend_scope("numpy"):
        model = dl.models.load_model(folder / "digits.keras")
        _, (x, y) = dl.datasets.digits.load_data()
        _, accuracy = model.evaluate(x[..., None].astype("float32"), y, verbose=0)
    assert accuracy >= 0.97


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("theano", "there is no backend 'theano': choose numpy, jax, torch, tensorflow"),
        ("tensorflow", "backend 'tensorflow' is not installed: pip install \"dl[tf]\""),
    ],
)
def test_quickstart_says_what_to_choose_or_to_install(
    name: str, advice: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    points = {"numpy": registry._entry_points()["numpy"]}
    monkeypatch.setattr(registry, "_entry_points", lambda: points)
    monkeypatch.setattr(registry, "_loaded", {})
    assert main(["quickstart", "--backend", name]) == 1
    assert capsys.readouterr().err == f"dl quickstart: {advice}\n"


def test_quickstart_needs_a_folder_that_it_can_make(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["quickstart", "--directory", str(tmp_path / "file")]) == 1
    assert "file: File exists" in capsys.readouterr().err


def test_wrong_usage_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([])
    assert exit_.value.code == 2
    assert "usage: dl" in capsys.readouterr().err


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--version"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out == f"dl {dl.__version__}\n"
