"""A disk that is full while a file is saved: an error that says so, the old file, and no crash."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dl_layers import Dense
from dl_ops.saveable import Saveable
from dl_saving import load_model, load_weights, save_model, save_weights
from dl_saving.weights_h5 import WeightsReader, WeightsWriter

resource = pytest.importorskip("resource")


class FullDisk(io.FileIO):
    """File on a disk with room for so many writes."""

    writes_left: float = float("inf")

    def write(self, data: Any) -> int:
        self.writes_left -= 1
        if self.writes_left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data)


def write_groups(file: io.FileIO) -> None:
    with WeightsWriter(file) as weights:
        for i in range(12):
            store = weights.variables(f"layers/dense_{i}", f"dense_{i}")
            for j in range(2):
                store[str(j)] = np.full(40 * (j + 1), 2 * i + j, "float32")


def test_hdf5_survives_an_error_at_every_write(tmp_path: Path) -> None:
    with FullDisk(tmp_path / "weights", "w+") as file:
        file.writes_left = 10**6
        write_groups(file)
        count = 10**6 - int(file.writes_left)
    assert count > 50
    for room in range(count):
        with FullDisk(tmp_path / "weights", "w+") as file:
            file.writes_left = room
            with pytest.raises(OSError, match="cannot write the weights: No space left") as error:
                write_groups(file)
            assert error.value.errno == errno.ENOSPC
    with FullDisk(tmp_path / "weights", "w+") as file:
        write_groups(file)
    with (tmp_path / "weights").open("rb") as opened, WeightsReader(opened) as weights:
        assert [weights.variables(f"layers/dense_{i}")["1"].mean() for i in range(12)] == [2 * i + 1 for i in range(12)]


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let writing past a size fail, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def dense(value: float) -> Dense:
    layer = Dense(500)
    layer.build((None, 300))
    layer.set_weights([np.full((300, 500), value), np.full(500, value)])
    return layer


@pytest.mark.parametrize("size", [0, 100, 2_000, 300_000, 600_000])
@pytest.mark.parametrize(("save", "ending"), [(save_weights, ".weights.h5"), (save_model, ".keras")])
def test_the_old_file_stays(save: Any, ending: str, size: int, tmp_path: Path) -> None:
    path = tmp_path / f"layer{ending}"
    save(dense(1.0), path)
    with largest_file(size), pytest.raises(OSError, match="File too large") as error:
        save(dense(2.0), path)
    assert error.value.errno == errno.EFBIG
    assert os.listdir(tmp_path) == [path.name]
    layer: Saveable
    if ending == ".keras":
        layer = load_model(path)
    else:
        layer = dense(3.0)
        load_weights(layer, path)
    assert np.all(layer.kernel.numpy() == 1.0)  # type: ignore[attr-defined]  # a Dense
    save(dense(2.0), path)
