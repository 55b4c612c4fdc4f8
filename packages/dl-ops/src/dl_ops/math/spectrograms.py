"""Spectra of stretches of a signal, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import shape as shape_of
from dl_ops.dtypes import numpy_dtype
from dl_ops.linalg.matrices import spec
from dl_ops.math.fourier import fitted, pair_shape
from dl_ops.math.sequences import check_positive, overlap_add, sequence_count
from dl_ops.op import op
from dl_ops.rules import floating
from dl_ops.typing import Array, Shape, Tensor, TensorLike

__all__ = ["istft", "stft"]

# weight of the cosine in a window of raised cosines
_WINDOWS = {"hann": 0.5, "hamming": 0.46}

_NEGLIGIBLE = 1e-10
"""Sum of squared windows up to which nothing of a signal is left to restore."""


def _check_lengths(sequence_length: int, sequence_stride: int, fft_length: int, window: Any) -> None:
    check_positive(sequence_length=sequence_length, sequence_stride=sequence_stride, fft_length=fft_length)
    if fft_length < sequence_length:
        raise ValueError(f"fft_length={fft_length}: expected at least sequence_length={sequence_length}")
    if isinstance(window, str):
        if window not in _WINDOWS:
            raise ValueError(f"window={window!r}: expected one of {', '.join(map(repr, _WINDOWS))} or a tensor")
    elif window is not None and tuple(shape_of(window)) not in ((sequence_length,), (None,)):
        raise ValueError(f"window has shape {tuple(shape_of(window))}: expected {(sequence_length,)}")


def _window(window: Any, sequence_length: int, fft_length: int, dtype: str) -> Any:
    """The window in the middle of `fft_length` samples, of a dtype."""
    before = (fft_length - sequence_length) // 2
    margins = (before, fft_length - sequence_length - before)
    if window is None or isinstance(window, str):
        return np.pad(_raised_cosine(window, sequence_length), margins).astype(numpy_dtype(dtype))
    return ops.pad(ops.cast(ops.convert_to_tensor(window), dtype), margins)


def _raised_cosine(name: str | None, length: int) -> Array:
    weight = 0.0 if name is None else _WINDOWS[name]
    return 1 - weight - weight * np.cos(2 * np.pi * np.arange(length) / length)


def _stft_spec(
    x: Any, sequence_length: int, sequence_stride: int, fft_length: int, window: Any = "hann", center: bool = True
) -> Any:
    _check_lengths(sequence_length, sequence_stride, fft_length, window)
    if not x.shape:
        raise ValueError("x is a scalar: expected at least one dimension")
    *stack, samples = x.shape
    if samples is not None and center:
        samples += fft_length // 2 * 2
    part = spec((*stack, sequence_count(samples, fft_length, sequence_stride), fft_length // 2 + 1), x.dtype)
    return part, spec(part.shape, x.dtype)


@op(spec=_stft_spec, dtype=floating)
def stft(
    x: TensorLike,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Any = "hann",
    center: bool = True,
) -> tuple[Tensor, Tensor]:
    """Short-time Fourier transform: `rfft` of overlapping stretches of the last axis, each under a window.

    Parameters
    ----------
    x : tensor_like, shape (..., samples)
    sequence_length : int
        Number of samples under the window.
    sequence_stride : int
        Number of samples from one stretch to the next.
    fft_length : int
        Number of samples that are transformed, with the window in their middle; at least `sequence_length`.
    window : {"hann", "hamming"} or tensor_like of shape (sequence_length,), optional
        ``None`` for a rectangular one.
    center : bool, default True
        Whether the middle of each stretch, not its beginning, is at a multiple of the stride: `x` is continued at both
        ends by its reflection.

    Returns
    -------
    real, imaginary : tensor, shape (..., sequences, fft_length // 2 + 1)

    Raises
    ------
    ValueError
        If a length is not positive, `fft_length` less than `sequence_length`, or the window unknown or of another
        length.

    References
    ----------
    Allen and Rabiner, "A unified approach to short-time Fourier analysis and synthesis", Proc. IEEE 65 (1977).

    Examples
    --------
    >>> real, imaginary = stft([1.0, 2.0, 3.0, 4.0], 2, 1, 2, window=None, center=False)
    >>> real.tolist()
    [[3.0, -1.0], [5.0, -1.0], [7.0, -1.0]]
    """
    _check_lengths(sequence_length, sequence_stride, fft_length, window)
    if center:
        margin = fft_length // 2
        x = ops.pad(x, [(0, 0)] * (len(shape_of(x)) - 1) + [(margin, margin)], mode="reflect")
    sequences = ops.extract_sequences(x, fft_length, sequence_stride)
    if window is not None or sequence_length < fft_length:
        sequences = ops.multiply(sequences, _window(window, sequence_length, fft_length, dtype_of(x)))
    real, imaginary = ops.rfft(sequences)
    return real, imaginary


def _istft_shape(
    x: Sequence[Any],
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> Shape:
    _check_lengths(sequence_length, sequence_stride, fft_length, window)
    *stack, count, bins = pair_shape(x, 2)
    if bins not in (None, fft_length // 2 + 1):
        raise ValueError(f"x has {bins} frequencies: expected fft_length // 2 + 1 = {fft_length // 2 + 1}")
    if length is not None:
        check_positive(length=length)
        return (*stack, length)
    if count is None:
        return (*stack, None)
    return (*stack, max((count - 1) * sequence_stride + fft_length - (fft_length // 2 * 2 if center else 0), 0))


@op(shape=_istft_shape, dtype=floating)
def istft(
    x: Sequence[TensorLike],
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> Tensor:
    """Inverse of `stft`: the signal whose spectra are nearest to `x` in the sense of least squares.

    Parameters
    ----------
    x : pair of tensor_like, shape (..., sequences, fft_length // 2 + 1)
        Real and imaginary parts.
    sequence_length, sequence_stride, fft_length : int
        As given to `stft`.
    length : int, optional
        Number of samples of the result, cut off or filled up with zeros. By default as many as the sequences span,
        without the reflections if `center`.
    window : {"hann", "hamming"} or tensor_like of shape (sequence_length,), optional
        As given to `stft`; with ``None`` the overlapping sequences are added up, and nothing more.
    center : bool, default True
        As given to `stft`.

    Returns
    -------
    tensor, shape (..., length)
        Samples that no window reaches are 0.

    Raises
    ------
    ValueError
        If a length is not positive, `fft_length` less than `sequence_length`, the window unknown or of another length,
        or `x` of another number of frequencies.

    References
    ----------
    Griffin and Lim, "Signal Estimation from Modified Short-Time Fourier Transform", IEEE Trans. ASSP 32 (1984).

    Examples
    --------
    >>> x = ops.arange(1.0, 33.0)
    >>> ops.round(istft(stft(x, 8, 4, 8), 8, 4, 8)[:2], 3).tolist()
    [1.0, 2.0]
    """
    shape = _istft_shape(x, sequence_length, sequence_stride, fft_length, length, window, center)
    sequences = ops.irfft(x, fft_length)
    if window is not None:
        dtype = dtype_of(sequences)
        weights = _window(window, sequence_length, fft_length, dtype)
        count = shape_of(sequences)[-2]
        # once for all signals, if it is known how many sequences they have
        ones = ops.ones_like(sequences[..., :1]) if count is None else np.ones((count, 1), numpy_dtype(dtype))
        total = overlap_add(ops.multiply(ones, ops.square(weights)), sequence_stride)
        signal = overlap_add(ops.multiply(sequences, weights), sequence_stride)
        reached = ops.greater(total, _NEGLIGIBLE)
        signal = ops.where(reached, ops.divide(signal, ops.where(reached, total, 1.0)), signal)
    else:
        signal = overlap_add(sequences, sequence_stride)
    margin = fft_length // 2 if center else 0
    if shape[-1] is None:
        return signal[..., margin:-margin] if margin else signal  # type: ignore[no-any-return]
    return fitted(signal[..., margin:], shape[-1])  # type: ignore[no-any-return]
