"""`Normalization.adapt` from arrays, batches and generators."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_ops import backend_scope, ops
from dl_ops.backend import Backend
from dl_ops.objects import deserialize_keras_object, serialize_keras_object
from dl_preprocess import Normalization

X = np.random.default_rng(0).normal([1.0, -20.0, 300.0], [1.0, 0.1, 50.0], size=(103, 3)).astype("float32")


def generator(x: Any) -> Iterator[Any]:
    yield from np.array_split(x, 7)


SOURCES: dict[str, Callable[[Any], Any]] = {
    "array": lambda x: x,
    "tensor": ops.convert_to_tensor,
    "list": lambda x: x.tolist(),
    "generator": generator,
    "generator with targets": lambda x: ((batch, np.zeros(len(batch))) for batch in generator(x)),
    "float64": lambda x: x.astype("float64"),
}


def statistics(layer: Any) -> list[Any]:
    return [layer.mean_weight.numpy(), layer.variance_weight.numpy()]


@pytest.mark.parametrize("source", SOURCES)
def test_sources(source: str, backend: Backend) -> None:
    layer = Normalization()
    layer.adapt(SOURCES[source](X))
    np.testing.assert_allclose(layer.mean_weight.numpy(), X.astype("float64").mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.variance_weight.numpy(), X.astype("float64").var(0), rtol=1e-5)
    y = ops.convert_to_numpy(layer(X))
    np.testing.assert_allclose(y.mean(0), 0, atol=2e-4)
    np.testing.assert_allclose(y.std(0), 1, atol=1e-4)
    inverted = Normalization(invert=True)
    inverted.adapt(X)
    np.testing.assert_allclose(ops.convert_to_numpy(inverted(y)), X, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(("axis", "reduced"), [(-1, (0, 1)), (1, (0, 2)), ((1, 2), (0,)), (None, (0, 1, 2))], ids=str)
def test_axes(axis: Any, reduced: tuple[int, ...]) -> None:
    x = np.random.default_rng(1).normal(3.0, 2.0, (50, 4, 2)).astype("float32")
    layer = Normalization(axis=axis)
    layer.adapt(x)
    np.testing.assert_allclose(layer.mean_weight.numpy(), x.astype("float64").mean(reduced), rtol=1e-5)
    np.testing.assert_allclose(layer.variance_weight.numpy(), x.astype("float64").var(reduced), rtol=1e-5)
    expected = (x - x.mean(reduced, keepdims=True)) / x.std(reduced, keepdims=True)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(x)), expected, rtol=1e-3, atol=1e-4)


@settings(deadline=None, max_examples=50)
@given(cuts=st.lists(st.integers(0, 40), max_size=5), offset=st.floats(-1e6, 1e6))
def test_how_the_data_are_split_does_not_matter(cuts: list[int], offset: float) -> None:
    x = np.random.default_rng(2).normal(offset, 1.0, (40, 2))
    with backend_scope("numpy"):
        whole, parts = Normalization(), Normalization()
        whole.adapt(x)
        parts.adapt(iter(np.split(x, sorted(cuts))))
        for a, b in zip(statistics(whole), statistics(parts), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6)
        assert abs(statistics(parts)[1] - x.var(0)).max() < 1e-5


def test_adapting_again_starts_anew() -> None:
    layer = Normalization()
    layer.adapt(X)
    layer.adapt(X[:10])
    np.testing.assert_allclose(layer.mean_weight.numpy(), X[:10].mean(0), rtol=1e-5)


def test_a_constant_feature_gives_zeros_not_infinities() -> None:
    x = np.full((5, 1), 3.0, "float32")
    layer = Normalization()
    layer.adapt(x)
    assert not ops.convert_to_numpy(layer(x)).any()


def test_one_dimensional_data_are_single_features() -> None:
    layer = Normalization(axis=None)
    layer.adapt(np.array([1.0, 3.0], "float32"))
    assert statistics(layer)[0] == 2
    assert statistics(layer)[1] == 1


def test_the_statistics_travel_as_weights(backend: Backend) -> None:
    layer = Normalization()
    layer.adapt(X)
    store: dict[str, Any] = {}
    layer.save_own_variables(store)
    copy = deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(layer))))
    copy.load_own_variables(store)
    np.testing.assert_array_equal(ops.convert_to_numpy(copy(X)), ops.convert_to_numpy(layer(X)))
    other = Normalization()
    other.build((None, 3))
    other.set_weights(layer.get_weights())
    np.testing.assert_array_equal(ops.convert_to_numpy(other(X)), ops.convert_to_numpy(layer(X)))


@pytest.mark.parametrize(
    ("options", "data", "message"),
    [
        ({}, np.ones((0, 3)), "the data are empty"),
        ({}, iter([]), "the data are empty"),
        ({}, 3, "adapt.*3.*expected an array"),
        ({}, None, "adapt.*None.*expected an array"),
        ({"mean": 1.0, "variance": 1.0}, X, "was given mean and variance"),
        ({"axis": 3}, X, "axis"),
        ({}, iter([X, X[:, :2]]), r"\(103, 2\)|\(2,\)"),
        ({}, np.array([["a", "b"]]), "number"),
        ({}, np.array([[1.0, np.nan]]), "NaN|finite"),
    ],
    ids=["no rows", "no batches", "number", "none", "given", "axis", "batches that differ", "text", "nan"],
)
def test_errors(options: Any, data: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        Normalization(**options).adapt(data)
