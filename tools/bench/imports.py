"""How long importing takes, in fresh processes."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

from tools.bench.timing import Row

_PROGRAM = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def seconds(module: str, *, rounds: int = 7) -> float:
    """Median seconds that ``import module`` takes in a process of its own, the file cache warm."""
    environment = {**os.environ, "KERAS_BACKEND": "numpy", "DL_BACKEND": "numpy"}
    timings = []
    for _ in range(rounds + 1):
        command = [sys.executable, "-c", _PROGRAM.format(module)]
        result = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        timings.append(float(result.stdout.split()[-1]))
    return statistics.median(timings[1:])


def measure() -> list[Row]:
    """One row: NumPy, dl and Keras on its NumPy backend."""
    times = {"bare": seconds("numpy"), "dl": seconds("dl"), "keras": seconds("keras")}
    bound = "1.5 x numpy + 0.1 s"
    return [Row("import (bare: import numpy)", {name: value * 1e6 for name, value in times.items()}, bound)]
