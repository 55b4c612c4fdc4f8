"""TensorFlow's sparse tensors, in graphs with unknown sizes too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from dl_ops import ops

ARRAY = np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 0.0], [-1.0, 0.0, 4.0]], "float32")

FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "values": lambda x, y: ops.sin(ops.square(x)),
    "union": lambda x, y: ops.maximum(ops.add(x, x), ops.negative(x)),
    "intersection": lambda x, y: ops.multiply(x, y),
    "product": lambda x, y: ops.matmul(x, ops.exp(y)),
    "sparse product": lambda x, y: ops.matmul(ops.transpose(x), x),
    "sum": lambda x, y: ops.sum(ops.mean(ops.reshape(x, (-1, 1, 3)), axis=-1, keepdims=True), axis=0),
    "dense": lambda x, y: ops.softmax(x),
    "cast": lambda x, y: ops.cast(ops.concatenate([x, x]), "int32"),
}


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_graphs_with_unknown_sizes_give_what_dense_tensors_do(name: str) -> None:
    # out of order, and one entry in two parts
    x = tf.SparseTensor([[2, 2], [0, 1], [2, 0], [0, 1]], [4.0, 1.0, -1.0, 1.0], (3, 3))
    y = tf.constant(np.arange(9.0, dtype="float32").reshape(3, 3) / 9)
    specs = [tf.SparseTensorSpec((None, 3), tf.float32), tf.TensorSpec((None, 3), tf.float32)]
    function = FUNCTIONS[name]
    found = ops.convert_to_numpy(tf.function(function, input_signature=specs)(x, y))
    np.testing.assert_allclose(found, ops.convert_to_numpy(function(tf.constant(ARRAY), y)), rtol=1e-5)


def test_slices_by_index_are_taken_for_tensors() -> None:
    x = tf.IndexedSlices(tf.constant(ARRAY[[2, 0]]), tf.constant([2, 0]), tf.constant([3, 3]))
    assert ops.is_tensor(x)
    np.testing.assert_array_equal(ops.convert_to_numpy(x), ARRAY)
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.square(x)), ARRAY**2)
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.matmul(x, ARRAY)), ARRAY @ ARRAY)


def test_strings_are_made_dense() -> None:
    x = tf.SparseTensor([[0, 1]], ["word"], (1, 2))
    y: Any = ops.convert_to_tensor(x, sparse=False)
    assert y.numpy().tolist() == [[b"", b"word"]]
