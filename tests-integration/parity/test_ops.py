"""Every case of every op beside Keras's own on each of its backends, which take a process each."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dl
from dl_ops import tree
from dl_ops.backend import get_backend
from dl_ops.dtypes import standardize_dtype
from dl_ops.interchange import convert_to_numpy
from dl_ops.testing import Case, all_cases
from dl_ops.testing.checks import compiled_where_possible, to_tensors
from dl_ops.testing.sampling import first_of_each, in_sample

# what Keras gives otherwise: by backend, patterns of cases and the reason
DIFFERENT: dict[str, dict[str, str]] = {
    "all": {
        "sparsemax-*": "adds up to 1 here; Keras projects with the wrong threshold",
        "gaussian_blur-*": "Keras takes the sizes of the window the other way round, or averages along one axis",
        "ssim-bytes": "a ratio is no integer",
        "vander-bool": "of booleans is of integers here",
        "map_coordinates-*": "Keras rounds halves to even, and mirrors otherwise on TensorFlow",
        "affine_transform-*": "differs in the last digits; wraps otherwise in Keras on TensorFlow",
        "nanargmax-negative-infinity": "Keras takes NaN for minus infinity",
        "i0-large": "infinite here, NaN in Keras",
        "*quantile-*infin*": "infinite here, NaN in Keras",
        "istft-*": "Keras divides by windows that are not those of the transform, and stops at the last one",
        "nanquantile-*": "infinite here, NaN in Keras",
    },
    "jax": {
        "unravel_index-uint8": "Keras divides by sizes in bytes, which are too narrow for them",
        "ctc_*": "a loss of what is impossible is infinite here; ties of beams",
        "sparse_categorical_crossentropy-no such class*": "NaN here, as on TensorFlow; Keras gives 0",
        "sobel_edges-*": "Keras has another border; here it is mirrored, as on TensorFlow",
        "adaptive_*-channels-first": "Keras gives NaN, and other pixels, where an axis keeps its size",
        "fold-gaps": "Keras takes the first size for the second",
        "*_to_*-channels-first": "channels in another order in Keras than if they are last",
        "quantile-24": "what lies in the middle goes to the other neighbour in Keras",
        "stft-rectangular": "Keras pads it otherwise than on PyTorch",
    },
    "numpy": {
        "*shift-bool": "int8 in Keras, as in no other backend",
        "view-as-it-is": "Keras makes it float64",
        "allclose-*": "a truth value of Python's in Keras",
        "associative_scan-*": "Keras makes it float64",
        "geomspace-int": "Keras cuts off 7.999",
        "ctc_*": "a loss of what is impossible is infinite here; ties of beams",
        "sobel_edges-*": "Keras has another border; here it is mirrored, as on TensorFlow",
        "eig-*": "complex here, whatever comes out",
        "lstsq-low rank": "Keras takes rounding errors for rank",
        "argsort-ties": "Keras does not keep the order of what is equal",
        "top_k-*": "indices are int64 in Keras",
        "histogram-*": "counts are int64 in Keras",
        "*_to_*-channels-first": "channels in another order in Keras than if they are last",
        "trapezoid-downwards": "Keras subtracts bytes as bytes",
        "stft-rectangular": "Keras pads it otherwise than on PyTorch",
    },
    "torch": {
        "*-uint16": "Keras has no such integers on PyTorch",
        "*-uint32": "Keras has no such integers on PyTorch",
        "view-bfloat16": "Keras has no uint16 on PyTorch",
        "unravel_index-outside": "taken for the next inside here",
        "angle-real": "Keras forgets the sign of a negative number",
        "geomspace-*": "of what has no geometric mean NaN here; of one number that number; integers stay integers",
        "tri-empty": "Keras takes 0 columns for as many as rows",
        "ctc_decode-wide beam": "ties of beams",
        "ctc_loss-no such class": "NaN here; Keras counts it as some other class",
        "sobel_edges-*": "Keras has another border; here it is mirrored, as on TensorFlow",
        "nonzero": "a tuple here, one tensor in Keras",
        "average_pool-*same": "Keras counts what was padded",
        "heaviside-special": "NaN here, 0 in Keras",
        "top_k-*": "indices are int64 in Keras",
        "*_to_*-channels-first": "channels in another order in Keras than if they are last",
        "median-infinite": "infinite here, NaN in Keras",
        "max-initial-of-nothing": "Keras reduces all axes",
        "average-axes": "Keras reduces one of the axes",
        "correlate-*": "Keras makes one element a number, and `same` the length of the first",
        "trapezoid-downwards": "Keras subtracts bytes as bytes",
        "pad-*": "Keras pads by one number the last axis alone, and has no `symmetric`",
    },
    "tensorflow": {
        "unravel_index-*": "Keras divides by the wrong sizes",
        "ldexp-extreme": "Keras computes the power by itself, which overflows",
        "isclose-*": "Keras compares NaN and infinities",
        "angle-real": "Keras forgets the sign of a negative number",
        "vdot-complex": "the first is conjugated here, as in NumPy",
        "geomspace-impossible": "of what has no geometric mean NaN here",
        "ctc_loss-*": "a loss of what is impossible is infinite here",
        "hsv_to_rgb-round-the-circle": "hues are taken modulo 1 here",
        "conv-empty": "Keras forgets the options",
        "hypot-special": "infinite here, NaN in Keras",
        "heaviside-special": "NaN here",
        "*-nan": "NaN is the largest here, as in NumPy",
        "histogram-*": "Keras knows no range without width, or counts in integers",
        "adaptive_max_pool-not-finite": "NaN is the largest here, as in NumPy",
        "quantile-outside": "the nearest quantile here",
        "correlate-same-2-6": "Keras begins one further than NumPy",
        "rot90-twice": "Keras turns once",
        "vstack-vectors": "Keras joins them to one vector",
        "stft-*": "Keras centres windows shorter than the transform otherwise than PyTorch",
    },
}
ALL = list(all_cases())
ONE_IN = {"jax": 4}
"""Of how many cases one is compared, beside the first of each op and those that differ, by backend; all with
``--exhaustive``: JAX compiles each, and Keras's ops on it are mostly those on the other backends.
"""
MOST_REFUSED = 90
"""Of the table's cases, how many Keras refuses on a backend, at most: what its frameworks cannot do, or its bugs."""


