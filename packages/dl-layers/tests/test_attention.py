"""What attention does beyond single calls: fused kernels, masks that travel with tensors, penalties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dl_layers import (
    AdditiveAttention,
    Attention,
    Embedding,
    GroupQueryAttention,
    Input,
    Layer,
    MultiHeadAttention,
)
from dl_layers.layer.masks import get_mask
from dl_ops import config, ops
from dl_ops.backend import Backend

X = np.random.default_rng(3).normal(size=(2, 4, 6)).astype("float32")
TOKENS = np.array([[1, 2, 0], [3, 0, 0]])


@pytest.fixture(autouse=True)
def _configuration() -> Iterator[None]:
    before = config._flash_attention
    yield
    config._flash_attention = before


def array(x: Any) -> Any:
    return np.asarray(ops.convert_to_numpy(x))


def projected(kind: str, **options: Any) -> Layer:
    if kind == "grouped":
        return GroupQueryAttention(head_dim=3, num_query_heads=2, num_key_value_heads=1, **options)
    return MultiHeadAttention(num_heads=2, key_dim=3, **options)


@pytest.mark.parametrize("kind", ["several", "grouped"])
@pytest.mark.parametrize("call", [{}, {"use_causal_mask": True}], ids=str)
def test_fused_attention_is_the_same_or_refused(kind: str, call: dict[str, Any], backend: Backend) -> None:
    plain, fused = projected(kind, flash_attention=False), projected(kind, flash_attention=True)
    expected = array(plain(X, X, **call))
    fused.build(X.shape, X.shape)
    fused.set_weights(plain.get_weights())
    if backend.name == "torch":  # which has fused kernels for processors, too
        np.testing.assert_allclose(array(fused(X, X, **call)), expected, rtol=1e-5, atol=1e-5)
    else:
        with pytest.raises(ValueError, match=r"flash_attention=True: .*") as caught:
            fused(X, X, **call)
        assert fused.name in str(caught.value)


def test_fused_attention_says_why_it_is_impossible(backend: Backend) -> None:
    if backend.name != "torch":
        pytest.skip("no fused attention at all")
    with pytest.raises(ValueError, match=r"flash_attention=True.*same last dimension"):
        MultiHeadAttention(2, 3, value_dim=5, flash_attention=True)(X, X)


@pytest.mark.parametrize("switch", [config.enable_flash_attention, config.disable_flash_attention])
def test_configuration_asks_for_fused_attention_without_demanding_it(switch: Any, backend: Backend) -> None:
    layer = projected("several", dropout=0.5)
    expected = array(layer(X, X))
    switch()
    np.testing.assert_allclose(array(layer(X, X)), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["several", "grouped"])
def test_masks_that_tensors_carry_are_those_given(kind: str, backend: Backend) -> None:
    embedded = Embedding(4, 6, mask_zero=True)(TOKENS)
    layer = projected(kind)
    output = layer(embedded, embedded)
    np.testing.assert_array_equal(array(get_mask(output)), TOKENS != 0)
    bare = array(embedded)
    mask = TOKENS != 0
    given = layer(bare, bare, query_mask=mask, value_mask=mask)
    np.testing.assert_allclose(array(output), array(given), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", [Attention, AdditiveAttention])
def test_masks_that_a_list_of_tensors_carries_are_those_given(kind: Any, backend: Backend) -> None:
    embedded = Embedding(4, 6, mask_zero=True)(TOKENS)
    layer = kind()
    output = layer([embedded, embedded])
    np.testing.assert_array_equal(array(get_mask(output)), TOKENS != 0)
    assert not array(output)[0, 2].any()
    bare = array(embedded)
    np.testing.assert_allclose(array(output), array(layer([bare, bare], mask=[TOKENS != 0] * 2)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "mask", [np.tri(4, dtype=bool), np.tri(4, dtype=bool)[None], np.tri(4, dtype=bool)[None, None]], ids=np.shape
)
@pytest.mark.parametrize("with_scores", [False, True])
def test_masks_with_fewer_or_all_axes(mask: Any, with_scores: bool, backend: Backend) -> None:
    layer = projected("several")
    expected = array(layer(X, X, use_causal_mask=True))
    result = layer(X, X, attention_mask=mask, return_attention_scores=with_scores)
    np.testing.assert_allclose(array(result[0] if with_scores else result), expected, rtol=1e-5, atol=1e-5)


def test_scores_of_symbolic_inputs_have_their_shape() -> None:
    query, value = Input((None, 6)), Input((5, 6))
    output, scores = projected("grouped")(query, value, return_attention_scores=True)
    assert (output.shape, scores.shape) == ((None, None, 6), (None, 2, None, 5))
    output, scores = Attention()([query, value], return_attention_scores=True)
    assert (output.shape, scores.shape) == ((None, None, 6), (None, None, 5))


@pytest.mark.parametrize("kind", ["several", "grouped"])
def test_each_map_is_penalized_once(kind: str, backend: Backend) -> None:
    layer = projected(kind, activity_regularizer="l2")
    output = layer(X, X)
    assert len(layer.losses) == 4
    penalty = 0.01 * np.sum(array(output) ** 2) / len(X)
    assert any(np.isclose(array(loss), penalty, rtol=1e-4) for loss in layer.losses)
