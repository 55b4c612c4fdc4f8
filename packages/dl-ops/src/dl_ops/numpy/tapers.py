"""Tapers, or window functions, of signals: symmetric, and in the default float.

They are worked out in float64 and on the host, since they depend on nothing but numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_ops.dtypes import standardize_dtype
from dl_ops.interchange import convert_to_tensor
from dl_ops.op import op
from dl_ops.rules import DtypeRule
from dl_ops.typing import Array, Shape, Tensor

__all__ = ["bartlett", "blackman", "hamming", "hanning", "kaiser"]

_default_float: Final = DtypeRule(lambda dtypes: None, lambda dtype, arguments: standardize_dtype(None))


def _length(x: Any, *options: Any) -> Shape:
    """Shape of the result, from a number of points that may come as a tensor."""
    count = int(x)
    if count != x or count < 0:
        raise ValueError(f"x={x!r}: expected a number of points, an integer that is not negative")
    return (count,)


def _taper(function: Callable[..., Array], x: Any, *options: float) -> Tensor:
    (count,) = _length(x)
    return convert_to_tensor(function(count, *options), standardize_dtype(None))


@op(shape=_length, dtype=_default_float)
def bartlett(x: int) -> Tensor:
    """Bartlett's taper, a triangle: ``1 - |2 n / (x - 1) - 1|``.

    Parameters
    ----------
    x : int
        Number of points. A single one is 1.

    Returns
    -------
    tensor, shape (x,)

    Raises
    ------
    ValueError
        If `x` is negative or no integer.

    References
    ----------
    Bartlett, "Periodogram Analysis and Continuous Spectra", Biometrika 37, 1950.

    Examples
    --------
    >>> bartlett(5).tolist()
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    return _taper(np.bartlett, x)


@op(shape=_length, dtype=_default_float)
def blackman(x: int) -> Tensor:
    """Blackman's taper: ``0.42 - 0.5 cos(t) + 0.08 cos(2 t)`` with ``t = 2 pi n / (x - 1)``.

    Parameters
    ----------
    x : int
        Number of points. A single one is 1.

    Returns
    -------
    tensor, shape (x,)

    Raises
    ------
    ValueError
        If `x` is negative or no integer.

    References
    ----------
    Blackman and Tukey, "The Measurement of Power Spectra", 1958.

    Examples
    --------
    >>> [round(y, 2) for y in blackman(5).tolist()]
    [-0.0, 0.34, 1.0, 0.34, -0.0]
    """
    return _taper(np.blackman, x)


@op(shape=_length, dtype=_default_float)
def hamming(x: int) -> Tensor:
    """Hamming's taper: ``0.54 - 0.46 cos(2 pi n / (x - 1))``.

    Parameters
    ----------
    x : int
        Number of points. A single one is 1.

    Returns
    -------
    tensor, shape (x,)

    Raises
    ------
    ValueError
        If `x` is negative or no integer.

    References
    ----------
    Blackman and Tukey, "The Measurement of Power Spectra", 1958.

    Examples
    --------
    >>> [round(y, 2) for y in hamming(5).tolist()]
    [0.08, 0.54, 1.0, 0.54, 0.08]
    """
    return _taper(np.hamming, x)


@op(shape=_length, dtype=_default_float)
def hanning(x: int) -> Tensor:
    """Hann's taper: ``0.5 - 0.5 cos(2 pi n / (x - 1))``.

    Parameters
    ----------
    x : int
        Number of points. A single one is 1.

    Returns
    -------
    tensor, shape (x,)

    Raises
    ------
    ValueError
        If `x` is negative or no integer.

    References
    ----------
    Blackman and Tukey, "The Measurement of Power Spectra", 1958.

    Examples
    --------
    >>> hanning(5).tolist()
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    return _taper(np.hanning, x)


@op(shape=_length, dtype=_default_float)
def kaiser(x: int, beta: float) -> Tensor:
    """Kaiser's taper: ``i0(beta sqrt(1 - t ** 2)) / i0(beta)`` with `t` from -1 to 1, and `i0` a Bessel function.

    Parameters
    ----------
    x : int
        Number of points. A single one is 1.
    beta : float
        How narrow it is: 0 gives a rectangle, 6 about `hanning`, 8.6 about `blackman`.

    Returns
    -------
    tensor, shape (x,)

    Raises
    ------
    ValueError
        If `x` is negative or no integer.

    References
    ----------
    Kaiser, "Digital Filters", in Kuo and Kaiser, "System Analysis by Digital Computer", 1966.

    Examples
    --------
    >>> kaiser(3, 0.0).tolist()
    [1.0, 1.0, 1.0]
    """
    return _taper(np.kaiser, x, float(beta))
