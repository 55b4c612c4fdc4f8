"""Masks travel with tensors, eager and symbolic, from the layer that makes them to the one that uses them."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

import dl_layers
from dl_layers import LSTM, Activation, Add, Concatenate, Dense, Embedding, Flatten, Input, Layer, MultiHeadAttention
from dl_layers.layer import masks
from dl_layers.testing import Recipe
from dl_ops import ops
from dl_ops.backend import Backend

TOKENS = np.array([[1, 2, 0, 0], [3, 0, 4, 0]])
MASK = TOKENS != 0


def embedded(**options: Any) -> Any:
    return Embedding(5, 3, mask_zero=True, **options)(TOKENS)


def mask_of(x: Any) -> Any:
    mask = masks.get_mask(x)
    return None if mask is None else ops.convert_to_numpy(mask)


def test_an_embedding_masks_zeros(backend: Backend) -> None:
    assert (mask_of(embedded()) == MASK).all()
    assert mask_of(Embedding(5, 3)(TOKENS)) is None


KEEPS: list[Recipe] = [
    Recipe("Dense", units=2),
    Recipe("Activation", activation="relu"),
    Recipe("ReLU"),
    Recipe("Softmax"),
    Recipe("Dropout", rate=0.5),
    Recipe("BatchNormalization"),
    Recipe("LayerNormalization"),
    Recipe("LSTM", units=2, return_sequences=True),
]


@pytest.mark.parametrize("recipe", KEEPS, ids=lambda recipe: recipe.name)
def test_layers_that_keep_the_mask(recipe: Recipe, backend: Backend) -> None:
    y = recipe.make(dl_layers)(embedded())
    assert (mask_of(y) == MASK).all()
    symbolic = recipe.make(dl_layers)(Embedding(5, 3, mask_zero=True)(Input((4,), dtype="int32")))
    assert symbolic._keras_mask.shape == (None, 4)


def test_layers_that_end_the_mask(backend: Backend) -> None:
    assert mask_of(LSTM(2)(embedded())) is None
    y, *states = LSTM(2, return_sequences=True, return_state=True)(embedded())
    assert (mask_of(y) == MASK).all()
    assert [mask_of(x) for x in states] == [None, None]


def test_a_layer_that_does_not_support_masks_warns_once(backend: Backend) -> None:
    layer = Flatten(name="flat")
    with pytest.warns(UserWarning, match=r"layer 'flat' \(Flatten\) got an input with a mask"):
        assert mask_of(layer(embedded())) is None
    layer(embedded())  # a second warning would be an error


def test_masks_of_several_inputs_are_combined(backend: Backend) -> None:
    other = np.array([[1, 0, 0, 0], [1, 1, 1, 1]])
    x, y = embedded(), Embedding(5, 3, mask_zero=True)(other)
    assert (mask_of(Add()([x, y])) == (MASK | (other != 0))).all()
    assert (mask_of(Concatenate(axis=1)([x, y])) == np.concatenate([MASK, other != 0], 1)).all()
    assert (mask_of(Concatenate()([x, y])) == (MASK & (other != 0))).all()
    plain = np.zeros((2, 4, 3), "float32")
    assert mask_of(Add()([x, plain])) is None
    assert (mask_of(Concatenate()([x, plain])) == MASK).all()


def test_a_mask_given_beats_the_one_that_travels(backend: Backend) -> None:
    layer = LSTM(2, return_sequences=True)
    x = embedded()
    every = np.ones((2, 4), bool)
    kept = ops.convert_to_numpy(layer(x))
    given = ops.convert_to_numpy(layer(x, mask=every))
    bare = ops.convert_to_numpy(layer(np.array(ops.convert_to_numpy(x))))
    np.testing.assert_allclose(given, bare, atol=1e-6)
    assert np.abs(kept - bare).max() > 1e-3


def test_masked_steps_do_not_count(backend: Backend) -> None:
    table = Embedding(5, 3, mask_zero=True)
    layer = LSTM(2)
    padded = ops.convert_to_numpy(layer(table(np.array([[1, 2, 0, 0]]))))
    short = ops.convert_to_numpy(layer(table(np.array([[1, 2]]))))
    np.testing.assert_allclose(padded, short, atol=1e-6)


def test_attention_does_not_look_at_masked_values(backend: Backend) -> None:
    layer = MultiHeadAttention(2, 3)
    table = Embedding(5, 3, mask_zero=True)
    query = np.ones((1, 2, 3), "float32")
    padded = layer(query, table(np.array([[1, 2, 0, 0]])))
    short = layer(query, table(np.array([[1, 2]])))
    np.testing.assert_allclose(ops.convert_to_numpy(padded), ops.convert_to_numpy(short), atol=1e-6)


def test_compute_mask_of_a_subclass_is_asked(backend: Backend) -> None:
    class EveryOther(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.supports_masking = True

        def call(self, x: Any) -> Any:
            return x[:, ::2]

        def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
            return None if previous_mask is None else previous_mask[:, ::2]

    y = Activation("linear")(EveryOther()(embedded()))
    assert (mask_of(y) == MASK[:, ::2]).all()


def test_masks_go_when_their_tensors_go(backend: Backend) -> None:
    gc.collect()
    before = len(masks._masks)  # of tensors that a compiled program of another test may keep
    x = Dense(2)(embedded())
    assert len(masks._masks) > before
    del x
    gc.collect()
    assert len(masks._masks) <= before
