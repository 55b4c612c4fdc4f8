"""Convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import jax.numpy as jnp
from jax import Array, lax

from dl_backend_jax.jitted import jitted
from dl_ops.backend import Kernels
from dl_ops.nn.conv import conv_transpose_crops, conv_transpose_windows, conv_windows
from dl_ops.nn.windows import Windows

kernels = Kernels()

_AXES: Final = "DHW"


def _dimensions(w: Windows) -> tuple[str, str, str]:
    axes = _AXES[-len(w.size) :]
    images = f"N{axes}C" if w.channels_last else f"NC{axes}"
    return images, f"{axes}IO", images


# options are worked out before: the default data format may change, and a jitted function would not notice


@kernels.add
def conv(
    inputs: Array,
    kernel: Array,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Array:
    return _conv(inputs, kernel, conv_windows(inputs, kernel, strides, padding, data_format, dilation_rate))


@jitted
def _conv(inputs: Array, kernel: Array, w: Windows) -> Array:
    channels = w.channels(inputs.shape)
    assert channels is not None
    return lax.conv_general_dilated(
        inputs,
        kernel,
        w.strides,
        "SAME" if w.same else "VALID",
        rhs_dilation=w.dilation,
        dimension_numbers=_dimensions(w),
        feature_group_count=channels // kernel.shape[-2],
    )


@kernels.add
def conv_transpose(
    inputs: Array,
    kernel: Array,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    output_padding: int | Sequence[int] | None = None,
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Array:
    w = conv_transpose_windows(inputs, kernel, strides, padding, data_format, dilation_rate)
    return _conv_transpose(inputs, kernel, w, conv_transpose_crops(w, output_padding))


@jitted
def _conv_transpose(inputs: Array, kernel: Array, w: Windows, crops: tuple[tuple[int, int], ...]) -> Array:
    # a convolution of the pixels spread out by the strides, with the kernel turned round
    turned = jnp.swapaxes(jnp.flip(kernel, tuple(range(len(w.size)))), -1, -2)
    return lax.conv_general_dilated(
        inputs,
        turned,
        (1,) * len(w.size),
        [(reach - 1 - low, reach - 1 - high) for reach, (low, high) in zip(w.reach(), crops, strict=True)],
        lhs_dilation=w.strides,
        rhs_dilation=w.dilation,
        dimension_numbers=_dimensions(w),
    )
