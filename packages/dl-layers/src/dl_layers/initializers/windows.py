"""Windows over a stretch of samples, by the names that SciPy gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from dl_ops.typing import Array

Window = Callable[[int], Array]


def _places(length: int) -> Array:
    """Positions from -1, the first sample, to 1, the last."""
    return np.linspace(-1.0, 1.0, length)


def _offsets(length: int) -> Array:
    """Distances of the samples from the middle, in samples."""
    return np.asarray(np.abs(np.arange(length) - (length - 1) / 2))


def _cosines(*weights: float) -> Window:
    """Sum of cosines of whole multiples of one turn."""
    orders = np.arange(len(weights))
    return lambda length: np.asarray(np.cos(np.pi * np.outer(_places(length), orders)) @ np.array(weights))


def _triangle(length: int) -> Array:
    return 1 - _offsets(length) / ((length + length % 2) / 2)


def _bohman(length: int) -> Array:
    distance = np.abs(_places(length))
    return (1 - distance) * np.cos(np.pi * distance) + np.sin(np.pi * distance) / np.pi


def _parzen(length: int) -> Array:
    offsets = _offsets(length)
    share = offsets / (length / 2)
    return np.where(offsets <= (length - 1) / 4, 1 - 6 * share**2 * (1 - share), 2 * (1 - share) ** 3)


def _bartlett_hann(length: int) -> Array:
    distance = np.abs(_places(length)) / 2
    return 0.62 - 0.48 * distance + 0.38 * np.cos(2 * np.pi * distance)


def _tukey(length: int) -> Array:
    """Flat in the middle half, half a cosine on either side."""
    outside = np.maximum(np.abs(_places(length)) - 0.5, 0) / 0.5
    return 0.5 * (1 + np.cos(np.pi * outside))


def _taylor(length: int, lobes: int = 4, level: float = 30.0) -> Array:
    """Side lobes next to the main one nearly constant, `level` decibels below it."""
    a = np.arccosh(10 ** (level / 20)) / np.pi
    widening = lobes**2 / (a**2 + (lobes - 0.5) ** 2)
    orders = np.arange(1, lobes)

    def coefficient(m: int) -> float:
        others = orders[orders != m]
        zeros = 1 - m**2 / widening / (a**2 + (orders - 0.5) ** 2)
        return float((-1) ** (m + 1) * np.prod(zeros) / (2 * np.prod(1 - m**2 / others**2)))

    def at(samples: Array) -> Array:
        turns = 2 * np.pi * samples / length
        return 1 + 2 * sum((coefficient(m) * np.cos(m * turns) for m in range(1, lobes)), np.zeros_like(turns))

    return np.asarray(at(np.arange(length) - (length - 1) / 2) / at(np.zeros(1)))


WINDOWS: Final[dict[str, Window]] = {
    **dict.fromkeys(("boxcar", "box", "ones", "rect", "rectangular"), np.ones),
    "hann": _cosines(0.5, 0.5),
    "hamming": _cosines(0.54, 0.46),
    "blackman": _cosines(0.42, 0.5, 0.08),
    "blackmanharris": _cosines(0.35875, 0.48829, 0.14128, 0.01168),
    "nuttall": _cosines(0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "flattop": _cosines(0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
    "bartlett": lambda length: 1 - np.abs(_places(length)),
    **dict.fromkeys(("triang", "triangle"), _triangle),
    "cosine": lambda length: np.sin(np.pi * (np.arange(length) + 0.5) / length),
    "bohman": _bohman,
    "parzen": _parzen,
    "barthann": _bartlett_hann,
    **dict.fromkeys(("lanczos", "sinc"), lambda length: np.sinc(_places(length))),
    **dict.fromkeys(("exponential", "poisson"), lambda length: np.exp(-_offsets(length))),
    "tukey": _tukey,
    "taylor": _taylor,
}
"""Windows that need no parameter: a number of samples to their weights, symmetric about the middle."""


def window_of(name: str, length: int, periodic: bool) -> Array:
    """Weights of the samples under a window.

    Parameters
    ----------
    name : str
        One of `WINDOWS`.
    length : int
        Number of samples.
    periodic : bool
        Whether the window goes on with its first weight after the last, as the discrete Fourier transform has it, or
        is symmetric.

    Returns
    -------
    numpy.ndarray, shape (length,)

    References
    ----------
    Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", Proc. IEEE 66 (1978).

    Examples
    --------
    >>> window_of("hann", 4, periodic=True).round(3).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    if length == 1:
        return np.ones(1)
    return WINDOWS[name](length + 1)[:-1] if periodic else WINDOWS[name](length)
