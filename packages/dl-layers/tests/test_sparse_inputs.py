"""Layers on sparse tensors, on every backend that has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dl_layers.core.dense import Dense
from dl_layers.core.embedding import Embedding
from dl_layers.core.input_layer import Input, InputLayer
from dl_ops import ops
from dl_ops.backend import Backend, UnsupportedOp
from dl_ops.testing.sparse import sparse_tensor, thinned

pytestmark = pytest.mark.filterwarnings("ignore:Sparse")


def _sparse(backend: Backend, x: Any) -> Any:
    try:
        return sparse_tensor(backend, x)
    except UnsupportedOp as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_dense(backend: Backend, dtype: str) -> None:
    x = thinned(np.random.default_rng(0).normal(size=(5, 4))).astype("float32")
    layer = Dense(3, dtype=dtype)
    found, expected = (ops.convert_to_numpy(layer(value)) for value in (_sparse(backend, x), x))
    assert found.dtype == expected.dtype
    tolerance = 1e-6 if dtype == "float32" else 0.02
    np.testing.assert_allclose(found.astype("float32"), expected.astype("float32"), rtol=tolerance, atol=tolerance)


def test_embedding(backend: Backend) -> None:
    x = np.array([[0, 3, 0], [1, 0, 0]], "int32")
    layer = Embedding(4, 2)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(layer(_sparse(backend, x))), ops.convert_to_numpy(layer(backend.to_tensor(x)))
    )


def test_input() -> None:
    x = Input((4,), sparse=True)
    assert x.sparse
    assert not Dense(3)(x).sparse
    assert InputLayer(input_tensor=x).sparse
    with pytest.raises(ValueError, match="sparse=False"):
        InputLayer(input_tensor=x, sparse=False)
