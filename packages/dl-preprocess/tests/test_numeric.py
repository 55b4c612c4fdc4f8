"""One-hot rows and unit vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dl_ops import ops
from dl_ops.backend import Backend
from dl_preprocess.numeric import normalize, to_categorical


@pytest.mark.parametrize(
    ("labels", "classes", "shape"),
    [
        ([0, 2, 1], None, (3, 3)),
        ([[0], [3]], 5, (2, 5)),
        ([[0, 1], [1, 0]], 2, (2, 2, 2)),
        ([], 4, (0, 4)),
        (2, 3, (3,)),
    ],
    ids=str,
)
def test_each_row_is_one_at_its_label(labels: Any, classes: int | None, shape: tuple[int, ...]) -> None:
    rows = to_categorical(labels, classes)
    assert rows.shape == shape
    np.testing.assert_array_equal(rows.argmax(-1).ravel(), np.ravel(labels)[: rows[..., 0].size])
    np.testing.assert_array_equal(rows.sum(-1), 1)
    assert np.count_nonzero(rows) == rows[..., 0].size


def test_tensors_give_tensors(backend: Backend) -> None:
    rows = to_categorical(ops.convert_to_tensor([[0], [2]]))
    assert backend.is_tensor(rows)
    np.testing.assert_array_equal(ops.convert_to_numpy(rows), [[1, 0, 0], [0, 0, 1]])


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [([0, 3], 3, "from 0 to 3, expected 0 to 2"), ([-1, 0], None, "from -1"), ([0.5], 2, "float64")],
)
def test_what_is_no_label_is_explained(labels: Any, classes: int | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        to_categorical(labels, classes)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("axis", [0, -1])
def test_norms_are_one_or_zero(order: int, axis: int, backend: Backend) -> None:
    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    x[1], x[:, 1] = 0, 0
    y, tensor = normalize(x, axis, order), normalize(ops.convert_to_tensor(x), axis, order)
    norms = (np.abs(y) ** order).sum(axis) ** (1 / order)
    np.testing.assert_allclose(norms, [0 if i == 1 else 1 for i in range(len(norms))], rtol=1e-5)
    assert backend.is_tensor(tensor)
    np.testing.assert_allclose(ops.convert_to_numpy(tensor), y, rtol=1e-5, atol=1e-6)
