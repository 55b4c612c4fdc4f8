"""Gradients of eigenvalues, which are complex, so that the table of cases does not check them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dl_ops import get_backend, ops
from dl_ops.autodiff import value_and_grad
from dl_ops.backend import backend_scope


def _summary(x: Any) -> Any:
    values, _ = ops.eig(x)
    return ops.sum(ops.add(ops.square(ops.real(values)), ops.multiply(0.3, ops.square(ops.imag(values)))))


def test_gradient_of_real_and_imaginary_parts() -> None:
    random = np.random.default_rng(0)
    x, direction = random.normal(size=(2, 4, 3, 3))
    backend = get_backend("numpy")
    with backend.float64_scope(), backend_scope(backend):
        _, gradient = value_and_grad(_summary)(x)
        difference = float(_summary(x + 1e-6 * direction)) - float(_summary(x - 1e-6 * direction))
    assert gradient.dtype == np.float64
    np.testing.assert_allclose(np.sum(gradient * direction), difference / 2e-6, rtol=1e-6)


def test_eigenvectors_have_none() -> None:
    with pytest.raises(NotImplementedError, match="eigenvectors"), backend_scope("numpy"):
        value_and_grad(lambda x: ops.sum(ops.real(ops.eig(x)[1])))(np.array([[2.0, 1.0], [1.0, 3.0]]))
