"""Masks travel with tensors, eager and symbolic, from the layer that makes them to the one that uses them."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

import dl_layers
from dl_layers import (
    LSTM,
    Activation,
    Concatenate,
    Dense,
    Dot,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    Input,
    Layer,
    Masking,
    MultiHeadAttention,
)
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
    Recipe("LeakyReLU"),
    Recipe("PReLU"),
    Recipe("ELU"),
    Recipe("Identity"),
    Recipe("Dropout", rate=0.5),
    Recipe("AlphaDropout", rate=0.5),
    Recipe("GaussianDropout", rate=0.5),
    Recipe("GaussianNoise", stddev=0.5),
    Recipe("SpatialDropout1D", rate=0.5),
    Recipe("ActivityRegularization", l1=0.1),
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


ENDS: list[Recipe] = [
    Recipe("Flatten"),
    Recipe("Reshape", target_shape=(3, 4)),
    Recipe("Permute", dims=(2, 1)),
    Recipe("ZeroPadding1D"),
    Recipe("Cropping1D"),
    Recipe("UpSampling1D"),
    Recipe("MaxPooling1D"),
    Recipe("AveragePooling1D", pool_size=2),
    Recipe("AdaptiveMaxPooling1D", output_size=2),
    Recipe("GlobalMaxPooling1D"),
]


@pytest.mark.parametrize("recipe", ENDS, ids=lambda recipe: recipe.name)
def test_layers_of_which_the_mask_would_be_wrong_end_it_with_a_warning(recipe: Recipe, backend: Backend) -> None:
    with pytest.warns(UserWarning, match="does not support masking"):
        assert mask_of(recipe.make(dl_layers)(embedded())) is None


OTHER_TOKENS = np.array([[1, 0, 0, 0], [1, 1, 1, 1]])
OTHER_MASK = OTHER_TOKENS != 0


def pair() -> tuple[Any, Any]:
    return embedded(), Embedding(5, 3, mask_zero=True)(OTHER_TOKENS)


@pytest.mark.parametrize("name", ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"])
def test_masks_of_several_inputs_are_combined(name: str, backend: Backend) -> None:
    x, y = pair()
    assert (mask_of(Recipe(name).make(dl_layers)([x, y])) == (MASK | OTHER_MASK)).all()
    plain = np.zeros((2, 4, 3), "float32")
    assert mask_of(Recipe(name).make(dl_layers)([x, plain])) is None
    tokens = Input((4,), dtype="int32"), Input((4,), dtype="int32")
    symbolic = Recipe(name).make(dl_layers)([Embedding(5, 3, mask_zero=True)(i) for i in tokens])
    assert symbolic.shape == (None, 4, 3)
    assert symbolic._keras_mask.shape == (None, 4)


def test_masks_are_concatenated(backend: Backend) -> None:
    x, y = pair()
    assert (mask_of(Concatenate(axis=1)([x, y])) == np.concatenate([MASK, OTHER_MASK], 1)).all()
    # a step counts where any of its features does
    assert (mask_of(Concatenate()([x, y])) == (MASK | OTHER_MASK)).all()
    plain = np.zeros((2, 4, 3), "float32")
    assert mask_of(Concatenate()([x, plain])).all()
    assert (mask_of(Concatenate(axis=1)([plain, x])) == np.concatenate([np.ones((2, 4), bool), MASK], 1)).all()
    assert mask_of(Concatenate()([plain, plain])) is None


def test_dot_ends_the_masks(backend: Backend) -> None:
    assert mask_of(Dot((2, 2))(list(pair()))) is None


FOLDS: dict[str, Any] = {"Multiply": np.multiply, "Maximum": np.maximum, "Minimum": np.minimum}


@pytest.mark.parametrize("name", FOLDS)
def test_masked_inputs_are_left_out_of(name: str, backend: Backend) -> None:
    tensors = pair()
    x, y = map(ops.convert_to_numpy, tensors)
    found = ops.convert_to_numpy(Recipe(name).make(dl_layers)(list(tensors)))
    expected = np.where(MASK[..., None], np.where(OTHER_MASK[..., None], FOLDS[name](x, y), x), y)
    counts = MASK | OTHER_MASK
    np.testing.assert_allclose(found[counts], expected[counts], rtol=1e-6)
    # one without a mask counts everywhere
    y = np.full((2, 4, 3), 0.5, "float32")
    found = ops.convert_to_numpy(Recipe(name).make(dl_layers)([tensors[0], y]))
    np.testing.assert_allclose(found, np.where(MASK[..., None], FOLDS[name](x, y), y), rtol=1e-6)


def test_masks_of_inputs_of_other_ranks(backend: Backend) -> None:
    x = embedded()
    kept = np.array([[True, False], [True, True]])
    y = np.full((2, 2, 4, 3), 0.5, "float32")
    found = ops.convert_to_numpy(dl_layers.Maximum()([x, y], mask=[MASK, kept]))
    values = ops.convert_to_numpy(x)[:, None]
    both = np.where(MASK[:, None, :, None], np.maximum(values, y), y)
    expected = np.where(kept[..., None, None], both, np.broadcast_to(values, y.shape))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("name", FOLDS)
def test_masked_inputs_are_left_out_of_a_compiled_step(name: str, backend: Backend) -> None:
    tables = [Embedding(5, 3, mask_zero=True) for _ in range(2)]
    layer = Recipe(name).make(dl_layers)

    def step(x: Any, y: Any) -> Any:
        return layer([tables[0](x), tables[1](y)])

    expected = ops.convert_to_numpy(step(TOKENS, OTHER_TOKENS))
    variables = [v for table in tables for v in table.variables]
    found = backend.compile_step(step, variables, jit=backend.name != "torch")(TOKENS, OTHER_TOKENS)
    np.testing.assert_allclose(ops.convert_to_numpy(found), expected, rtol=1e-6)


def test_masked_steps_do_not_count_in_a_mean(backend: Backend) -> None:
    x = embedded()
    values = ops.convert_to_numpy(x)
    y = GlobalAveragePooling1D()(x)
    expected = [row[kept].mean(0) for row, kept in zip(values, MASK, strict=True)]
    np.testing.assert_allclose(ops.convert_to_numpy(y), expected, rtol=1e-5)
    assert mask_of(y) is None
    # what stands at masked steps does not matter, be it no number; and a mean of nothing is zero
    broken = np.where(MASK[..., None], values, np.nan)
    np.testing.assert_allclose(ops.convert_to_numpy(GlobalAveragePooling1D()(broken, mask=MASK)), expected, rtol=1e-5)
    nothing = GlobalAveragePooling1D()(values, mask=np.zeros((2, 4), bool))
    assert (ops.convert_to_numpy(nothing) == 0).all()


def test_masking_masks_steps_of_one_value(backend: Backend) -> None:
    x = np.array([[[5, 5], [5, 1], [2, 3]], [[5, 2], [5, 5], [5, 5]]], "float32")
    expected = np.array([[False, True, True], [True, False, False]])
    y = Masking(5.0)(x)
    assert (mask_of(y) == expected).all()
    assert (ops.convert_to_numpy(y) == np.where(expected[..., None], x, 0)).all()
    symbolic = Masking(5.0)(Input((None, 2)))
    assert symbolic.shape == (None, None, 2)
    assert symbolic._keras_mask.shape == (None, None)
    # the new mask takes the place of an earlier one
    assert (mask_of(Masking(5.0)(Masking(2.0)(x))) == expected).all()


def test_a_mask_survives_the_cast_to_another_dtype(backend: Backend) -> None:
    y = Activation("linear", dtype="float16")(embedded())
    assert backend.dtype_name(y.dtype) == "float16"
    assert (mask_of(y) == MASK).all()


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
