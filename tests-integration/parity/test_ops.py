"""Ops beside Keras's own on JAX: one case of each, and the promotion of dtypes."""

from __future__ import annotations

import itertools
import os
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
import pytest

import dl
from dl_ops.dtypes import result_type
from dl_ops.testing import Case, all_cases

# Keras's variables are of the older protocol
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

_DIFFERENT = {
    "rsqrt": "of integers is a float here, an integer in Keras",
    "multi_hot": "reduces over the indices here also where axis is not the last",
    "sparsemax": "adds up to 1 here; not in Keras, which projects with the wrong threshold",
    "max_pool": "of one spatial axis fails in Keras on JAX",
    "average_pool": "of one spatial axis fails in Keras on JAX",
    "cholesky_inverse": "of a batch fails in Keras on JAX",
    "gaussian_blur": "of Keras on JAX and PyTorch averages along one axis only; here as on TensorFlow",
    "sobel_edges": "of Keras on JAX and PyTorch has another border; here it is mirrored, as on TensorFlow",
}
DTYPES = ("bool", "uint8", "uint16", "int8", "int16", "int32", "bfloat16", "float16", "float32", int, float)


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


@pytest.mark.parametrize(("first", "second"), list(itertools.product(DTYPES, DTYPES)), ids=str)
def test_dtypes_are_promoted_as_in_keras(first: Any, second: Any) -> None:
    """Up to 32 bits: 64-bit dtypes are kept here, where Keras gives 32-bit ones."""
    assert result_type(first, second) == keras.backend.result_type(first, second)
