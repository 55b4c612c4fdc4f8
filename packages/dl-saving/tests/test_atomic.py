"""Replacing files: old or new, never anything between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from saving_samples import State

from dl_layers import Dense
from dl_saving import load_model, load_weights, save_weights
from dl_saving.atomic import replacing


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old")

    def interrupted() -> None:
        with replacing(str(target)) as temporary:
            Path(temporary).write_text("new, in part")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_link_stays_a_link_and_permissions_stay(tmp_path: Path) -> None:
    target, link = tmp_path / "file", tmp_path / "link"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    with replacing(str(link)) as temporary:
        Path(temporary).write_text("new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_permissions_that_open_gives(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    with replacing(str(tmp_path / "file")):
        pass
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_folders_are_not_replaced_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="folder"), replacing(str(tmp_path)):
        pass
    with pytest.raises(FileNotFoundError, match="no folder"), replacing(str(tmp_path / "missing" / "file")):
        pass


def test_a_failing_save_leaves_the_old_weights(tmp_path: Path) -> None:
    path = tmp_path / "state.weights.h5"
    save_weights(State(a=[1.0]), path)

    class Failing(State):
        def save_own_variables(self, store: object) -> None:
            super().save_own_variables(store)
            raise RuntimeError("disk on fire")

    with pytest.raises(RuntimeError, match="fire"):
        save_weights(Failing(a=[2.0]), path)
    assert os.listdir(tmp_path) == [path.name]
    state = State(a=[0.0])
    load_weights(state, path)
    assert state.values["a"].numpy().tolist() == [1.0]


_SAVER = """
import sys
import numpy as np
from dl_layers import Dense
from dl_ops.backend import set_backend
from dl_saving import save_model
set_backend("numpy")
layer = Dense(256)
layer.build((None, 1024))
i = 0
while True:
    i += 1
    for v in layer.weights:
        v.assign(np.full(v.shape, i))
    save_model(layer, sys.argv[1])
    print(i, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="the process is ended by a POSIX signal")
@pytest.mark.parametrize("delay", [0.0, 0.004, 0.011, 0.017])
def test_killed_while_saving_the_file_is_old_or_new(tmp_path: Path, delay: float) -> None:
    path = tmp_path / "model.keras"
    process = subprocess.Popen([sys.executable, "-c", _SAVER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(2):
        last = int(process.stdout.readline())
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    last = max([last, *(int(line) for line in process.stdout if line.endswith("\n"))])
    process.wait()
    process.stdout.close()
    layer = load_model(path)
    assert isinstance(layer, Dense)
    values = np.unique(np.concatenate([v.numpy().ravel() for v in layer.weights]))
    assert len(values) == 1
    assert values[0] in (last, last + 1)
