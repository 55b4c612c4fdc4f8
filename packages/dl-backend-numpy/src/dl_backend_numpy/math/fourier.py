"""Fast Fourier transforms; 16-bit floats in float32."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dl_backend_numpy.nn.conv import computing
from dl_ops.backend import Kernels
from dl_ops.math.fourier import check_samples, irfft_shape, pair_shape
from dl_ops.typing import Array

kernels = Kernels()


def _complex(x: Sequence[Array]) -> Array:
    real, imaginary = (computing(part) for part in x)
    joined = np.empty(real.shape, np.result_type(real.dtype, np.complex64))
    joined.real, joined.imag = real, imaginary
    return joined


def _parts(y: Array, dtype: Any) -> tuple[Array, Array]:
    return y.real.astype(dtype), y.imag.astype(dtype)


def _of_pairs(transform: Callable[[Array], Array], axes: int) -> Callable[[Sequence[Array]], tuple[Array, Array]]:
    def kernel(x: Sequence[Array]) -> tuple[Array, Array]:
        pair_shape(x, axes)
        return _parts(transform(_complex(x)), x[0].dtype)

    return kernel


for _name, _transform, _axes in (("fft", np.fft.fft, 1), ("fft2", np.fft.fft2, 2), ("ifft2", np.fft.ifft2, 2)):
    kernels.register(_name, _of_pairs(_transform, _axes))


@kernels.add
def rfft(x: Array, fft_length: int | None = None) -> tuple[Array, Array]:
    check_samples(x, fft_length)
    return _parts(np.fft.rfft(computing(x), fft_length), x.dtype)


@kernels.add
def irfft(x: Sequence[Array], fft_length: int | None = None) -> Array:
    irfft_shape(x, fft_length)
    return np.fft.irfft(_complex(x), fft_length).astype(x[0].dtype, copy=False)
