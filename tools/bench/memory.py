"""Memory of training and predicting: whether it grows from time to time, and what it comes to at most.

Every way is run in a fresh process. Growth: a small network is fitted, used for predictions and built anew fifty times,
with nothing cleared in between; what the process holds after the last time above what it held after the second. Peak:
a convolutional network is fitted with batches of 256; the most that the process ever held above what it held when
everything was imported and nothing built. "Bare" does as much with the loop by hand.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tools.bench.timing import Row

_TIMES: Final = 50
_LARGE_BATCH: Final = 256
_KINDS: Final = ("fit", "predict", "rebuild")
_MARK: Final = "memory "


def _held() -> int:
    """Bytes of memory that the process holds, after what can be given back has been."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _most_held() -> int:
    """Most bytes that the process ever held."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def _library(way: str, backend: str) -> Any:
    """Namespace to build models with; for the loop by hand, to draw its weights."""
    if way == "keras":
        import keras

        return keras
    import dl

    dl.config.set_backend(backend)
    return dl


def _work(way: str, backend: str) -> dict[str, Callable[[], object]]:
    """What is repeated, by its kind."""
    from tools.bench import by_hand
    from tools.bench.by_hand.loop import batches, epoch, predictions
    from tools.bench.networks import BATCH, NETWORKS, compiled, data

    x, y = data("mlp", 320)
    library = _library(way, backend)
    weights = [w.copy() for w in NETWORKS["mlp"].build(library).get_weights()]
    if way == "bare":
        loop = by_hand.make(backend, "mlp", weights)

        def rebuild() -> None:
            epoch(by_hand.make(backend, "mlp", weights), batches(x[:BATCH], y[:BATCH], BATCH))

        return {
            "fit": lambda: epoch(loop, batches(x, y, BATCH)),
            "predict": lambda: predictions(loop, x, BATCH),
            "rebuild": rebuild,
        }
    model = compiled("mlp", library, weights)

    def rebuild_model() -> None:
        compiled("mlp", library, weights).fit(x[:BATCH], y[:BATCH], verbose=0)

    return {
        "fit": lambda: model.fit(x, y, verbose=0),
        "predict": lambda: model.predict(x, verbose=0),
        "rebuild": rebuild_model,
    }


def _growth(way: str, backend: str) -> dict[str, int]:
    """Bytes that each kind of work leaves behind."""
    found: dict[str, int] = {}
    for kind, repeat in _work(way, backend).items():
        repeat()
        repeat()
        start = _held()
        for _ in range(_TIMES - 2):
            repeat()
            # what lies around until the collector comes by is not held
            gc.collect()
        found[kind] = _held() - start
    return found


def _peak(way: str, backend: str) -> dict[str, int]:
    """Most bytes held in training, above those at the start."""
    from tools.bench import by_hand
    from tools.bench.by_hand.loop import batches, epoch
    from tools.bench.networks import NETWORKS, compiled, data

    x, y = data("convolutional", 4 * _LARGE_BATCH)
    library = _library(way, backend)
    weights = NETWORKS["convolutional"].build(library).get_weights()
    before = _held()
    if way == "bare":
        loop = by_hand.make(backend, "convolutional", weights)
        for _ in range(2):
            epoch(loop, batches(x, y, _LARGE_BATCH))
    else:
        model = compiled("convolutional", library, weights)
        model.fit(x, y, batch_size=_LARGE_BATCH, epochs=2, verbose=0)
    return {"peak": _most_held() - before}


_MEASURES: Final[Mapping[str, Callable[[str, str], dict[str, int]]]] = {"growth": _growth, "peak": _peak}


def _in_fresh_process(backend: str, way: str, what: str) -> dict[str, float]:
    """Megabytes of a measure."""
    command = [sys.executable, "-m", "tools.bench.memory", backend, way, what]
    environment = {**os.environ, "KERAS_BACKEND": backend, "DL_BACKEND": backend}
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment).stdout
    line = next(line for line in output.splitlines() if line.startswith(_MARK))
    return {kind: value / 1e6 for kind, value in json.loads(line.removeprefix(_MARK)).items()}


def measure(backend: str) -> Iterator[Row]:
    """Rows for one backend. On NumPy Keras does not train."""
    ways = ("bare", "dl") if backend == "numpy" else ("bare", "dl", "keras")
    growth = {way: _in_fresh_process(backend, way, "growth") for way in ways}
    for kind in _KINDS:
        megabytes = {way: found[kind] for way, found in growth.items()}
        yield Row(f"{backend}: growth, {_TIMES} times {kind}, MB", megabytes, "1 MB", ratios=False)
    peaks = {way: _in_fresh_process(backend, way, "peak")["peak"] for way in ways}
    yield Row(f"{backend}: peak of fit, convolutional, MB", peaks, "1.10")


if __name__ == "__main__":
    from tools.bench.report import emit

    if len(sys.argv) > 2:
        print(_MARK + json.dumps(_MEASURES[sys.argv[3]](sys.argv[2], sys.argv[1])))
    else:
        emit(measure(sys.argv[1]))
