"""Recurrent layers and layers around layers beyond what one call of a case shows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dl_layers
from dl_layers import (
    GRU,
    LSTM,
    RNN,
    BatchNormalization,
    Bidirectional,
    Dense,
    GRUCell,
    Input,
    Layer,
    LSTMCell,
    SimpleRNN,
    StackedRNNCells,
    TimeDistributed,
)
from dl_ops import ops
from dl_ops.backend import Backend
from dl_ops.symbolic import KerasTensor

LAYERS = ("SimpleRNN", "GRU", "LSTM")


def drawn(*shape: int) -> Any:
    return np.random.default_rng(0).standard_normal(shape, dtype="float32")


def arrays(x: Any) -> Any:
    return ops.convert_to_numpy(x)


def equal(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(arrays(found), arrays(expected), rtol=1e-5, atol=1e-5)


class Mean:
    """A cell that is no layer: the mean of the images seen so far."""

    state_size = ((4, 3), 1)
    output_size = (4, 3)

    def call(self, inputs: Any, states: Any) -> Any:
        total, count = states
        total, count = ops.add(total, inputs), ops.add(count, 1.0)
        return ops.divide(total, ops.expand_dims(count, -1)), (total, count)


@pytest.mark.parametrize("masked", [False, True])
def test_a_cell_of_ones_own_has_states_of_any_shape(masked: bool, backend: Backend) -> None:
    x = drawn(2, 5, 4, 3)
    layer = RNN(Mean(), return_sequences=True, return_state=True)
    mask = np.array([[True, True, True, False, True], [False, True, True, True, True]]) if masked else None
    outputs, total, count = layer(x, mask=mask)
    kept = np.ones((2, 5)) if mask is None else mask.astype(float)
    counts = kept.cumsum(1)
    equal(total, (x * kept[:, :, None, None]).sum(1))
    equal(count, counts[:, -1:])
    expected = (x * kept[:, :, None, None]).cumsum(1) / np.maximum(counts, 1)[:, :, None, None]
    equal(outputs, expected)
    specs = layer(KerasTensor((None, None, 4, 3)))
    assert [spec.shape for spec in specs] == [(None, None, 4, 3), (None, 4, 3), (None, 1)]


@pytest.mark.parametrize("name", LAYERS)
def test_stateful_layers_go_on_where_they_were(name: str, backend: Backend) -> None:
    x = drawn(2, 6, 3)
    whole = getattr(dl_layers, name)(4, return_sequences=True)
    expected = arrays(whole(x))
    parts = getattr(dl_layers, name)(4, return_sequences=True, stateful=True)
    parts.build((2, 3, 3))
    parts.set_weights(whole.get_weights())
    for _ in range(2):
        equal(parts(x[:, :3]), expected[:, :3])
        equal(parts(x[:, 3:]), expected[:, 3:])
        parts.reset_states()
    assert [w.path for w in parts.weights] == [f"{parts.name}/{w.path.partition('/')[2]}" for w in whole.weights]


@pytest.mark.parametrize("options", [{}, {"unroll": True}, {"use_cudnn": False}], ids=str)
@pytest.mark.parametrize("layer", [GRU, LSTM])
def test_however_it_is_run_it_is_the_same(layer: Any, options: dict[str, Any], backend: Backend) -> None:
    x, mask = drawn(2, 4, 3), np.array([[False, True, True, False], [True, False, False, True]])
    one = layer(4, return_sequences=True, return_state=True, go_backwards=True)
    expected = one(x, mask=mask)
    other = layer(4, return_sequences=True, return_state=True, go_backwards=True, **options)
    other.build(x.shape)
    other.set_weights(one.get_weights())
    for found, wanted in zip(other(x, mask=mask), expected, strict=True):
        equal(found, wanted)


def test_masks_go_on_with_sequences_only(backend: Backend) -> None:
    embedding = dl_layers.Embedding(5, 3, mask_zero=True)
    x = embedding(np.array([[1, 2, 0], [3, 0, 0]]))
    sequences, state = GRU(2, return_sequences=True, return_state=True)(x)
    assert dl_layers.layer.masks.get_mask(sequences) is not None
    assert dl_layers.layer.masks.get_mask(state) is None
    assert dl_layers.layer.masks.get_mask(GRU(2)(x)) is None
    assert dl_layers.layer.masks.get_mask(TimeDistributed(Dense(2))(sequences)) is not None
    assert dl_layers.layer.masks.get_mask(Bidirectional(GRU(2, return_sequences=True))(sequences)) is not None


def test_symbolic_states_begin_a_sequence(backend: Backend) -> None:
    sequences, hidden, memory = Input((None, 3)), Input((4,)), Input((4,))
    output = LSTM(4)(sequences, initial_state=[hidden, memory])
    assert output.shape == (None, 4)


def test_cells_one_above_the_other_are_layers_one_after_the_other(backend: Backend) -> None:
    x = drawn(2, 5, 3)
    stack = RNN(StackedRNNCells([GRUCell(4), LSTMCell(2)]), return_sequences=True)
    y = stack(x)
    first, second = GRU(4, return_sequences=True), LSTM(2, return_sequences=True)
    second(first(x))
    weights = stack.get_weights()
    first.set_weights(weights[:3])
    second.set_weights(weights[3:])
    equal(y, second(first(x)))


def test_both_directions_can_begin_with_weights(backend: Backend) -> None:
    x = drawn(2, 4, 3)
    one = Bidirectional(SimpleRNN(2))
    expected = one(x)
    other = Bidirectional(SimpleRNN(2), weights=one.get_weights())
    equal(other(x), expected)


class Centred(Layer):
    """Takes the mean of the batch away, so that samples are not treated alone."""

    def call(self, inputs: Any) -> Any:
        return ops.subtract(inputs, ops.mean(inputs, axis=0, keepdims=True))


def test_steps_are_separate_for_layers_that_look_at_the_batch(backend: Backend) -> None:
    x = drawn(3, 4, 2)
    equal(TimeDistributed(Centred())(x), x - x.mean(0, keepdims=True))


def test_statistics_are_updated_at_every_step(backend: Backend) -> None:
    x = drawn(3, 4, 2)
    layer = TimeDistributed(BatchNormalization(momentum=0.5))
    layer(x, training=True)
    mean = np.zeros(2)
    for t in range(4):
        mean = 0.5 * mean + 0.5 * x[:, t].mean(0)
    equal(layer.layer.moving_mean.value, mean)


def test_dropout_is_the_same_at_every_step(backend: Backend) -> None:
    if not backend.trainable:
        return
    layer = SimpleRNN(8, activation="linear", dropout=0.5, recurrent_initializer="zeros", return_sequences=True, seed=3)
    fused = SimpleRNN(8, dropout=0.5, recurrent_initializer="zeros", return_sequences=True, seed=3)
    x = np.ones((2, 4, 16), "float32")
    for one in (layer, fused):
        y = arrays(one(x, training=True))
        np.testing.assert_allclose(y, np.repeat(y[:, :1], 4, axis=1), rtol=1e-6)
        assert not np.allclose(y, arrays(one(x, training=False)))


def test_a_mask_of_dropout_is_the_same_until_it_is_reset(backend: Backend) -> None:
    cell: Any = dl_layers.LSTMCell(8, dropout=0.5, recurrent_dropout=0.5, seed=1)
    x = np.ones((2, 64), "float32")
    first = ops.convert_to_numpy(cell.get_dropout_mask(x))
    assert set(np.unique(first)) == {0.0, 2.0}
    np.testing.assert_array_equal(ops.convert_to_numpy(cell.get_dropout_mask(x)), first)
    cell.reset_dropout_mask()
    assert (ops.convert_to_numpy(cell.get_dropout_mask(x)) != first).any()
    assert dl_layers.GRUCell(8).get_recurrent_dropout_mask(x) is None


def test_a_layer_can_run_its_cell_otherwise(backend: Backend) -> None:
    class Doubled(dl_layers.SimpleRNN):
        def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: bool | None = False) -> Any:
            last, outputs, states = super().inner_loop(sequences, initial_state, mask, training)
            return 2 * last, 2 * outputs, states

    x = np.ones((2, 3, 4), "float32")
    for return_sequences in (False, True):
        layer = Doubled(5, return_sequences=return_sequences)
        doubled = layer(x)
        plain = dl_layers.SimpleRNN(5, return_sequences=return_sequences)
        plain.build(x.shape)
        plain.set_weights(layer.get_weights())
        np.testing.assert_allclose(ops.convert_to_numpy(doubled), 2 * ops.convert_to_numpy(plain(x)), rtol=1e-6)