@pytest.mark.parametrize("name", ["jax", "numpy", "torch", "tensorflow"])
def test_values_and_dtypes_equal_those_of_keras(name: str, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    known = DIFFERENT["all"] | DIFFERENT[name]
    cases = compared(known, 1 if pytestconfig.getoption("exhaustive") else ONE_IN.get(name, 1))
    expected = values_of_keras(name, cases, tmp_path / "values")
    assert len(expected) > 0.9 * len(cases)
    refused = {case: value for case, value in expected.items() if isinstance(value, str)}
    assert len(refused) < MOST_REFUSED, refused
    there = [case for case in cases if str(case) in expected and str(case) not in refused]
    found = {str(case): difference(case, name, expected[str(case)]) for case in there}
    different = {case: text for case, text in found.items() if text is not None}
    assert not {case: text for case, text in different.items() if not any(fnmatchcase(case, p) for p in known)}
    stale = [pattern for pattern in DIFFERENT[name] if not any(fnmatchcase(case, pattern) for case in different)]
    assert not stale, f"these are as in Keras now: {stale}"


def compared(known: dict[str, str], one_in: int) -> list[Case]:
    """The first case of each op, those that match a pattern, and of the others one in so many."""
    first = {str(case) for case in first_of_each(ALL, lambda case: case.op)}
    return [
        case
        for case in ALL
        if str(case) in first or any(fnmatchcase(str(case), p) for p in known) or in_sample(case, one_in)
    ]


def values_of_keras(name: str, cases: list[Case], file: Path) -> dict[str, Any]:
    """What Keras gives on a backend, by case: dtypes and arrays, or an error's text."""
    environment = {**os.environ, "KERAS_BACKEND": name, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, str(Path(__file__).with_name("keras_values.py")), str(file)]
    names = "\n".join(map(str, cases))
    process = subprocess.run(command, input=names, capture_output=True, text=True, env=environment)
    assert process.returncode == 0, process.stderr
    values: dict[str, Any] = pickle.loads(file.read_bytes())
    return values


def difference(case: Case, backend: str, expected: list[Any]) -> str | None:
    """How an op's results differ from Keras's; where several are right, in shapes and dtypes alone."""
    op, (args, kwargs) = case.definition.public, case.arguments("float32")
    if backend == "jax":
        args, kwargs = to_tensors(get_backend(backend), (args, kwargs))
        op = compiled_where_possible(op, get_backend(backend))
    with dl.backend_scope(backend), np.errstate(all="ignore"):
        results = tree.flatten(op(*args, **kwargs))
    if len(results) != len(expected):
        return f"{len(results)} results, in Keras {len(expected)}"
    for result, value in zip(results, expected, strict=True):
        if not isinstance(value, tuple):
            return f"{value!r} in Keras"
        dtype, y = value
        x = np.asarray(convert_to_numpy(result))
        found = (standardize_dtype(result.dtype), x.shape)
        if found != (dtype, y.shape):
            return f"{found}, in Keras {(dtype, y.shape)}"
        x, y = (a if a.dtype.kind == "c" else a.astype("float64") for a in (x, y))
        tolerance = 1e-5 * case.tolerance
        if case.verify is None and not np.allclose(x, y, rtol=tolerance, atol=tolerance, equal_nan=True):
            return f"{x}, in Keras {y}"
    return None
