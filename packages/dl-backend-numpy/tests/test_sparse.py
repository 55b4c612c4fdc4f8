"""SciPy's sparse arrays and matrices."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from dl_ops import backend_scope, ops

scipy_sparse: Any = pytest.importorskip("scipy.sparse")

ARRAY = np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 0.0], [-1.0, 0.0, 4.0]], "float32")


@pytest.mark.parametrize("name", ["coo", "csr", "csc", "lil", "dok", "dia", "bsr"])
@pytest.mark.parametrize("kind", ["array", "matrix"])
def test_any_format_is_taken(name: str, kind: str) -> None:
    x = getattr(scipy_sparse, f"{name}_{kind}")(ARRAY)
    assert ops.is_tensor(x)
    assert ops.dtype(x) == "float32"
    np.testing.assert_array_equal(ops.convert_to_numpy(x), ARRAY)
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.square(x)), ARRAY**2)
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.multiply(x, ARRAY)), ARRAY**2)
    np.testing.assert_array_equal(ops.matmul(x, ARRAY), ARRAY @ ARRAY)
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.sum(x, axis=1)), ARRAY.sum(1))
    assert isinstance(ops.convert_to_tensor(x, sparse=False), np.ndarray)
    assert type(ops.exp(x)) is np.ndarray


def test_a_dtype_that_scipy_has_not_is_dense() -> None:
    half = ops.cast(scipy_sparse.csr_array(ARRAY), "bfloat16")
    assert isinstance(half, np.ndarray)
    assert ops.dtype(half) == "bfloat16"


def test_formats_are_kept_where_only_values_change() -> None:
    x: Any = ops.sin(scipy_sparse.csr_array(ARRAY))
    assert x.format == "csr"


def test_gradients_flow_through_products_with_sparse_arrays() -> None:
    x = scipy_sparse.csr_array(ARRAY)
    with backend_scope("numpy"):
        _, gradient = ops.value_and_grad(lambda w: ops.sum(ops.square(ops.matmul(x, w))))(np.ones((3, 2), "float32"))
    np.testing.assert_allclose(gradient, 2 * ARRAY.T @ ARRAY @ np.ones((3, 2)))


def test_scipy_is_not_imported_by_the_backend() -> None:
    lines = [
        "import sys",
        "from dl_ops import ops, set_backend",
        "set_backend('numpy')",
        "ops.sum(ops.ones(3))",
        "print('scipy' in sys.modules)",
    ]
    found = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
