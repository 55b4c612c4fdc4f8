"""What layers do while training alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_layers import LSTM, BatchNormalization, Dropout, MultiHeadAttention
from dl_ops import ops
from dl_ops.backend import Backend, backend_scope
from dl_ops.random import set_random_seed


def array(x: Any) -> Any:
    return np.array(ops.convert_to_numpy(x))


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_drops_its_rate_and_keeps_the_mean(rate: float, backend: Backend) -> None:
    y = array(Dropout(rate, seed=1)(np.ones((100, 200), "float32"), training=True))
    kept = y != 0
    assert abs(kept.mean() - (1 - rate)) < 5 * np.sqrt(rate * (1 - rate) / y.size)
    np.testing.assert_allclose(y[kept], 1 / (1 - rate), rtol=1e-5)


def test_dropout_draws_anew_and_is_repeated_by_its_seed(backend: Backend) -> None:
    x = np.ones((4, 50), "float32")
    first, second = Dropout(0.5, seed=1), Dropout(0.5, seed=1)
    a, b = array(first(x, training=True)), array(first(x, training=True))
    assert (a != b).any()
    assert (array(second(x, training=True)) == a).all()
    assert (array(second(x, training=True)) == b).all()
    assert (array(Dropout(0.5, seed=2)(x, training=True)) != a).any()


def test_unseeded_dropout_follows_the_global_seed(backend: Backend) -> None:
    x = np.ones((4, 50), "float32")

    def draw() -> Any:
        set_random_seed(3)
        return array(Dropout(0.5)(x, training=True))

    assert (draw() == draw()).all()


def test_dropout_of_everything_is_zero(backend: Backend) -> None:
    assert not array(Dropout(1.0, seed=1)(np.ones(20, "float32"), training=True)).any()


def test_noise_shape_shares_draws(backend: Backend) -> None:
    y = array(Dropout(0.5, noise_shape=(None, 1, None), seed=1)(np.ones((8, 5, 10), "float32"), training=True))
    assert (y == y[:, :1]).all()
    assert len({row.tobytes() for row in y[:, 0]}) > 1


def test_batch_normalization_normalizes_and_remembers(backend: Backend) -> None:
    random = np.random.default_rng(0)
    layer = BatchNormalization(momentum=0.7)
    mean, variance = np.zeros(3), np.ones(3)
    for _ in range(3):
        x = random.normal(2.0, 3.0, (50, 4, 3)).astype("float32")
        y = array(layer(x, training=True))
        np.testing.assert_allclose(y.mean((0, 1)), 0, atol=1e-5)
        np.testing.assert_allclose(y.var((0, 1)), 1, atol=1e-3)
        mean = 0.7 * mean + 0.3 * x.mean((0, 1))
        variance = 0.7 * variance + 0.3 * x.var((0, 1))
    np.testing.assert_allclose(layer.moving_mean.numpy(), mean, rtol=1e-4)
    np.testing.assert_allclose(layer.moving_variance.numpy(), variance, rtol=1e-4)
    expected = (x - mean) / np.sqrt(variance + 1e-3)
    np.testing.assert_allclose(array(layer(x)), expected, rtol=1e-3, atol=1e-4)


@settings(max_examples=25, deadline=None)
@given(offset=st.floats(-1e3, 1e3), scale=st.floats(0.1, 1e3), data=st.integers(0, 1000))
def test_batch_normalization_undoes_shift_and_scale(offset: float, scale: float, data: int) -> None:
    x = np.random.default_rng(data).normal(size=(40, 2)).astype("float32")
    with backend_scope("numpy"):
        plain = array(BatchNormalization(epsilon=0.0)(x, training=True))
        moved = array(BatchNormalization(epsilon=0.0)((x * scale + offset).astype("float32"), training=True))
    # float32 keeps 7 digits of the sum
    np.testing.assert_allclose(moved, plain, atol=1e-5 * (1 + abs(offset) / scale) + 1e-4)


def test_masked_positions_do_not_count_in_statistics(backend: Backend) -> None:
    x = np.arange(12, dtype="float32").reshape(2, 3, 2)
    mask = np.array([[True, True, False], [True, False, False]])
    layer = BatchNormalization(momentum=0.0)
    layer(x, mask=mask, training=True)
    np.testing.assert_allclose(layer.moving_mean.numpy(), x[mask].mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.numpy(), x[mask].var(0), rtol=1e-4)


def test_recurrent_dropout_is_the_same_at_every_step(backend: Backend) -> None:
    # with an identity-like cell the inputs dropped show in the kernel's gradient: the same features at all steps
    layer = LSTM(2, dropout=0.5, seed=3, return_sequences=True)
    x = np.ones((1, 6, 4), "float32")
    layer.build(x.shape)
    layer.cell.recurrent_kernel.assign(np.zeros((2, 8), "float32"))
    layer.cell.bias.assign(np.array([0, 0, -50, -50, 0, 0, 0, 0], "float32"))  # forget everything
    y = array(layer(x, training=True))
    np.testing.assert_allclose(y, np.broadcast_to(y[:, :1], y.shape), atol=1e-6)
    assert (array(layer(x)) == array(layer(x))).all()


def test_attention_drops_while_training_alone(backend: Backend) -> None:
    x = np.random.default_rng(0).normal(size=(1, 4, 3)).astype("float32")
    layer = MultiHeadAttention(2, 3, dropout=0.5, seed=1)
    assert (array(layer(x, x)) == array(layer(x, x))).all()
    assert (array(layer(x, x, training=True)) != array(layer(x, x, training=True))).any()
