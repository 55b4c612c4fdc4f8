"""Cases of Fourier transforms and spectrograms."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import draw, positive
from dl_ops.testing.case import FLOATS, Case
from dl_ops.typing import Array


def _sum_of_waves(x: Array, sign: int = -1) -> Array:
    """The transform by its definition, along the last axis."""
    n = x.shape[-1]
    k = np.arange(n)
    return np.stack([np.sum(x * np.exp(sign * 2j * np.pi * frequency * k / n), -1) for frequency in k], -1)


def _both_axes(x: Array, sign: int = -1) -> Array:
    return np.swapaxes(_sum_of_waves(np.swapaxes(_sum_of_waves(x, sign), -1, -2), sign), -1, -2)


def _pair(y: Array) -> tuple[Array, Array]:
    return y.real, y.imag


def _fft(x: Any) -> Any:
    return _pair(_sum_of_waves(x[0] + 1j * x[1]))


def _fft2(x: Any) -> Any:
    return _pair(_both_axes(x[0] + 1j * x[1]))


def _ifft2(x: Any) -> Any:
    y = x[0] + 1j * x[1]
    return _pair(_both_axes(y, 1) / (y.shape[-1] * y.shape[-2]))


def _resized(x: Array, size: int) -> Array:
    x = x[..., :size]
    return np.concatenate([x, np.zeros((*x.shape[:-1], size - x.shape[-1]), x.dtype)], -1)


def _half(x: Array, fft_length: int | None = None) -> Array:
    n = fft_length or x.shape[-1]
    return _sum_of_waves(_resized(x, n))[..., : n // 2 + 1]


def _whole(x: Array, fft_length: int | None = None) -> Array:
    """Signal of which `x` are the frequencies from 0 on."""
    n = fft_length or 2 * (x.shape[-1] - 1)
    x = _resized(x, n // 2 + 1)
    y = np.zeros((*x.shape[:-1], n), complex)
    for k in range(n):
        y[..., k] = x[..., k] if k <= n // 2 else np.conj(x[..., n - k])
        if 2 * k % n == 0:
            y[..., k] = y[..., k].real
    return (_sum_of_waves(y, 1) / n).real


def _rfft(x: Array, fft_length: int | None = None) -> Any:
    return _pair(_half(x, fft_length))


def _irfft(x: Any, fft_length: int | None = None) -> Array:
    return _whole(x[0] + 1j * x[1], fft_length)


def _sequences(x: Array, length: int, stride: int) -> Array:
    starts = range(0, x.shape[-1] - length + 1, stride)
    return np.stack([x[..., i : i + length] for i in starts], -2) if starts else np.zeros((*x.shape[:-1], 0, length))


def _window(name: Any, length: int, fft_length: int) -> Array:
    t = 2 * np.pi * np.arange(length) / length
    table = {"hann": (1 - np.cos(t)) / 2, "hamming": 0.54 - 0.46 * np.cos(t), "": np.ones(length)}
    window = name if isinstance(name, np.ndarray) else table[name or ""]
    before = (fft_length - length) // 2
    return np.pad(window, (before, fft_length - length - before))


def _stft(x: Array, length: int, stride: int, fft_length: int, window: Any = "hann", center: bool = True) -> Any:
    if center:
        margin = fft_length // 2
        x = np.concatenate([x[..., margin:0:-1], x, x[..., -2 : -2 - margin : -1]], -1)
    return _rfft(_sequences(x, fft_length, stride) * _window(window, length, fft_length))


def _istft(
    x: Any,
    length: int,
    stride: int,
    fft_length: int,
    samples: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> Array:
    weights = _window(window, length, fft_length)
    parts = _irfft(x, fft_length)
    count = parts.shape[-2]
    total = np.zeros((*parts.shape[:-2], (count - 1) * stride + fft_length))
    square = np.zeros(total.shape[-1])
    for i in range(count):
        place = slice(i * stride, i * stride + fft_length)
        total[..., place] += parts[..., i, :] * (1.0 if window is None else weights)
        square[place] += weights**2
    if window is not None:
        total = np.where(square > 1e-10, total / np.where(square > 1e-10, square, 1), total)
    margin = fft_length // 2 if center else 0
    return _resized(total[..., margin:], total.shape[-1] - 2 * margin if samples is None else samples)


def _complex_pair(*shape: int) -> tuple[Array, Array]:
    return draw(*shape), draw(*shape)


CASES: Final = [
    Case("fft", (_complex_pair(2, 6),), reference=_fft, dtypes=FLOATS, tolerance=8, gradient=True, label="even"),
    Case("fft", (_complex_pair(2, 3, 5),), reference=_fft, gradient=True, tolerance=4, label="odd"),
    Case("fft", (_complex_pair(1),), reference=_fft, gradient=True, label="one sample"),
    Case("fft", (_complex_pair(0, 4),), reference=_fft, label="nothing"),
    Case("rfft", (draw(0, 4),), reference=_rfft, label="nothing"),
    Case("irfft", (_complex_pair(0, 4),), reference=_irfft, label="nothing"),
    Case("fft2", (_complex_pair(2, 3, 4),), reference=_fft2, gradient=True, tolerance=4),
    Case("ifft2", (_complex_pair(2, 3, 4),), reference=_ifft2, gradient=True, tolerance=4),
    Case("rfft", (draw(2, 6),), reference=_rfft, dtypes=FLOATS, gradient=True, tolerance=8, label="even"),
    Case("rfft", (draw(2, 5),), reference=_rfft, gradient=True, tolerance=4, label="odd"),
    Case("rfft", (draw(2, 6), 4), reference=_rfft, gradient=True, tolerance=4, label="cut off"),
    Case("rfft", (draw(2, 6), 9), reference=_rfft, gradient=True, tolerance=4, label="filled up"),
    Case("rfft", (draw(2, 4),), reference=_rfft, dtypes=("int32",), label="integers"),
    Case("irfft", (_complex_pair(2, 4),), reference=_irfft, dtypes=FLOATS, gradient=True, tolerance=4, label="even"),
    Case("irfft", (_complex_pair(2, 4), 7), reference=_irfft, gradient=True, tolerance=4, label="odd"),
    Case("irfft", (_complex_pair(2, 6), 6), reference=_irfft, gradient=True, tolerance=4, label="cut off"),
    Case("irfft", (_complex_pair(2, 4), 9), reference=_irfft, gradient=True, tolerance=4, label="filled up"),
    Case("irfft", (_complex_pair(2, 1), 4), reference=_irfft, gradient=True, label="one frequency"),
    Case("extract_sequences", (draw(2, 9), 4, 2), reference=_sequences, dtypes=FLOATS, gradient=True, label="overlap"),
    Case("extract_sequences", (draw(11), 3, 4), reference=_sequences, gradient=True, label="gaps"),
    Case("extract_sequences", (draw(2, 3), 4, 1), reference=_sequences, label="too short"),
    Case("stft", (draw(2, 30), 8, 4, 8), reference=_stft, gradient=True, tolerance=8, label="hann"),
    Case("stft", (draw(30), 7, 3, 11, "hamming", False), reference=_stft, gradient=True, tolerance=8, label="hamming"),
    Case("stft", (draw(2, 30), 6, 3, 9, positive(6)), reference=_stft, gradient=True, tolerance=8, label="own window"),
    Case("stft", (draw(2, 30), 6, 3, 8, None), reference=_stft, gradient=True, tolerance=8, label="rectangular"),
    Case("stft", (draw(2, 30), 8, 4, 8), reference=_stft, dtypes=FLOATS, tolerance=16, label="narrow"),
    Case("istft", (_complex_pair(2, 5, 5), 8, 4, 8), reference=_istft, gradient=True, tolerance=8, label="hann"),
    Case(
        "istft",
        (_complex_pair(4, 6), 7, 3, 11, 13, "hamming", False),
        reference=_istft,
        gradient=True,
        tolerance=32,
        label="hamming",
    ),
    Case(
        "istft",
        (_complex_pair(2, 4, 5), 6, 3, 9, 40, positive(6)),
        reference=_istft,
        gradient=True,
        tolerance=8,
        label="own window",
    ),
    Case("istft", (_complex_pair(2, 4, 5), 6, 3, 8, None, None), reference=_istft, gradient=True, label="rectangular"),
    Case("istft", (_complex_pair(3, 4), 6, 10, 6), reference=_istft, gradient=True, tolerance=8, label="gaps"),
]
