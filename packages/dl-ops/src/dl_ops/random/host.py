"""Random numbers on the host, the same whatever the backend: initial weights are drawn from these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dl_ops.typing import Array

__all__ = ["host_generator", "truncated_standard_normal"]

FloatType = type[np.float32] | type[np.float64]


def host_generator(seed: int | Sequence[int] | Array) -> np.random.Generator:
    """NumPy generator that a seed determines.

    Parameters
    ----------
    seed : int, or two integers
        Two integers are a key as `draw_key` gives; each from 0 to ``2 ** 32 - 1``. An integer is the key ``(seed, 0)``.

    Returns
    -------
    numpy.random.Generator
        Different keys give independent streams.

    Raises
    ------
    ValueError
        If `seed` is out of range.

    References
    ----------
    Doty-Humphrey, "PractRand", pracrand.sourceforge.net (SFC64). Half the time of generators with counters, which
    matters since drawing is most of what creating a model takes.

    Examples
    --------
    >>> int(host_generator(7).integers(100)) == int(host_generator((7, 0)).integers(100))
    True
    """
    words: list[Any] = [seed, 0] if isinstance(seed, (int, np.integer)) else list(seed)
    if len(words) != 2 or not all(0 <= int(word) < 2**32 for word in words):
        raise ValueError(f"host_generator(seed={seed!r}): expected one or two integers from 0 to 2**32 - 1")
    return np.random.Generator(np.random.SFC64([int(words[0]), int(words[1])]))


def truncated_standard_normal(
    generator: np.random.Generator, shape: Sequence[int], dtype: FloatType = np.float64
) -> Array:
    """Draw from the standard normal distribution without what lies more than 2 from 0.

    Parameters
    ----------
    generator : numpy.random.Generator
    shape : sequence of int
    dtype : numpy.float32 or numpy.float64, default numpy.float64
        What is drawn.

    Returns
    -------
    numpy.ndarray

    Examples
    --------
    >>> bool(abs(truncated_standard_normal(host_generator(1), (100,))).max() <= 2)
    True
    """
    values = standard_normal(generator, shape, dtype)
    outside = np.abs(values) > 2
    # a draw lies outside once in 22, so few rounds are needed
    while np.any(outside):
        values[outside] = generator.standard_normal(int(np.count_nonzero(outside)), dtype)
        outside = np.abs(values) > 2
    return values


def standard_normal(generator: np.random.Generator, shape: Sequence[int], dtype: FloatType = np.float64) -> Array:
    """Draw from the standard normal distribution.

    Parameters
    ----------
    generator, shape, dtype
        As for `truncated_standard_normal`.
    """
    # of shape () the generator gives a number
    return np.asarray(generator.standard_normal(shape, dtype))


def between(generator: np.random.Generator, shape: Sequence[int], dtype: FloatType, low: float, high: float) -> Array:
    """Draw from the uniform distribution between two numbers.

    Parameters
    ----------
    generator, shape, dtype
        As for `truncated_standard_normal`.
    low, high : float
    """
    return scaled(np.asarray(generator.random(shape, dtype)), high - low, low)


def scaled(values: Array, factor: float, summand: float = 0.0) -> Array:
    """``values * factor + summand``, in the place of the values.

    Parameters
    ----------
    values : numpy.ndarray
    factor, summand : float

    Examples
    --------
    >>> scaled(np.array([1.0, 2.0]), 2.0, 0.5)
    array([2.5, 4.5])
    """
    values *= factor
    if summand:
        values += summand
    return values
