"""Trainings that are killed and started again end with the same bits, on every backend that trains."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dl_ops.backend import Backend, backend_scope
from dl_train.callbacks import BackupAndRestore
from dl_train.testing.resumption import STEPS, TRAININGS, KillAfter, Killed, give_up, run, same_bits

pytestmark = pytest.mark.each_backend_alone


@cache
def uninterrupted(backend: str, name: str) -> dict[str, Any]:
    with backend_scope(backend):
        return run(name, [])


# arrays are trained with in the test below
@pytest.mark.parametrize("name", [name for name in TRAININGS if name != "arrays"])
def test_interrupted_in_one_process(trainable_backend: Backend, name: str, tmp_path: Path) -> None:
    expected = uninterrupted(trainable_backend.name, name)
    for batches in (STEPS + 2, 3):
        with pytest.raises(Killed):
            run(name, [BackupAndRestore(tmp_path, save_freq=2), KillAfter(batches, give_up)])
        np.random.seed(batches)  # what this process draws else must not matter
    assert same_bits(run(name, [BackupAndRestore(tmp_path)]), expected)


def test_killed_for_real(trainable_backend: Backend, tmp_path: Path) -> None:
    backend = trainable_backend.name
    name = "arrays"
    moments = random.Random(backend)
    backup, results = tmp_path / "backup", tmp_path / "results.npz"
    options = (backend, name, results, "--backup", backup, "--save-freq", 2)

    def program(*how: object) -> int:
        command = [sys.executable, "-m", "dl_train.testing.resumption", *map(str, (*options, *how))]
        return subprocess.run(command, timeout=300, check=False).returncode

    assert program("--kill-after", moments.randint(3, 2 * STEPS)) == -signal.SIGKILL
    # amid the second file, of hundreds of writes each
    assert program("--kill-at-write", moments.randint(450, 600)) == -signal.SIGKILL
    assert list(backup.glob(".*.tmp"))
    assert program() == 0
    with np.load(results) as found:
        assert same_bits(dict(found), uninterrupted(backend, name))
    assert not backup.exists()
