"""What normalization does beyond single calls: averages, statistics of replicas, extreme values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dl_layers import (
    BatchNormalization,
    Dense,
    Embedding,
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    SpectralNormalization,
    UnitNormalization,
)
from dl_ops import ops
from dl_ops.backend import Backend

X = np.random.default_rng(3).normal(2.0, 3.0, size=(6, 7)).astype("float32")


def array(x: Any) -> Any:
    return np.asarray(ops.convert_to_numpy(x), "float64")


def test_renormalization_moves_its_averages(backend: Backend) -> None:
    layer = BatchNormalization(renorm=True, momentum=0.8, renorm_momentum=0.6)
    layer(X, training=True)
    mean, deviation = X.mean(0), np.sqrt(X.var(0) + 1e-3)
    np.testing.assert_allclose(array(layer.renorm_mean), 0.4 * mean, rtol=1e-4)
    np.testing.assert_allclose(array(layer.renorm_stddev), 0.6 + 0.4 * deviation, rtol=1e-4)
    np.testing.assert_allclose(array(layer.moving_mean), 0.2 * mean, rtol=1e-4)
    slow = 0.8 + 0.2 * deviation
    np.testing.assert_allclose(array(layer.moving_stddev), slow, rtol=1e-4)
    np.testing.assert_allclose(array(layer.moving_variance), slow**2 - 1e-3, rtol=1e-4)


def test_what_is_masked_may_be_anything(backend: Backend) -> None:
    seen = np.array([True, True, False, True, True, False])
    x = np.where(seen[:, None], X, np.nan).astype("float32")
    layer = BatchNormalization(momentum=0.0)
    layer(x, mask=seen, training=True)
    np.testing.assert_allclose(array(layer.moving_mean), X[seen].mean(0), rtol=1e-4)
    np.testing.assert_allclose(array(layer.moving_variance), X[seen].var(0), rtol=1e-4)


@pytest.mark.parametrize("mask", [None, np.array([True, False, True])], ids=["all", "mask"])
def test_synchronized_statistics_are_those_of_all_replicas(
    mask: Any, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend.name == "jax":
        pytest.skip("a step sees the whole batch; what is composed is traced once for all, the hook with it")
    here, there = X[:3], X[3:]
    seen = np.ones(3, bool) if mask is None else mask
    both = np.concatenate([here[seen], there])
    squares = {"here": ((here[seen] - both.mean(0)) ** 2).sum(0), "there": ((there - both.mean(0)) ** 2).sum(0)}
    if mask is None:
        shared = [both.mean(0)[None], both.var(0)[None]]
    else:
        shared = [
            np.full((1, 7), (seen.sum() + 3) / 2),
            both.sum(0)[None] / 2,
            (squares["here"] + squares["there"])[None] / 2,
        ]
    steps: Iterator[Any] = iter(shared)

    def mean_over_replicas(x: Any) -> Any:
        return ops.reshape(next(steps).astype("float32"), x.shape)

    monkeypatch.setattr(type(backend), "mean_over_replicas", lambda self, x: mean_over_replicas(x))
    layer = BatchNormalization(momentum=0.0, synchronized=True)
    y = array(layer(here, training=True, **({} if mask is None else {"mask": mask})))
    np.testing.assert_allclose(y, (here - both.mean(0)) / np.sqrt(both.var(0) + 1e-3), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(array(layer.moving_mean), both.mean(0), rtol=1e-4)
    np.testing.assert_allclose(array(layer.moving_variance), both.var(0), rtol=1e-4)


@pytest.mark.parametrize(
    ("layer", "largest"),
    [
        (LayerNormalization(dtype="mixed_float16"), 2.0),
        (GroupNormalization(groups=1, dtype="mixed_float16"), 2.0),
        (RMSNormalization(dtype="mixed_float16"), 2.0),
        (UnitNormalization(dtype="mixed_float16"), 1.0),
        (BatchNormalization(dtype="mixed_float16"), 2.0),
    ],
    ids=lambda x: type(x).__name__,
)
def test_large_numbers_of_16_bits_are_normalized_in_32(layer: Any, largest: float, backend: Backend) -> None:
    x = np.array([[3e4, -3e4, 2e4, 1e4], [1e4, 2e4, -3e4, 0.0]], "float16")
    made = type(layer).from_config(layer.get_config())
    y = array(made(x, training=True) if isinstance(layer, BatchNormalization) else made(x))
    assert 0.5 < np.abs(y).max() < largest


def test_zeros_stay_zeros_in_16_bits(backend: Backend) -> None:
    assert not array(UnitNormalization(dtype="float16")(np.zeros((2, 3), "float16"))).any()


def test_root_mean_square_scaling_of_older_files(backend: Backend) -> None:
    with pytest.warns(DeprecationWarning, match="RMSNormalization"):
        layer = LayerNormalization.from_config({"rms_scaling": True, "name": "scaled"})
    np.testing.assert_allclose(array(layer(X)), X / np.sqrt(X.var(-1, keepdims=True) + 1e-3), rtol=1e-4)
    assert [w.path for w in layer.weights] == ["scaled/gamma"]
    assert layer.get_config()["rms_scaling"] is True


def test_spectral_normalization_finds_the_largest_singular_value(backend: Backend) -> None:
    layer = SpectralNormalization(Dense(4), power_iterations=50)
    layer.build((None, 7))
    kernel = layer.layer.kernel.numpy()
    layer(X, training=True)
    np.testing.assert_allclose(layer.layer.kernel.numpy(), kernel / np.linalg.norm(kernel, 2), rtol=1e-3, atol=1e-4)
    before = layer.layer.kernel.numpy().copy()
    layer(X)
    np.testing.assert_array_equal(layer.layer.kernel.numpy(), before)


def test_spectral_normalization_leaves_a_kernel_of_zeros(backend: Backend) -> None:
    layer = SpectralNormalization(Dense(4, kernel_initializer="zeros"))
    layer.build((None, 7))
    u = layer.vector_u.numpy().copy()
    assert not array(layer(X, training=True)).any()
    np.testing.assert_array_equal(layer.vector_u.numpy(), u)
    assert not layer.layer.kernel.numpy().any()


def test_spectral_normalization_of_an_embedding_gives_floats(backend: Backend) -> None:
    layer = SpectralNormalization(Embedding(3, 2))
    y = layer(np.array([[0, 1, 2]]), training=True)
    assert tuple(y.shape) == (1, 3, 2)
    assert array(y).any()
    assert tuple(layer(np.array([[0, 1]])).shape) == (1, 2, 2)
