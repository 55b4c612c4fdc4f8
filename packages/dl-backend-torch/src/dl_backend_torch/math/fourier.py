"""Fast Fourier transforms; 16-bit floats in float32."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from dl_backend_torch.default import default
from dl_backend_torch.linalg.decompositions import wide
from dl_ops.backend import Kernels
from dl_ops.math.fourier import check_samples, irfft_shape, pair_shape

kernels = Kernels()


def _complex(x: Sequence[Tensor]) -> Tensor:
    return torch.complex(wide(x[0]), wide(x[1]))


def _parts(y: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    return y.real.to(dtype), y.imag.to(dtype)


def _of_pairs(name: str, axes: int) -> Callable[[Sequence[Tensor]], tuple[Tensor, Tensor]]:
    transform: Callable[[Tensor], Tensor] = getattr(torch.fft, name)

    def kernel(x: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        pair_shape(x, axes)
        # without any signal, MKL fails
        if not x[0].numel():
            return default(name, x)  # type: ignore[no-any-return]
        return _parts(transform(_complex(x)), x[0].dtype)

    return kernel


for _name, _axes in {"fft": 1, "fft2": 2, "ifft2": 2}.items():
    kernels.register(_name, _of_pairs(_name, _axes))


@kernels.add
def rfft(x: Tensor, fft_length: int | None = None) -> tuple[Tensor, Tensor]:
    check_samples(x, fft_length)
    if not x.numel():
        return default("rfft", x, fft_length)  # type: ignore[no-any-return]
    return _parts(torch.fft.rfft(wide(x), fft_length), x.dtype)


@kernels.add
def irfft(x: Sequence[Tensor], fft_length: int | None = None) -> Tensor:
    irfft_shape(x, fft_length)
    if not x[0].numel():
        return default("irfft", x, fft_length)  # type: ignore[no-any-return]
    signal: Tensor = torch.fft.irfft(_complex(x), fft_length)
    return signal.to(x[0].dtype)
