"""Penalties and projections against their formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from dl_layers import Dense, constraints, regularizers
from dl_ops import ops
from dl_ops.backend import Backend

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32") * 2
FLOATS = arrays(np.float32, array_shapes(max_dims=3, max_side=4), elements=st.floats(-10, 10, width=32))
MATRICES = arrays(np.float32, (3, 2), elements=st.floats(-10, 10, width=32))


def number(x: Any) -> float:
    return float(ops.convert_to_numpy(x))


def norms(x: Any) -> Any:
    return np.sqrt((np.asarray(x, "float64") ** 2).sum(0))


def orthogonal(x: Any, mode: str) -> float:
    vectors = x if mode == "rows" else x.T
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = [abs(vectors[i] @ vectors[j]) for i in range(len(vectors)) for j in range(i)]
    return float(np.mean(pairs))


PENALTIES: list[tuple[Any, Any]] = [
    (regularizers.L1(0.3), lambda x: 0.3 * np.abs(x).sum()),
    (regularizers.L2(0.3), lambda x: 0.3 * (x**2).sum()),
    (regularizers.L1L2(0.1, 0.2), lambda x: 0.1 * np.abs(x).sum() + 0.2 * (x**2).sum()),
    (regularizers.L1L2(), lambda x: 0.0),
    (regularizers.OrthogonalRegularizer(0.5), lambda x: 0.5 * orthogonal(x, "rows")),
    (regularizers.OrthogonalRegularizer(0.5, mode="columns"), lambda x: 0.5 * orthogonal(x, "columns")),
]
PROJECTIONS: list[tuple[Any, Any]] = [
    (constraints.MaxNorm(1.5), lambda x: x * np.minimum(1, 1.5 / norms(x))),
    (constraints.UnitNorm(), lambda x: x / norms(x)),
    (constraints.UnitNorm(axis=(0, 1)), lambda x: x / np.linalg.norm(x)),
    (constraints.NonNeg(), lambda x: np.where(x > 0, x, 0)),
    (constraints.MinMaxNorm(1.0, 2.0), lambda x: x * np.clip(norms(x), 1, 2) / norms(x)),
    (
        constraints.MinMaxNorm(1.0, 2.0, rate=0.25),
        lambda x: x * (0.25 * np.clip(norms(x), 1, 2) / norms(x) + 0.75),
    ),
]


@pytest.mark.parametrize(("penalty", "formula"), PENALTIES, ids=lambda x: type(x).__name__)
def test_penalties(penalty: Any, formula: Any, backend: Backend) -> None:
    result = penalty(ops.convert_to_tensor(X))
    assert tuple(result.shape) == ()
    np.testing.assert_allclose(number(result), formula(X.astype("float64")), rtol=1e-5)


@pytest.mark.parametrize(("projection", "formula"), PROJECTIONS, ids=lambda x: type(x).__name__)
def test_projections(projection: Any, formula: Any, backend: Backend) -> None:
    result = ops.convert_to_numpy(projection(ops.convert_to_tensor(X)))
    np.testing.assert_allclose(result, formula(X.astype("float64")), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("projection", [p for p, _ in PROJECTIONS], ids=lambda x: type(x).__name__)
def test_projections_keep_the_dtype(projection: Any, backend: Backend) -> None:
    for dtype in ("float16", "bfloat16"):
        result = projection(ops.cast(ops.convert_to_tensor(X), dtype))
        assert backend.dtype_name(result.dtype) == dtype


@settings(deadline=None)
@given(x=FLOATS)
def test_penalties_are_not_negative_and_zero_at_zero(x: Any) -> None:
    for penalty in (regularizers.L1(), regularizers.L2(), regularizers.L1L2(0.1, 0.1)):
        assert number(penalty(x)) >= 0
        assert number(penalty(np.zeros_like(x))) == 0


@settings(deadline=None)
@given(x=MATRICES)
def test_projecting_twice_is_projecting_once(x: Any) -> None:
    # epsilon keeps vectors near zero from reaching a minimum at once
    for projection in (constraints.NonNeg(), constraints.MaxNorm(1.0), constraints.MinMaxNorm(0.0, 1.0)):
        once = projection(x)
        np.testing.assert_allclose(
            ops.convert_to_numpy(projection(once)), ops.convert_to_numpy(once), rtol=1e-4, atol=1e-4
        )
    assert (norms(ops.convert_to_numpy(constraints.MaxNorm(1.0)(x))) <= 1 + 1e-5).all()


@pytest.mark.parametrize(
    ("kind", "obj"),
    [*((regularizers, p) for p, _ in PENALTIES), *((constraints, p) for p, _ in PROJECTIONS)],
    ids=lambda x: type(x).__name__,
)
def test_configurations(kind: Any, obj: Any) -> None:
    config = kind.serialize(obj)
    again = kind.deserialize(config)
    assert type(again) is type(obj)
    assert kind.serialize(again) == config
    np.testing.assert_array_equal(again(X), obj(X))


@pytest.mark.parametrize("name", ["l1", "L1", "l2", "l1_l2", "orthogonal_regularizer"])
def test_regularizers_by_name(name: str) -> None:
    assert isinstance(regularizers.get(name), regularizers.Regularizer)


@pytest.mark.parametrize("name", ["max_norm", "MaxNorm", "non_neg", "unit_norm", "min_max_norm"])
def test_constraints_by_name(name: str) -> None:
    assert isinstance(constraints.get(name), constraints.Constraint)


def test_any_callable_will_do(backend: Backend) -> None:
    def penalty(w: Any) -> Any:
        return ops.sum(ops.absolute(w))

    layer = Dense(2, kernel_initializer="ones", kernel_regularizer=penalty)
    layer.build((None, 3))
    assert number(layer.losses[0]) == 6
    assert regularizers.get(None) is None
    assert constraints.get(None) is None


@pytest.mark.parametrize(
    ("make_it", "message"),
    [
        (lambda: regularizers.L1(-1.0), r"L1\(l1=-1.0\): expected a number that is not negative"),
        (lambda: regularizers.L2(float("nan")), r"L2\(l2=nan\)"),
        (lambda: regularizers.L2("a"), r"L2\(l2='a'\)"),  # type: ignore[arg-type]
        (lambda: regularizers.L1L2(l2=float("inf")), r"L1L2\(l2=inf\)"),
        (lambda: regularizers.L1(True), r"L1\(l1=True\)"),
        (
            lambda: regularizers.OrthogonalRegularizer(mode="diagonal"),
            r"mode='diagonal'\): expected 'rows' or",
        ),
        (lambda: regularizers.OrthogonalRegularizer()(np.ones(3)), r"expected a matrix, got shape \(3,\)"),
        (lambda: regularizers.get("l3"), "unknown regularizer 'l3'"),
        (lambda: constraints.get("positive"), "unknown constraint 'positive'"),
        (lambda: constraints.MaxNorm(-1.0), r"MaxNorm\(max_value=-1.0\)"),
        (lambda: constraints.MaxNorm("a"), r"MaxNorm\(max_value='a'\)"),  # type: ignore[arg-type]
        (lambda: constraints.MinMaxNorm(2.0, 1.0), r"MinMaxNorm\(min_value=2.0, max_value=1.0\)"),
        (lambda: constraints.MinMaxNorm(rate=2.0), r"MinMaxNorm\(rate=2.0\)"),
    ],
)
def test_errors(make_it: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        make_it()
