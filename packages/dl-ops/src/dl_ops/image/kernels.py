"""Interpolation kernels: how much a pixel counts, by its distance from where an image is sampled.

Each is written once, for NumPy's functions and for ops alike: weights that are constants are worked out in NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

Kernel = Callable[[Any, Any], Any]
"""Takes a namespace, ``numpy`` or ``ops``, and distances in pixels."""


def _triangle(xp: Any, x: Any) -> Any:
    return xp.maximum(xp.subtract(1.0, x), 0.0)


def _polynomial(xp: Any, x: Any, *coefficients: float) -> Any:
    """Value by Horner's scheme, the highest power first."""
    y: Any = coefficients[0]
    for coefficient in coefficients[1:]:
        y = xp.add(xp.multiply(y, x), coefficient)
    return y


def _cubic(xp: Any, x: Any) -> Any:
    """Keys's interpolation kernel with a = -1/2."""
    near, far = _polynomial(xp, x, 1.5, -2.5, 0.0, 1.0), _polynomial(xp, x, -0.5, 2.5, -4.0, 2.0)
    return xp.where(xp.less(x, 1.0), near, xp.where(xp.less(x, 2.0), far, 0.0))


def _lanczos(lobes: int) -> Kernel:
    def kernel(xp: Any, x: Any) -> Any:
        # nearer to 0 than this the sines' ratio is 1, and its gradient 0
        tiny = xp.less(x, 1e-4)
        angle = xp.multiply(xp.where(tiny, 0.5, x), math.pi)
        sines = xp.multiply(xp.sin(angle), xp.sin(xp.divide(angle, lobes)))
        window = xp.divide(xp.multiply(sines, lobes), xp.multiply(angle, angle))
        return xp.where(tiny, 1.0, xp.where(xp.less(x, lobes), window, 0.0))

    return kernel


KERNELS: Final[dict[str, Kernel]] = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}


def interpolation_weights(xp: Any, places: Any, pixels: Any, kernel: Kernel, width: Any) -> Any:
    """Weights of pixels in the values at some places; those of a place add up to 1.

    Parameters
    ----------
    xp : module
        ``numpy``, or ``ops`` for tensors.
    places : array or tensor, shape (places, 1)
        In pixels, 0 being the middle of the first one.
    pixels : array or tensor, shape (pixels,)
        Their numbers.
    kernel : Kernel
    width : float or tensor
        What the kernel is widened by.

    Returns
    -------
    array or tensor, shape (places, pixels)
    """
    weights = kernel(xp, xp.divide(xp.absolute(xp.subtract(places, pixels)), width))
    total = xp.sum(weights, axis=-1, keepdims=True)
    # without any pixel near it, a place has none
    return xp.divide(weights, xp.where(xp.greater(xp.absolute(total), 1e-4), total, math.inf))
