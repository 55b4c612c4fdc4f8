"""Kernels whose gradients are computed together: they give what differentiating the op's default does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from dl_backend_numpy.default import default
from dl_ops import backend_scope, ops
from dl_ops.dtypes import numpy_dtype
from dl_ops.nn.recurrence import lstm
from dl_ops.ops import value_and_grad
from dl_ops.typing import Array

_TOLERANCES = {"float64": 1e-12, "float32": 2e-6, "float16": 3e-3, "bfloat16": 3e-2}


@pytest.fixture(autouse=True)
def numpy() -> Iterator[Any]:
    with backend_scope("numpy") as backend:
        yield backend


def _draw(*shape: int) -> Array:
    return np.random.default_rng(len(shape) + sum(shape)).standard_normal(shape)


def _agree(name: str, arrays: list[Array], dtype: str, *options: Any, arguments: int) -> None:
    """Check value and gradients of the op against its default in float64."""

    def outcome(f: Callable[..., Any], dtype: str) -> list[Array]:
        xs = [x.astype(numpy_dtype(dtype)) for x in arrays]
        nothing = (None,) * (arguments - len(xs))

        def loss(*xs: Any) -> Any:
            y: Any = ops.cast(f(*xs, *nothing, *options), "float64")
            return ops.sum(y * np.cos(np.arange(y.size)).reshape(y.shape)), y

        (_, y), gradients = value_and_grad(loss, argnums=range(len(xs)), has_aux=True)(*xs)
        assert [g.dtype for g in gradients] == [x.dtype for x in xs]
        return [np.asarray(z, "float64") for z in (y, *gradients)]

    found = outcome(getattr(ops, name), dtype)
    expected = outcome(lambda *args: default(name, *args), "float64")
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, atol=_TOLERANCES[dtype] * max(1.0, np.abs(b).max()))


@pytest.mark.parametrize("dtype", _TOLERANCES)
@pytest.mark.parametrize("count", [1, 2, 3], ids=["plain", "factors", "all"])
def test_layer_normalization(dtype: str, count: int) -> None:
    arrays = [_draw(3, 4, 5), _draw(4, 5), _draw(4, 5) + 1]
    _agree("layer_normalization", arrays[:count], dtype, (1, 2), 1e-3, arguments=3)


def test_layer_normalization_of_long_rows_far_from_zero() -> None:
    x = _draw(2, 9000).astype("float32") + np.float32(100)
    y: Any = ops.layer_normalization(x)
    wide = x.astype("float64")
    expected = (wide - wide.mean(-1, keepdims=True)) / wide.std(-1, keepdims=True)
    np.testing.assert_allclose(y, expected, atol=2e-5)


@pytest.mark.parametrize("axis", [0, (0, 2), (2, 1)], ids=str)
def test_layer_normalization_over_other_axes_is_the_default(axis: Any) -> None:
    _agree("layer_normalization", [_draw(3, 4, 5)], "float32", axis, arguments=3)


@pytest.mark.parametrize("shape", [(0, 4), (3, 0)], ids=str)
def test_layer_normalization_of_nothing(shape: tuple[int, int]) -> None:
    with np.errstate(all="ignore"):
        assert ops.layer_normalization(np.zeros(shape, "float32")).shape == shape


_SIDES = [_draw(2, 3, 4, 5), _draw(2, 6, 4, 5), _draw(2, 6, 4, 7)]
_MASK = np.arange(2 * 3 * 6).reshape(2, 1, 3, 6) % 5 != 0


@pytest.mark.parametrize("dtype", _TOLERANCES)
def test_attention(dtype: str) -> None:
    _agree("dot_product_attention", [*_SIDES, _draw(4, 1, 6)], dtype, _MASK, 0.7, True, arguments=4)


def test_a_target_that_sees_nothing_gets_the_mean_and_passes_no_gradient_to_keys() -> None:
    mask = np.zeros((3, 6), bool)
    mask[1] = True
    _agree("dot_product_attention", _SIDES, "float64", mask, arguments=4)

    def first(key: Any) -> Any:
        return ops.sum(ops.dot_product_attention(_SIDES[0], key, _SIDES[2], mask=mask)[:, 0])

    assert np.abs(value_and_grad(first)(_SIDES[1])[1]).max() == 0


@pytest.mark.parametrize("options", [(None, None, False, None, 2.0), (None, None, True, False)], ids=["cap", "causal"])
def test_attention_with_other_options(options: tuple[Any, ...]) -> None:
    _agree("dot_product_attention", _SIDES, "float64", *options, arguments=4)


def test_attention_with_shared_keys_and_batches_that_broadcast() -> None:
    _agree("dot_product_attention", [_SIDES[0], *(x[:, :, :2] for x in _SIDES[1:])], "float64", arguments=4)
    _agree("dot_product_attention", [_SIDES[0][:1], *_SIDES[1:]], "float64", arguments=4)


def test_gradients_of_gradients_differentiate_the_default() -> None:
    x, g = _draw(3, 5), _draw(5)

    def slope(f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda g: ops.sum(value_and_grad(lambda x: ops.sum(f(x, g) ** 3))(x)[1] ** 2)

    found = value_and_grad(slope(ops.layer_normalization))(g)
    expected = value_and_grad(slope(lambda *args: default("layer_normalization", *args)))(g)
    np.testing.assert_allclose(found[0], expected[0])
    np.testing.assert_allclose(found[1], expected[1])


_STATE, _WEIGHTS = _draw(3, 4), [_draw(5, 16), _draw(4, 16), _draw(16)]
_SEEN = np.arange(3 * 6).reshape(3, 6) % 4 != 0
_lstm: Callable[..., Any] = lstm
_CALLS: dict[str, Callable[..., Any]] = {
    "layer_normalization": lambda x: ops.layer_normalization(x, _draw(5)),
    "dot_product_attention": lambda x: ops.dot_product_attention(x[:, :, None], x[:, :, None], x[:, :, None]),
    "lstm": lambda x: _lstm(x, _STATE, _STATE, *_WEIGHTS, _SEEN)[0],
}


@pytest.mark.parametrize("f", _CALLS.values(), ids=_CALLS)
def test_a_pullback_can_be_used_again(f: Callable[..., Any]) -> None:
    x = _draw(3, 6, 5)
    y, pullback = ops.vjp(f, x)
    first, other = np.sin(y), np.cos(y)
    expected = pullback(first)
    np.testing.assert_allclose(pullback(other), ops.vjp(f, x)[1](other), rtol=1e-12)
    np.testing.assert_allclose(pullback(first), expected, rtol=1e-12)


@pytest.mark.parametrize("mask", [None, _SEEN], ids=["all", "masked"])
@pytest.mark.parametrize("which", [0, 1, 2], ids=["outputs", "hidden", "memory"])
def test_lstm_with_gradients_of_one_result_alone(which: int, mask: Any) -> None:
    arrays = [_draw(3, 6, 5), _STATE, _STATE + 1, *_WEIGHTS]

    def slopes(f: Callable[..., Any]) -> Any:
        def loss(*xs: Any) -> Any:
            return ops.sum(ops.sin(f(*xs, mask)[which]))

        return value_and_grad(loss, argnums=range(6))(*arrays)[1]

    for a, b in zip(slopes(lstm), slopes(lambda *args: default("lstm", *args)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_recurrent_networks_in_16_bits_are_differentiated_step_by_step() -> None:
    arrays = [x.astype("float16") for x in (_draw(3, 6, 5), _STATE, _STATE, *_WEIGHTS)]
    found = value_and_grad(lambda *xs: ops.sum(_lstm(*xs)[1]), argnums=range(6))(*arrays)[1]
    wide = value_and_grad(lambda *xs: ops.sum(_lstm(*xs)[1]), argnums=range(6))(*(x.astype("f8") for x in arrays))[1]
    for a, b in zip(found, wide, strict=True):
        assert a.dtype == np.float16
        np.testing.assert_allclose(a.astype("f8"), b, atol=0.02 * max(1, np.abs(b).max()))


def test_an_empty_batch_stays_empty() -> None:
    x, state = np.zeros((0, 6, 5)), np.zeros((0, 4))
    loss, gradients = value_and_grad(lambda *xs: ops.sum(_lstm(*xs)[0]), argnums=range(6))(x, state, state, *_WEIGHTS)
    assert float(loss) == 0
    assert [g.shape for g in gradients] == [x.shape, (0, 4), (0, 4), *(w.shape for w in _WEIGHTS)]
    empty = np.zeros((0, 3, 2, 5))
    assert ops.dot_product_attention(empty, empty, empty).shape == empty.shape
