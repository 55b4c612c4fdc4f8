"""Special functions against Python's and against their own definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dl_backend_numpy.linalg.decompositions import lu_factor
from dl_backend_numpy.math.special import erf, erfc, erfinv
from dl_backend_numpy.nn.activations import sigmoid, softplus


def test_error_function_is_exact_in_both_precisions() -> None:
    x = np.linspace(-6, 6, 2001)
    exact = np.array([math.erf(t) for t in x])
    np.testing.assert_array_equal(erf(x), exact)
    np.testing.assert_allclose(erf(x.astype("float32")), exact, rtol=3e-7, atol=1e-8)
    np.testing.assert_allclose(erfc(x), [math.erfc(t) for t in x])


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 2e-6), ("float64", 1e-12)])
def test_inverse_error_function_inverts(dtype: str, tolerance: float) -> None:
    y = np.linspace(-3.5, 3.5, 1001)
    x = np.array([math.erf(t) for t in y]).astype(dtype)
    inside = np.abs(x) < 1
    # how far apart neighbouring numbers lie in the tails limits what can be told of y
    slack = np.spacing(np.abs(x)) * np.exp(y * y)
    error = np.abs(erfinv(x) - y)[inside]
    assert np.all(error <= (tolerance * (1 + np.abs(y)) + slack)[inside])


def test_inverse_error_function_at_the_ends() -> None:
    np.testing.assert_array_equal(erfinv(np.array([-1.0, 0.0, 1.0, 1.5])), [-np.inf, 0.0, np.inf, np.nan])


def test_logistic_functions_keep_their_tails() -> None:
    x = np.array([-80.0, -20.0, 0.0, 20.0, 1e30], "float32")
    np.testing.assert_allclose(sigmoid(x), [math.exp(-80), 1 / (1 + math.exp(20)), 0.5, 1 / (1 + math.exp(-20)), 1])
    np.testing.assert_allclose(softplus(x), [math.exp(-80), math.exp(-20), math.log(2), 20, 1e30], rtol=1e-6)


@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5), (2, 3, 3), (1, 1)])
def test_triangles_and_exchanges_make_up_the_matrix(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).normal(size=shape)
    lu, pivots = lu_factor(x)
    k = min(shape[-2:])
    product = (np.tril(lu, -1)[..., :k] + np.eye(shape[-2], k)) @ np.triu(lu)[..., :k, :]
    for matrix, exchanges in zip(product.reshape(-1, *shape[-2:]), pivots.reshape(-1, k), strict=True):
        for i in reversed(range(k)):
            matrix[[i, exchanges[i]]] = matrix[[exchanges[i], i]]
    np.testing.assert_allclose(product, x, atol=1e-12)
