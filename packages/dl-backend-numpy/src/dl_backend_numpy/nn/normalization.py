"""Normalization of samples in place, sums as products with ones: a matrix times a vector takes a fifth of the time."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from dl_backend_numpy.default import default
from dl_backend_numpy.numpy.precision import FLOATS, narrowed, widened
from dl_backend_numpy.numpy.reductions import column_sums, row_sums
from dl_ops import config
from dl_ops.backend import Kernels
from dl_ops.rules import standardize_axes
from dl_ops.typing import Array, Axis

kernels = Kernels()


class Saved(NamedTuple):
    """What the gradient needs of a normalization's computation: rows of samples and what each was multiplied by."""

    normal: Array
    factor: Array


def is_covered(x: Any, gamma: Any = None, beta: Any = None, axis: Axis = -1, *options: Any, **more: Any) -> bool:
    """Whether the axes are the last ones, the parameters are of their sizes, and sums are to be had in the dtype."""
    if more or x.dtype.type not in FLOATS or not x.size or not x.ndim:
        return False
    axes = standardize_axes(axis, x.ndim)
    if axes != tuple(range(x.ndim - len(axes), x.ndim)):
        return False
    shape = x.shape[x.ndim - len(axes) :]
    return (gamma is None or gamma.shape == shape) and (beta is None or beta.shape == shape)


@kernels.add
def layer_normalization(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    axis: Axis = -1,
    epsilon: float | None = None,
    **kwargs: Any,
) -> Array:
    if not is_covered(x, gamma, beta, axis, **kwargs):
        return default("layer_normalization", x, gamma, beta, axis, epsilon, **kwargs)  # type: ignore[no-any-return]  # an array
    return layer_normalization_and_saved(x, gamma, beta, axis, epsilon)[0]


def layer_normalization_and_saved(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    axis: Axis = -1,
    epsilon: float | None = None,
) -> tuple[Array, Saved]:
    """The result, and what the rule need not compute again."""
    rank = len(standardize_axes(axis, x.ndim))
    rows = _rows(x, math.prod(x.shape[x.ndim - rank :]))
    normal = rows - _mean(rows)
    y = normal * normal
    factor = _mean(y)
    factor += config.epsilon() if epsilon is None else epsilon
    np.sqrt(factor, out=factor)
    np.divide(1, factor, out=factor)
    normal *= factor
    if gamma is None:
        np.copyto(y, normal)
    else:
        np.multiply(normal, gamma.reshape(-1), out=y)
    if beta is not None:
        y += beta.reshape(-1)
    return narrowed(y.reshape(x.shape), x.dtype), Saved(normal, factor)


def layer_normalization_gradients(saved: Saved, g: Array, gamma: Array | None) -> list[Array]:
    """Gradients for the input, the factors and the shift; what was saved is used up."""
    normal, factor = saved
    rows = _rows(g, normal.shape[1])
    product = rows * normal
    found = [column_sums(product), column_sums(rows)]
    if gamma is None:
        normal *= _mean(product)
        d = np.subtract(rows, _mean(rows), out=product)
    else:
        weights = gamma.reshape(-1).astype(rows.dtype, copy=False)
        shares = weights[:, None] / len(weights)
        normal *= product @ shares
        d = np.multiply(rows, weights, out=product)
        d -= rows @ shares
    d -= normal
    d *= factor
    return [d.reshape(g.shape), *found]


def _rows(x: Array, size: int) -> Array:
    return widened(x).reshape(-1, size)


def _mean(rows: Array) -> Array:
    """Of each row, as a column."""
    mean = row_sums(rows)
    mean /= rows.shape[1]
    return mean
