"""Ops beside Keras's own on JAX: one case of each, and the promotion of dtypes."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
import pytest

import dl
from dl_ops.dtypes import COMPLEX_TYPES, FLOAT_TYPES, INT_TYPES, result_type
from dl_ops.testing import Case, all_cases

# Keras's variables are of the older protocol
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

_DIFFERENT = {
    "custom_gradient": "the case calls what the decorator makes; Keras's cannot be asked for both at once",
    "rsqrt": "of integers is a float here, an integer in Keras",
    "multi_hot": "reduces over the indices here also where axis is not the last",
    "sparsemax": "adds up to 1 here; not in Keras, which projects with the wrong threshold",
    "max_pool": "of one spatial axis fails in Keras on JAX",
    "average_pool": "of one spatial axis fails in Keras on JAX",
    "cholesky_inverse": "of a batch fails in Keras on JAX",
    "gaussian_blur": "of Keras on JAX and PyTorch averages along one axis only; here as on TensorFlow",
    "sobel_edges": "of Keras on JAX and PyTorch has another border; here it is mirrored, as on TensorFlow",
}
DTYPES = ("bool", *INT_TYPES, *FLOAT_TYPES, *COMPLEX_TYPES, "int", "float")
_CUT_OFF = {"uint64": "uint32", "complex128": "complex64"}


def theirs(name: str) -> Any:
    """Keras's op of a name, wherever it is."""
    return getattr(keras.ops, name, None) or getattr(keras.ops.image, name, None)


def sample() -> list[Case]:
    """The first case of every op that Keras has too, and that has one right result."""
    found: dict[str, Case] = {}
    for case in all_cases():
        if theirs(case.op) is not None and case.verify is None and case.op not in _DIFFERENT:
            found.setdefault(case.op, case)
    return list(found.values())


@pytest.mark.parametrize("case", sample(), ids=str)
def test_values_and_dtypes_equal_those_of_keras(case: Case) -> None:
    args, kwargs = case.arguments("float32")
    with dl.backend_scope("jax"), np.errstate(all="ignore"):
        ours = case.definition.public(*args, **kwargs)
        expected = theirs(case.op)(*args, **kwargs)
    found, wanted = jax.tree_util.tree_leaves(ours), jax.tree_util.tree_leaves(expected)
    assert len(found) == len(wanted)
    for x, y in zip(found, wanted, strict=True):
        assert keras.backend.standardize_dtype(x.dtype) == keras.backend.standardize_dtype(y.dtype)
        np.testing.assert_allclose(np.asarray(x), np.asarray(y), rtol=1e-5, atol=1e-5)


_TABLE = """
import itertools, json, sys
import keras
def promoted(*names):
    try:
        return keras.backend.result_type(*[{"int": int, "float": float}.get(name, name) for name in names])
    except ValueError:
        return None
print(json.dumps([promoted(*pair) for pair in itertools.product(json.loads(sys.argv[1]), repeat=2)]))
"""


@pytest.fixture(scope="session")
def promotions() -> dict[tuple[str, str], str | None]:
    """Dtypes that Keras promotes pairs to on TensorFlow, which has 64 bits; ``None`` where it refuses."""
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", _TABLE, json.dumps(DTYPES)], capture_output=True, text=True, check=True, env=environment
    )
    return dict(zip(itertools.product(DTYPES, repeat=2), json.loads(done.stdout), strict=True))


def test_dtypes_are_promoted_as_in_keras(promotions: dict[tuple[str, str], str | None]) -> None:
    """All but what Keras cuts off to 32 bits where TensorFlow has 64."""
    found = {}
    for names in promotions:
        try:
            found[names] = result_type(*[{"int": int, "float": float}.get(name, name) for name in names])
        except ValueError:
            found[names] = None
    expected = {
        # a dtype need not be promoted to itself, which Keras refuses for float8
        names: names[0] if promoted is None and names[0] == names[1] else promoted
        for names, promoted in promotions.items()
    }
    for names, dtype in found.items():
        if dtype in _CUT_OFF:
            assert expected[names] == _CUT_OFF[dtype], names
        else:
            assert expected[names] == dtype, names
