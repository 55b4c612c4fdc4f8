"""Fast Fourier transforms; 16-bit floats in float32."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor
from dl_backend_tf.widening import wide
from dl_ops.backend import Kernels
from dl_ops.math.fourier import check_samples, irfft_shape, pair_shape

kernels = Kernels()


def _complex(x: Sequence[Tensor]) -> Tensor:
    return tf.complex(wide(x[0]), wide(x[1]))


def _parts(y: Tensor, dtype: Any) -> tuple[Tensor, Tensor]:
    return tf.cast(tf.math.real(y), dtype), tf.cast(tf.math.imag(y), dtype)


def _of_pairs(transform: Callable[..., Any], axes: int) -> Callable[[Sequence[Tensor]], tuple[Tensor, Tensor]]:
    def kernel(x: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        pair_shape(x, axes)
        return _parts(transform(_complex(x)), x[0].dtype)

    return kernel


for _name, _transform, _axes in (
    ("fft", tf.signal.fft, 1),
    ("fft2", tf.signal.fft2d, 2),
    ("ifft2", tf.signal.ifft2d, 2),
):
    kernels.register(_name, _of_pairs(_transform, _axes))


# samples are cut off here: TensorFlow's gradients are of a wrong shape where the transforms do it


@kernels.add
def rfft(x: Tensor, fft_length: int | None = None) -> tuple[Tensor, Tensor]:
    check_samples(x, fft_length)
    if fft_length is None:
        return _parts(tf.signal.rfft(wide(x)), x.dtype)
    return _parts(tf.signal.rfft(wide(x)[..., :fft_length], [fft_length]), x.dtype)


@kernels.add
def irfft(x: Sequence[Tensor], fft_length: int | None = None) -> Tensor:
    irfft_shape(x, fft_length)
    if fft_length is None:
        return tf.cast(tf.signal.irfft(_complex(x)), x[0].dtype)
    return tf.cast(tf.signal.irfft(_complex(x)[..., : fft_length // 2 + 1], [fft_length]), x[0].dtype)
