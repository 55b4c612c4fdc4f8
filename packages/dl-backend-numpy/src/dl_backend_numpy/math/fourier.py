"""Fast Fourier transforms; 16-bit floats in float32."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dl_backend_numpy.nn.conv import computing
from dl_ops.backend import Kernels
from dl_ops.typing import Array

kernels = Kernels()


def _complex(x: Sequence[Array]) -> Array:
    real, imaginary = (computing(part) for part in x)
    if real.shape != imaginary.shape:
        raise ValueError("real and imaginary parts differ in shape")
    joined = np.empty(real.shape, np.result_type(real.dtype, np.complex64))
    joined.real, joined.imag = real, imaginary
    return joined


def _parts(y: Array, dtype: Any) -> tuple[Array, Array]:
    return y.real.astype(dtype), y.imag.astype(dtype)


def _of_pairs(transform: Callable[[Array], Array]) -> Callable[[Sequence[Array]], tuple[Array, Array]]:
    def kernel(x: Sequence[Array]) -> tuple[Array, Array]:
        return _parts(transform(_complex(x)), x[0].dtype)

    return kernel


fft = _of_pairs(np.fft.fft)
for _name, _kernel in {"fft": fft, "fft2": _of_pairs(np.fft.fft2), "ifft2": _of_pairs(np.fft.ifft2)}.items():
    kernels.register(_name, _kernel)


@kernels.add
def rfft(x: Array, fft_length: int | None = None) -> tuple[Array, Array]:
    return _parts(np.fft.rfft(computing(x), fft_length), x.dtype)


@kernels.add
def irfft(x: Sequence[Array], fft_length: int | None = None) -> Array:
    return np.fft.irfft(_complex(x), fft_length).astype(x[0].dtype, copy=False)
