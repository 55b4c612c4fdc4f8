"""The second derivative of TensorFlow's own resizing, which TensorFlow lacks."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from dl_ops import ops


def test_the_gradient_of_resize_has_a_gradient() -> None:
    x = tf.constant(np.random.default_rng(0).standard_normal((2, 4, 3, 1)).astype("float32"))
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = ops.sum(ops.square(ops.image.resize(x, (6, 2))))
        z = ops.sum(ops.square(inner.gradient(y, x)))
    found = outer.gradient(z, x)
    # the sum of squares of a linear function's values has the gradient 2 W'W x, and so on
    matrix = np.stack(
        [np.asarray(ops.image.resize(e.reshape(1, 4, 3, 1), (6, 2))).ravel() for e in np.eye(12, dtype="float32")], 1
    )
    hessian = 2 * matrix.T @ matrix
    expected = 2 * np.asarray(x).reshape(2, 12) @ hessian @ hessian
    np.testing.assert_allclose(np.asarray(found).reshape(2, 12), expected, rtol=1e-4)
