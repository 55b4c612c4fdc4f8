"""Discrete Fourier transforms, with complex numbers as pairs of real tensors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.core.tensors import known_size
from dl_ops.core.tensors import shape as shape_of
from dl_ops.dtypes import numpy_dtype
from dl_ops.linalg.matrices import spec
from dl_ops.op import op
from dl_ops.rules import broadcast_shapes, floating
from dl_ops.typing import Array, Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic.keras_tensor import KerasTensor

__all__ = ["fft", "fft2", "ifft2", "irfft", "rfft"]


# -- rules ------------------------------------------------------------------------------------------------------------


def pair_shape(x: Sequence[Any], axes: int = 1) -> Shape:
    """The shape that real and imaginary parts have in common; a ``ValueError`` unless there are both, of at least as
    many dimensions as `axes`.
    """
    if len(x) != 2:
        raise ValueError(f"x holds {len(x)} tensors: expected two, the real and the imaginary parts")
    real, imaginary = (tuple(part.shape) for part in x)
    if len(real) != len(imaginary) or any(
        None not in sizes and sizes[0] != sizes[1] for sizes in zip(real, imaginary, strict=True)
    ):
        raise ValueError(f"x has real parts of shape {real}, imaginary parts of {imaginary}: expected the same")
    if len(real) < axes:
        raise ValueError(f"x has shape {real}: expected at least {axes} dimension{'s' * (axes > 1)}")
    if 0 in real[-axes:]:
        raise ValueError(f"x has shape {real}: expected at least one sample")
    return broadcast_shapes(real, imaginary)


def _pair(shape: Shape, dtype: str) -> tuple[KerasTensor, KerasTensor]:
    return spec(shape, dtype), spec(shape, dtype)


def _fft_spec(x: Sequence[Any]) -> Any:
    return _pair(pair_shape(x), x[0].dtype)


def _fft2_spec(x: Sequence[Any]) -> Any:
    return _pair(pair_shape(x, 2), x[0].dtype)


def _check_length(fft_length: int | None) -> None:
    if fft_length is not None and fft_length < 1:
        raise ValueError(f"fft_length={fft_length}: expected a positive integer")


def check_samples(x: Any, fft_length: int | None) -> None:
    """Raise a ``ValueError`` unless `x` has samples, and `fft_length` is positive."""
    _check_length(fft_length)
    if not len(x.shape) or x.shape[-1] == 0:
        raise ValueError(f"x has shape {tuple(x.shape)}: expected at least one sample in the last dimension")


def _rfft_spec(x: Any, fft_length: int | None = None) -> Any:
    check_samples(x, fft_length)
    samples = x.shape[-1] if fft_length is None else fft_length
    return _pair((*x.shape[:-1], None if samples is None else samples // 2 + 1), x.dtype)


def irfft_shape(x: Sequence[Any], fft_length: int | None = None) -> Shape:
    """The shape of the signal that `x` are the frequencies of; a ``ValueError`` if they are of none."""
    _check_length(fft_length)
    *stack, bins = pair_shape(x)
    if fft_length is None and bins == 1:
        raise ValueError("x has one frequency: give fft_length, which would be 0 by default")
    return (*stack, (None if bins is None else 2 * (bins - 1)) if fft_length is None else fft_length)


# -- defaults ---------------------------------------------------------------------------------------------------------


def _waves(rows: int, columns: int, period: int, dtype: str) -> tuple[Array, Array]:
    """Cosines and sines of ``2 * pi * row * column / period``."""
    # whole turns are taken off first, where numbers are exact
    turns = np.outer(np.arange(rows), np.arange(columns)) % period / period
    angles = 2 * math.pi * turns
    return np.cos(angles).astype(numpy_dtype(dtype)), np.sin(angles).astype(numpy_dtype(dtype))


def fitted(x: Any, size: int) -> Any:
    """`x` with the last axis cut off or filled up with zeros to a size."""
    x = x[..., :size]
    found = shape_of(x)[-1]
    if found == size:
        return x
    padded = ops.pad(x, [(0, 0)] * (len(x.shape) - 1) + [(0, size - (found or 0))])
    return padded if found is not None else padded[..., :size]


@op(spec=_fft_spec, dtype=floating)
def fft(x: Sequence[TensorLike]) -> tuple[Tensor, Tensor]:
    """Discrete Fourier transform along the last axis: ``y[k] = sum(x[t] * exp(-2j * pi * k * t / n))``.

    Parameters
    ----------
    x : pair of tensor_like, shape (..., n)
        Real and imaginary parts.

    Returns
    -------
    real, imaginary : tensor, shape (..., n)

    Raises
    ------
    ValueError
        If `x` is no pair of tensors of the same shape.

    References
    ----------
    Cooley and Tukey, "An Algorithm for the Machine Calculation of Complex Fourier Series", Math. Comput. 19 (1965).

    Examples
    --------
    >>> real, imaginary = fft(([0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]))
    >>> ops.round(real).tolist(), ops.round(imaginary).tolist()
    ([1.0, 0.0, -1.0, 0.0], [0.0, -1.0, 0.0, 1.0])
    """
    pair_shape(x)
    real, imaginary = x
    n = known_size(real, -1)
    cosines, sines = _waves(n, n, n, dtype_of(real))
    return (
        ops.add(ops.matmul(real, cosines), ops.matmul(imaginary, sines)),
        ops.subtract(ops.matmul(imaginary, cosines), ops.matmul(real, sines)),
    )


@op(spec=_fft2_spec, dtype=floating)
def fft2(x: Sequence[TensorLike]) -> tuple[Tensor, Tensor]:
    """Discrete Fourier transform along the last two axes.

    Parameters
    ----------
    x : pair of tensor_like, shape (..., m, n)
        Real and imaginary parts.

    Returns
    -------
    real, imaginary : tensor, shape (..., m, n)

    Raises
    ------
    ValueError
        If `x` is no pair of tensors of the same shape with at least two dimensions.

    Examples
    --------
    >>> real, imaginary = fft2(([[1.0, 2.0], [3.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]))
    >>> real.tolist()
    [[10.0, -2.0], [-4.0, 0.0]]
    """
    pair_shape(x, 2)
    across = ops.fft([ops.swapaxes(part, -1, -2) for part in ops.fft(x)])
    return ops.swapaxes(across[0], -1, -2), ops.swapaxes(across[1], -1, -2)


@op(spec=_fft2_spec, dtype=floating)
def ifft2(x: Sequence[TensorLike]) -> tuple[Tensor, Tensor]:
    """Inverse of `fft2`.

    Parameters
    ----------
    x : pair of tensor_like, shape (..., m, n)
        Real and imaginary parts.

    Returns
    -------
    real, imaginary : tensor, shape (..., m, n)

    Raises
    ------
    ValueError
        If `x` is no pair of tensors of the same shape with at least two dimensions.

    Examples
    --------
    >>> real, imaginary = ifft2(([[10.0, -2.0], [-4.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]))
    >>> real.tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    pair_shape(x, 2)
    # with real and imaginary parts exchanged before and after, a transform turns the other way
    imaginary, real = ops.fft2([x[1], x[0]])
    scale = 1.0 / (known_size(real, -2) * known_size(real, -1))
    return ops.multiply(real, scale), ops.multiply(imaginary, scale)


@op(spec=_rfft_spec, dtype=floating)
def rfft(x: TensorLike, fft_length: int | None = None) -> tuple[Tensor, Tensor]:
    """Discrete Fourier transform of real numbers along the last axis, without the negative frequencies, which are the
    conjugates of the positive ones.

    Parameters
    ----------
    x : tensor_like, shape (..., samples)
    fft_length : int, optional
        Cut `x` off or fill it up with zeros to so many samples.

    Returns
    -------
    real, imaginary : tensor, shape (..., fft_length // 2 + 1)

    Raises
    ------
    ValueError
        If `fft_length` is not positive, or `x` has no samples.

    Examples
    --------
    >>> real, imaginary = rfft([0.0, 1.0, 0.0, 0.0])
    >>> ops.round(real).tolist(), ops.round(imaginary).tolist()
    ([1.0, 0.0, -1.0], [0.0, -1.0, 0.0])
    """
    check_samples(x, fft_length)
    samples = known_size(x, -1) if fft_length is None else fft_length
    x = fitted(x, samples)
    cosines, sines = _waves(samples, samples // 2 + 1, samples, dtype_of(x))
    return ops.matmul(x, cosines), ops.negative(ops.matmul(x, sines))


@op(shape=irfft_shape, dtype=floating)
def irfft(x: Sequence[TensorLike], fft_length: int | None = None) -> Tensor:
    """Inverse of `rfft`.

    Parameters
    ----------
    x : pair of tensor_like, shape (..., frequencies)
        Real and imaginary parts. The imaginary part of the frequency 0 is left out, and where `fft_length` is even,
        that of the highest one.
    fft_length : int, optional
        Number of samples, by default ``2 * (frequencies - 1)``. Frequencies are cut off or filled up with zeros to
        ``fft_length // 2 + 1``.

    Returns
    -------
    tensor, shape (..., fft_length)

    Raises
    ------
    ValueError
        If `fft_length` is not positive, or `x` is no pair of tensors of the same shape.

    Examples
    --------
    >>> irfft(([1.0, 0.0, -1.0], [0.0, -1.0, 0.0])).tolist()
    [0.0, 1.0, 0.0, 0.0]
    """
    irfft_shape(x, fft_length)
    samples = 2 * (known_size(x[0], -1) - 1) if fft_length is None else fft_length
    bins = samples // 2 + 1
    real, imaginary = (fitted(part, bins) for part in x)
    cosines, sines = _waves(bins, samples, samples, dtype_of(real))
    weights = (occurrences(samples) / samples).astype(cosines.dtype)
    return ops.subtract(
        ops.matmul(ops.multiply(real, weights), cosines), ops.matmul(ops.multiply(imaginary, weights), sines)
    )


def occurrences(samples: int) -> Array:
    """How often each frequency of `rfft` occurs in the whole transform: all but the first, and the last of an even
    number, stand for their conjugates too.

    Examples
    --------
    >>> occurrences(4).tolist(), occurrences(5).tolist()
    ([1.0, 2.0, 1.0], [1.0, 2.0, 2.0])
    """
    counts = np.full(samples // 2 + 1, 2.0)
    counts[0] = 1.0
    if samples % 2 == 0:
        counts[-1] = 1.0
    return counts
