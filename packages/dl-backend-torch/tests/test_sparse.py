"""PyTorch's sparse layouts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from dl_ops import KerasTensor, ops

pytestmark = pytest.mark.filterwarnings("ignore:Sparse")

ARRAY = np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 0.0], [-1.0, 0.0, 4.0]], "float32")


@pytest.mark.parametrize("layout", ["to_sparse_coo", "to_sparse_csr", "to_sparse_csc"])
def test_any_layout_is_taken(layout: str) -> None:
    x = getattr(torch.from_numpy(ARRAY), layout)()
    dense = torch.arange(6.0).reshape(3, 2)
    assert ops.is_tensor(x)
    assert ops.shape(x) == (3, 3)
    np.testing.assert_array_equal(ops.convert_to_numpy(x), ARRAY)
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.matmul(x, dense)), ARRAY @ dense.numpy())
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.add(x, x)), 2 * ARRAY)
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.sum(x, axis=0)), ARRAY.sum(0))
    np.testing.assert_allclose(ops.convert_to_numpy(ops.exp(x)), np.exp(ARRAY), rtol=1e-6)
    y: Any = ops.convert_to_tensor(x, sparse=False)
    assert y.layout is torch.strided


def test_products_with_a_sparse_tensor_that_is_broadcast_are_right() -> None:
    row = torch.tensor([[1.0, 0.0, 3.0]]).to_sparse()
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.multiply(row, torch.from_numpy(ARRAY))), ARRAY * [[1, 0, 3]])


def test_entries_of_a_hybrid_tensor_are_vectors() -> None:
    x: Any = torch.sparse_coo_tensor(
        torch.tensor([[0, 2]]), torch.from_numpy(ARRAY[[0, 2]]), (3, 3), check_invariants=False
    )
    np.testing.assert_allclose(ops.convert_to_numpy(ops.sin(x)), np.sin(ARRAY))
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.transpose(x)), ARRAY.T)


def test_a_symbolic_sparse_tensor_stays_so_where_zeros_do() -> None:
    x = KerasTensor((None, 3), sparse=True)
    results: list[Any] = [ops.tanh(x), ops.exp(x), ops.convert_to_tensor(x, sparse=False)]
    assert [y.sparse for y in results] == [True, False, False]
