"""What rows of the conformance table cannot show of convolutions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dl_layers
from dl_ops import ops
from dl_ops.backend import Backend

LAYERS: list[tuple[str, dict[str, Any], tuple[int | None, ...]]] = [
    ("Conv1D", {"filters": 2, "padding": "causal"}, (None, 8, 3)),
    ("Conv2D", {"filters": 4, "groups": 2, "strides": 2}, (2, 7, None, 4)),
    ("Conv3D", {"filters": 2, "data_format": "channels_first"}, (None, 3, 5, 6, 7)),
    ("Conv2DTranspose", {"filters": 2, "strides": 2, "output_padding": 1}, (None, 4, 5, 3)),
    ("DepthwiseConv2D", {"depth_multiplier": 2}, (None, None, None, 3)),
    ("SeparableConv2D", {"filters": 2}, (None, 6, 6, 3)),
    ("ConvLSTM2D", {"filters": 2, "return_state": True}, (None, 4, 6, 6, 3)),
]


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_a_causal_convolution_does_not_look_ahead(backend: Backend, data_format: str) -> None:
    layer = dl_layers.Conv1D(2, 3, padding="causal", dilation_rate=2, data_format=data_format)
    time = 1 if data_format == "channels_last" else 2
    x = np.random.default_rng(0).normal(size=(1, 6, 6)).astype("float32")
    changed = x.copy()
    later = [slice(None)] * 3
    later[time] = slice(4, None)
    changed[tuple(later)] += 1.0
    before, after = (np.moveaxis(ops.convert_to_numpy(layer(z)), time, 1) for z in (x, changed))
    np.testing.assert_array_equal(before[:, :4], after[:, :4])
    assert np.all(before[:, 4:] != after[:, 4:])


@pytest.mark.parametrize(("name", "options", "shape"), LAYERS, ids=[name for name, _, _ in LAYERS])
def test_the_shape_of_the_output_needs_no_weights(
    name: str, options: dict[str, Any], shape: tuple[int | None, ...], backend: Backend
) -> None:
    layer = getattr(dl_layers, name)(kernel_size=3, **options)
    inferred = layer.compute_output_shape(shape)
    assert not layer.built
    sizes = tuple(6 if size is None else size for size in shape)
    outputs = layer(np.ones(sizes, "float32"))
    shapes, found = (
        (inferred, [tuple(y.shape) for y in outputs]) if isinstance(outputs, tuple) else ([inferred], [outputs.shape])
    )
    for wanted, actual in zip(shapes, found, strict=True):
        assert all(a in (b, None) for a, b in zip(wanted, tuple(actual), strict=True))


def test_a_subclass_may_use_the_kernel_otherwise(backend: Backend) -> None:
    class Standardized(dl_layers.Conv2D):
        def convolution_op(self, inputs: Any, kernel: Any) -> Any:
            return super().convolution_op(inputs, kernel - ops.mean(kernel, axis=(0, 1, 2), keepdims=True))

    y = Standardized(2, 3)(np.ones((1, 5, 5, 2), "float32"))
    np.testing.assert_allclose(ops.convert_to_numpy(y), 0.0, atol=1e-5)


def test_a_recurrent_convolution_runs_on_images_of_other_sizes(backend: Backend) -> None:
    layer = dl_layers.ConvLSTM2D(2, 3, padding="same", return_sequences=True)
    for size in (4, 6):
        assert tuple(layer(np.ones((1, 2, size, size, 3), "float32")).shape) == (1, 2, size, size, 2)
