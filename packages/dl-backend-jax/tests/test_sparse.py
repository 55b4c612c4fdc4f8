"""JAX's sparse arrays, and ops on them while they are traced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest
from jax.experimental import sparse

from dl_ops import ops

ARRAY = np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 0.0], [-1.0, 0.0, 4.0]], "float32")

FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "values": lambda x, y: ops.sin(ops.square(x)),
    "union": lambda x, y: ops.maximum(ops.add(x, x), ops.transpose(x)),
    "intersection": lambda x, y: ops.multiply(ops.multiply(x, y), x),
    "product": lambda x, y: ops.matmul(x, ops.exp(y)),
    "sparse product": lambda x, y: ops.matmul(x, ops.negative(x)),
    "sum": lambda x, y: ops.sum(ops.mean(ops.reshape(x, (9, 1)), axis=0)),
    "dense": lambda x, y: ops.softmax(x),
    "cast": lambda x, y: ops.cast(ops.concatenate([x, x]), "int32"),
}


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_traced_arrays_give_what_others_do(name: str) -> None:
    # one entry in two parts, so that duplicates are found while nothing is known of the positions
    values, indices = jax.numpy.array([1.0, -1.0, 4.0, 1.0]), jax.numpy.array([[0, 1], [2, 0], [2, 2], [0, 1]])
    x = sparse.BCOO((values, indices), shape=(3, 3))
    y = np.arange(9.0, dtype="float32").reshape(3, 3) / 9
    function = FUNCTIONS[name]
    found = ops.convert_to_numpy(jax.jit(function)(x, jax.numpy.asarray(y)))
    np.testing.assert_allclose(found, ops.convert_to_numpy(function(jax.numpy.asarray(ARRAY), y)), rtol=1e-5)


@pytest.mark.parametrize("kind", [sparse.BCSR, sparse.CSR, sparse.COO])
def test_any_class_is_taken(kind: Any) -> None:
    x = kind.fromdense(ARRAY)
    assert ops.is_tensor(x)
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.square(x)), ARRAY**2)
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.matmul(x, ARRAY)), ARRAY @ ARRAY)


def test_batch_and_dense_axes_are_taken() -> None:
    x: Any = sparse.BCOO.fromdense(jax.numpy.asarray(ARRAY), n_batch=1)
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.sum(ops.abs(x), axis=0)), np.abs(ARRAY).sum(0))
