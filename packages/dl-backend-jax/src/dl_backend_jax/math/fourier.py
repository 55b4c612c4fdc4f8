"""Fast Fourier transforms; 16-bit floats in float32."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from dl_backend_jax.jitted import jitted
from dl_backend_jax.widening import wide
from dl_ops.backend import Kernels
from dl_ops.math.fourier import check_samples, irfft_shape, pair_shape

kernels = Kernels()


def _complex(x: Sequence[Array]) -> Array:
    return lax.complex(wide(x[0]), wide(x[1]))


def _parts(y: Array, dtype: Any) -> tuple[Array, Array]:
    return y.real.astype(dtype), y.imag.astype(dtype)


def _of_pairs(transform: Callable[[Array], Array], axes: int) -> Callable[[Sequence[Array]], tuple[Array, Array]]:
    def kernel(x: Sequence[Array]) -> tuple[Array, Array]:
        pair_shape(x, axes)
        return _parts(transform(_complex(x)), x[0].dtype)

    return kernel


for _name, _axes in {"fft": 1, "fft2": 2, "ifft2": 2}.items():
    kernels.register(_name, jax.jit(_of_pairs(getattr(jnp.fft, _name), _axes), inline=True))


@kernels.add
@jitted
def rfft(x: Array, fft_length: int | None = None) -> tuple[Array, Array]:
    check_samples(x, fft_length)
    return _parts(jnp.fft.rfft(wide(x), fft_length), x.dtype)


@kernels.add
@jitted
def irfft(x: Sequence[Array], fft_length: int | None = None) -> Array:
    irfft_shape(x, fft_length)
    return jnp.fft.irfft(_complex(x), fft_length).astype(x[0].dtype)
