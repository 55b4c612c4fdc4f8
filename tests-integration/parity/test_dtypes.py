"""Promotion of dtypes, and what it gives with arrays, beside Keras's own."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

import pytest

from dl_ops.dtypes import COMPLEX_TYPES, FLOAT_TYPES, INT_TYPES, result_type

# Keras's variables are of the older protocol
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

DTYPES = ("bool", *INT_TYPES, *FLOAT_TYPES, *COMPLEX_TYPES, "int", "float")
_CUT_OFF = {"uint64": "uint32", "complex128": "complex64"}


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
