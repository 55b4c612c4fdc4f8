"""Activations against their formulas in NumPy."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from dl_layers import activations
from dl_ops import ops
from dl_ops.backend import Backend

X = np.array([[-7.5, -3.2, -1.4, -0.6, -0.2, 0.3], [0.7, 1.2, 2.6, 4.1, 5.9, 8.3]])


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def softmax(x: Any) -> Any:
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


def sparsemax(x: Any) -> Any:
    """Projection on the simplex, the threshold found by bisection."""
    low, high = x.max(-1, keepdims=True) - 1, x.max(-1, keepdims=True)
    for _ in range(60):
        middle = (low + high) / 2
        more = np.maximum(x - middle, 0).sum(-1, keepdims=True) > 1
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return np.maximum(x - low, 0)


def normal_distribution(x: Any) -> Any:
    return np.vectorize(lambda v: 0.5 * (1 + math.erf(v / math.sqrt(2))))(x)


ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805
FORMULAS: dict[str, Any] = {
    "celu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "exponential": np.exp,
    "gelu": lambda x: x * normal_distribution(x),
    "glu": lambda x: x[..., :3] * sigmoid(x[..., 3:]),
    "hard_shrink": lambda x: np.where(np.abs(x) > 0.5, x, 0),
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "hard_silu": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "hard_swish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "linear": lambda x: x,
    "log_sigmoid": lambda x: np.log(sigmoid(x)),
    "log_softmax": lambda x: np.log(softmax(x)),
    "mish": lambda x: x * np.tanh(np.log1p(np.exp(x))),
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "selu": lambda x: SCALE * np.where(x > 0, x, ALPHA * np.expm1(x)),
    "sigmoid": sigmoid,
    "silu": lambda x: x * sigmoid(x),
    "soft_shrink": lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
    "softmax": softmax,
    "softplus": lambda x: np.log1p(np.exp(x)),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "sparse_plus": lambda x: np.where(x <= -1, 0, np.where(x < 1, (x + 1) ** 2 / 4, x)),
    "sparse_sigmoid": lambda x: np.clip((x + 1) / 2, 0, 1),
    "sparsemax": sparsemax,
    "squareplus": lambda x: (x + np.sqrt(x**2 + 4)) / 2,
    "swish": lambda x: x * sigmoid(x),
    "tanh": np.tanh,
    "tanh_shrink": lambda x: x - np.tanh(x),
    "threshold": None,  # takes two more arguments
}
FUNCTIONS = set(activations.__all__) - {"get", "serialize", "deserialize"}


def test_every_activation_has_a_formula() -> None:
    assert set(FORMULAS) == FUNCTIONS


@pytest.mark.parametrize("name", sorted(FUNCTIONS - {"threshold"}))
def test_formulas(name: str, backend: Backend) -> None:
    function = activations.get(name)
    for dtype, tolerance in (("float32", 2e-6), ("float16", 5e-3)):
        x = X.astype(dtype)
        result = function(ops.convert_to_tensor(x))
        assert backend.dtype_name(result.dtype) == dtype
        expected = FORMULAS[name](x.astype("float64"))
        np.testing.assert_allclose(
            ops.convert_to_numpy(result).astype("float64"), expected, rtol=tolerance, atol=tolerance
        )


@pytest.mark.parametrize(
    ("name", "options", "formula"),
    [
        ("celu", {"alpha": 0.5}, lambda x: np.where(x > 0, x, 0.5 * np.expm1(x / 0.5))),
        ("elu", {"alpha": 0.5}, lambda x: np.where(x > 0, x, 0.5 * np.expm1(x))),
        (
            "gelu",
            {"approximate": True},
            lambda x: 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
        ),
        ("leaky_relu", {"negative_slope": 0.4}, lambda x: np.where(x > 0, x, 0.4 * x)),
        ("relu", {"negative_slope": 0.4}, lambda x: np.where(x > 0, x, 0.4 * x)),
        ("relu", {"max_value": 2.0}, lambda x: np.clip(x, 0, 2)),
        ("relu", {"threshold": 1.0}, lambda x: np.where(x > 1, x, 0)),
        (
            "relu",
            {"threshold": 1.0, "negative_slope": 0.4, "max_value": 3.0},
            lambda x: np.where(x > 1, np.minimum(x, 3), 0.4 * (x - 1)),
        ),
        ("softmax", {"axis": 0}, lambda x: softmax(x.T).T),
        ("hard_shrink", {"threshold": 2.0}, lambda x: np.where(np.abs(x) > 2, x, 0)),
        ("threshold", {"threshold": 1.0, "default_value": -3.0}, lambda x: np.where(x > 1, x, -3)),
    ],
)
def test_options(name: str, options: dict[str, Any], formula: Any, backend: Backend) -> None:
    result = getattr(activations, name)(ops.convert_to_tensor(X.astype("float32")), **options)
    np.testing.assert_allclose(ops.convert_to_numpy(result), formula(X), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_names_and_configurations(name: str) -> None:
    function = activations.get(name)
    config = activations.serialize(function)
    assert activations.deserialize(config) is function
    assert activations.get(config) is function
    assert inspect.getdoc(function)


@settings(deadline=None)
@given(x=arrays(np.float32, array_shapes(max_dims=2, max_side=4), elements=st.floats(-1e4, 1e4, width=32)))
def test_finite_inputs_give_finite_outputs(x: Any) -> None:
    for name in sorted(FUNCTIONS - {"threshold", "exponential", "glu"}):
        with np.errstate(all="ignore"):
            assert np.isfinite(ops.convert_to_numpy(activations.get(name)(x))).all(), name


def test_what_none_and_functions_stand_for() -> None:
    assert activations.get(None) is activations.linear
    assert activations.get(np.tanh) is np.tanh
    assert activations.serialize(activations.relu) == "relu"


@pytest.mark.parametrize(
    ("make_it", "message"),
    [
        (lambda: activations.get("reul"), "unknown activation 'reul': did you mean 'relu'"),
        (lambda: activations.get(3), "3 of type int cannot be interpreted as activation"),
        (lambda: activations.relu([1.0], max_value=-1.0), r"relu\(max_value=-1.0\): max_value must not be negative"),
        (lambda: activations.relu([1.0], negative_slope=-1.0), r"relu\(negative_slope=-1.0\)"),
        (lambda: activations.glu(np.ones(3, "float32")), r"glu\(\)"),
    ],
)
def test_errors(make_it: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        make_it()
