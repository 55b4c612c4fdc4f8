"""Measure, and print one table.

    python -m tools.bench [imports] [dispatch] [throughput] [recurrent] [training] [feeding] [inference] [memory]
                          [layers] [graphs] [--backends numpy,jax,torch,tensorflow,openvino]

Each backend is measured in a process of its own, in which dl, Keras and the bare framework take turns. One thread,
so that figures compare.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from tools.bench import imports
from tools.bench.report import machine, parse, table
from tools.bench.timing import Row

_SUBJECTS = (
    "imports",
    "dispatch",
    "throughput",
    "recurrent",
    "training",
    "feeding",
    "inference",
    "memory",
    "layers",
    "graphs",
)
_BACKENDS = ("numpy", "jax", "torch", "tensorflow", "openvino")
_ON_OPENVINO = ("inference",)
"""What is measured on OpenVINO, which does not train; Keras is told to use NumPy then."""
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "JAX_PLATFORMS": "cpu",
}


def run(subject: str, backend: str) -> list[Row]:
    """Rows of one subject on one backend, measured in a process of its own."""
    keras = "numpy" if backend == "openvino" else backend
    environment = {**os.environ, **_ENVIRONMENT, "KERAS_BACKEND": keras, "DL_BACKEND": backend}
    command = [sys.executable, "-m", f"tools.bench.{subject}", backend]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return parse(result.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("subjects", nargs="*", choices=[*_SUBJECTS, []], help="by default all")
    parser.add_argument("--backends", default=",".join(_BACKENDS))
    arguments = parser.parse_args()
    subjects = arguments.subjects or _SUBJECTS
    rows = imports.measure() if "imports" in subjects else []
    for subject in _SUBJECTS[1:]:
        if subject in subjects:
            for backend in arguments.backends.split(","):
                if backend != "openvino" or subject in _ON_OPENVINO:
                    rows += run(subject, backend)
    print(f"\nMicroseconds, medians; {machine()}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
