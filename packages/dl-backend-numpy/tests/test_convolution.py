"""Convolutions and poolings against loops, and their gradients as adjoints."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_backend_numpy.nn import conv as convolution
from dl_backend_numpy.nn.conv import conv, conv_input_gradient, conv_kernel_gradient
from dl_backend_numpy.nn.pooling import (
    average_pool,
    average_pool_gradient,
    max_pool,
    max_pool_gradient,
    max_pool_take,
)


@st.composite
def problems(draw: Any) -> tuple[Any, ...]:
    """Image, kernel and options of a convolution in one to three dimensions."""
    rank = draw(st.integers(1, 3))
    several = st.tuples(*[st.integers(1, 3)] * rank)
    window, strides, dilation = draw(several), draw(several), draw(several)
    spatial = tuple((n - 1) * d + draw(st.integers(1, 3)) for n, d in zip(window, dilation, strict=True))
    groups, per_group, filters = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    x = rng.normal(size=(2, *spatial, groups * per_group))
    k = rng.normal(size=(*window, per_group, groups * filters))
    data_format = draw(st.sampled_from(["channels_last", "channels_first"]))
    if data_format == "channels_first":
        x = np.moveaxis(x, -1, 1)
    return x, k, strides, draw(st.sampled_from(["valid", "same"])), data_format, dilation


def _by_loops(x: Any, k: Any, strides: Any, padding: str, data_format: str, dilation: Any) -> Any:
    if data_format == "channels_first":
        return np.moveaxis(_by_loops(np.moveaxis(x, 1, -1), k, strides, padding, "channels_last", dilation), -1, 1)
    window, per_group = k.shape[:-2], k.shape[-2]
    reach = [(n - 1) * d + 1 for n, d in zip(window, dilation, strict=True)]
    if padding == "same":
        totals = [max((-(-n // s) - 1) * s + r - n, 0) for n, s, r in zip(x.shape[1:-1], strides, reach, strict=True)]
        x = np.pad(x, [(0, 0), *((t // 2, t - t // 2) for t in totals), (0, 0)])
    sizes = [(n - r) // s + 1 for n, r, s in zip(x.shape[1:-1], reach, strides, strict=True)]
    filters = k.shape[-1] // (x.shape[-1] // per_group)
    y = np.zeros((len(x), *sizes, k.shape[-1]))
    for place in itertools.product(*map(range, sizes)):
        for offset in itertools.product(*map(range, window)):
            pixel = tuple(p * s + o * d for p, s, o, d in zip(place, strides, offset, dilation, strict=True))
            for f in range(k.shape[-1]):
                group = f // filters
                channels = x[(slice(None), *pixel, slice(group * per_group, (group + 1) * per_group))]
                y[(slice(None), *place, f)] += channels @ k[(*offset, slice(None), f)]
    return y


@given(problems())
def test_convolution_is_what_loops_compute(problem: tuple[Any, ...]) -> None:
    np.testing.assert_allclose(conv(*problem), _by_loops(*problem), atol=1e-12)


@given(problems())
def test_gradients_are_the_adjoints(problem: tuple[Any, ...]) -> None:
    x, k, *options = problem
    y = conv(x, k, *options)
    g = np.random.default_rng(1).normal(size=y.shape)
    product = np.sum(y * g)
    np.testing.assert_allclose(np.sum(x * conv_input_gradient(g, k, x.shape, *options)), product)
    np.testing.assert_allclose(np.sum(k * conv_kernel_gradient(g, x, k.shape, *options)), product)


@pytest.mark.parametrize("channels", [(4, 4), (4, 2), (4, 1)])
def test_large_batches_are_computed_in_parts(monkeypatch: pytest.MonkeyPatch, channels: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    x, k = rng.normal(size=(7, 6, 6, channels[0])), rng.normal(size=(3, 3, channels[1], 8))
    options = (1, "same", "channels_last", 1)
    whole = conv(x, k, *options)
    gradients = conv_input_gradient(whole, k, x.shape, *options), conv_kernel_gradient(whole, x, k.shape, *options)
    monkeypatch.setattr(convolution, "_PATCHES", 3 * 36 * 36)
    np.testing.assert_allclose(conv(x, k, *options), whole)
    np.testing.assert_allclose(conv_input_gradient(whole, k, x.shape, *options), gradients[0])
    np.testing.assert_allclose(conv_kernel_gradient(whole, x, k.shape, *options), gradients[1])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtype_stays(dtype: str) -> None:
    x, k = np.ones((1, 4, 4, 2), dtype), np.ones((2, 2, 2, 3), dtype)
    y = conv(x, k)
    assert {a.dtype for a in (y, max_pool(x, 2), average_pool(x, 2))} == {np.dtype(dtype)}
    assert conv_input_gradient(y, k, x.shape, 1, "valid", None, 1).dtype == dtype
    assert conv_kernel_gradient(y, x, k.shape, 1, "valid", None, 1).dtype == dtype


def test_an_empty_batch_stays_empty() -> None:
    x, k = np.zeros((0, 4, 4, 2)), np.ones((2, 2, 2, 3))
    y = conv(x, k)
    assert y.shape == (0, 3, 3, 3)
    assert conv_input_gradient(y, k, x.shape, 1, "valid", None, 1).shape == x.shape
    assert not conv_kernel_gradient(y, x, k.shape, 1, "valid", None, 1).any()


POOLS = pytest.mark.parametrize(
    ("size", "strides", "padding"),
    [(2, None, "valid"), (3, 2, "same"), (2, 1, "same"), (1, 2, "valid"), ((3, 2), (1, 2), "same")],
)


@POOLS
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_poolings_and_their_adjoints(size: Any, strides: Any, padding: str, data_format: str) -> None:
    rng = np.random.default_rng(0)
    # many ties, so that it counts which maximum gets the gradient
    x = rng.integers(0, 3, size=(2, 6, 7, 6)).astype(float)
    options = (size, strides, padding, data_format)
    y = max_pool(x, *options)
    g, h = rng.normal(size=y.shape), rng.normal(size=x.shape)
    to_inputs = max_pool_gradient(g, x, *options)
    np.testing.assert_allclose(to_inputs.sum(), g.sum())
    np.testing.assert_allclose(np.sum(to_inputs * h), np.sum(g * max_pool_take(h, x, *options)))
    np.testing.assert_array_equal(max_pool_take(x, x, *options), y)
    mean = average_pool(h, *options)
    np.testing.assert_allclose(np.sum(mean * g), np.sum(h * average_pool_gradient(g, x.shape, *options)))
    np.testing.assert_allclose(average_pool(np.ones_like(x), *options), 1)
