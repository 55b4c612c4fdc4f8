"""Windows of convolutions and poolings, and the weights that images are resized with."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_ops.image.resizing import nearest_pixels, resize_weights
from dl_ops.nn.conv import conv_transpose_crops
from dl_ops.nn.windows import Windows, per_axis, windows

SIZES = st.integers(1, 30)
SMALL = st.integers(1, 5)


def _windows(size: int, stride: int, dilation: int, same: bool) -> Windows:
    return Windows((size,), (stride,), (dilation,), same, True)


@given(SIZES, SMALL, SMALL, SMALL, st.booleans())
def test_windows_start_inside_the_padded_image_and_no_further_one_fits(
    pixels: int, size: int, stride: int, dilation: int, same: bool
) -> None:
    w = _windows(size, stride, dilation, same)
    (reach,) = w.reach()
    if not same and pixels < reach:
        with pytest.raises(ValueError, match="does not fit"):
            w.output((pixels,))
        return
    (count,) = w.output((pixels,))
    ((before, after),) = w.padding((pixels,))
    assert count is not None
    starts = range(0, before + pixels + after - reach + 1, stride)
    if same:
        assert count == -(-pixels // stride)
        assert 0 <= after - before <= 1
        assert len(starts) >= count
    else:
        assert count == len(starts)


@given(SIZES, SMALL, SMALL, SMALL, st.booleans(), st.data())
def test_transposed_convolution_undoes_a_convolutions_shape(
    pixels: int, size: int, stride: int, dilation: int, same: bool, data: st.DataObject
) -> None:
    w = _windows(size, stride, dilation, same)
    (reach,) = w.reach()
    full = (pixels - 1) * stride + reach
    ((low, high),) = conv_transpose_crops(w)
    result = full - low - high
    assert result == (pixels * stride if same else (pixels - 1) * stride + max(reach, stride))
    assert w.output((result,)) == (pixels,)
    extra = data.draw(st.integers(0, stride - 1))
    ((low, high),) = conv_transpose_crops(w, extra)
    smallest = (pixels - 1) * stride + (reach % 2 if same else reach)
    assert full - low - high == smallest + extra


@pytest.mark.parametrize("value", [0, -1, (1, 2, 3), (1, 0), 1.5, "2", (1.5, 2)])
def test_options_that_do_not_fit_are_named(value: object) -> None:
    with pytest.raises(ValueError, match="strides="):
        per_axis(value, 2, "strides")


def test_unknown_paddings_and_ranks_are_refused() -> None:
    with pytest.raises(ValueError, match="padding='causal'"):
        windows(np.ones((1, 4, 1)), 2, padding="causal")
    with pytest.raises(ValueError, match="expected 3, 4 or 5 dimensions"):
        windows(np.ones((1, 4)), 2)


@given(SIZES, SIZES, st.sampled_from(["bilinear", "bicubic", "lanczos3", "lanczos5"]), st.booleans())
def test_resize_weights_keep_constants_and_are_symmetric(
    size: int, target: int, interpolation: str, antialias: bool
) -> None:
    weights = resize_weights(size, target, interpolation, antialias)
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    np.testing.assert_allclose(weights, weights[::-1, ::-1], atol=1e-12)
    if size == target:
        np.testing.assert_allclose(weights, np.eye(size), atol=1e-12)


@given(st.integers(4, 30), st.integers(1, 4))
def test_antialiased_halving_weighs_all_pixels_alike(size: int, factor: int) -> None:
    weights = resize_weights(size * factor, size, "bilinear", True)
    inner = weights[:, factor:-factor].sum(axis=0)
    np.testing.assert_allclose(inner, 1 / factor, rtol=0.2)


@given(SIZES, SIZES)
def test_nearest_pixels_are_the_nearest(size: int, target: int) -> None:
    centres = (np.arange(target) + 0.5) * size / target - 0.5
    assert np.all(np.abs(nearest_pixels(size, target) - centres) <= 0.5 + 1e-9)
