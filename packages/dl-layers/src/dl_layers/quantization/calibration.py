"""Rounding kernels to few bits: to the nearest, by GPTQ and by AWQ. In NumPy and float64: it happens once.

Kernels are matrices with inputs in rows and outputs in columns, examples of inputs matrices with inputs in columns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from dl_ops.typing import Array


class Grid(NamedTuple):
    """A kernel as integers: ``(integers - zero[groups]) * scale[groups] / factors`` in floating point."""

    integers: Array  # (inputs, outputs), not negative
    scale: Array  # (number of groups, outputs)
    zero: Array  # (number of groups, outputs), integers
    groups: Array  # (inputs,), which group an input is in
    factors: Array | None = None  # (inputs,)

    def values(self) -> Array:
        """The kernel in floating point."""
        x = (self.integers - self.zero[self.groups]) * self.scale[self.groups]
        return x if self.factors is None else x / self.factors[:, None]


def _range(block: Array, bits: int, symmetric: bool = False, per_channel: bool = True) -> tuple[Array, Array]:
    """Scales and zero points of the columns of a block of rows; zero is always in the range."""
    low = np.minimum(block.min(axis=0), 0.0)
    high = np.maximum(block.max(axis=0), 0.0)
    if not per_channel:
        low, high = np.full_like(low, low.min()), np.full_like(high, high.max())
    if symmetric:
        high = np.maximum(-low, high)
        low = -high
    flat = high - low < 1e-12
    low, high = np.where(flat, -1.0, low), np.where(flat, 1.0, high)
    greatest = 2**bits - 1
    # a file keeps scales in float32
    scale = ((high - low) / greatest).astype("float32").astype("float64")
    zero = np.full_like(scale, 2 ** (bits - 1)) if symmetric else np.clip(np.round(-low / scale), 0, greatest)
    return scale, zero


def _nearest(
    kernel: Array, group_size: int, bits: int, symmetric: bool = False, per_channel: bool = True
) -> tuple[Array, Array, Array]:
    """Integers, scales and zero points of a kernel rounded to the nearest."""
    starts = range(0, len(kernel), group_size)
    ranges = [_range(kernel[i : i + group_size], bits, symmetric, per_channel) for i in starts]
    scale, zero = (np.stack(x) for x in zip(*ranges, strict=True))
    groups = np.arange(len(kernel)) // group_size
    return np.clip(np.round(kernel / scale[groups]) + zero[groups], 0, 2**bits - 1), scale, zero


def rounded(kernel: Array, group_size: int, bits: int, factors: Array | None = None) -> Grid:
    """Round to the nearest."""
    scaled = kernel if factors is None else kernel * factors[:, None]
    integers, scale, zero = _nearest(scaled, group_size, bits)
    return Grid(integers, scale, zero, np.arange(len(kernel)) // group_size, factors)


def gptq(kernel: Array, inputs: Array, group_size: int, config: Any) -> Grid:
    """Round one input's weights after the other; those that follow make up for the error.

    The inverse of the Hessian ``2 / n * inputs.T @ inputs`` says how, by its Cholesky factor. Outputs for which this
    leads out of the range of the integers, so that rounding to the nearest errs less, are rounded so.

    Parameters
    ----------
    kernel : numpy.ndarray, shape (inputs, outputs)
    inputs : numpy.ndarray, shape (n, inputs)
    group_size : int
    config : GPTQConfig

    References
    ----------
    Frantar et al., "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers",
    arXiv:2210.17323, algorithm 1.
    """
    count, bits = len(kernel), config.weight_bits
    hessian = 2.0 / len(inputs) * inputs.T @ inputs
    diagonal = np.diag(hessian).copy()
    # what is always zero changes nothing, whatever its weights are
    dead = diagonal == 0
    hessian[dead, dead] = 1.0
    weights = np.where(dead[:, None], 0.0, kernel)
    order = np.argsort(-diagonal, kind="stable") if config.activation_order else np.arange(count)
    damping = config.hessian_damping * np.mean(np.diag(hessian))
    hessian, weights = hessian[np.ix_(order, order)], weights[order]
    damping = config.hessian_damping * np.mean(np.diag(hessian))
    upper = np.linalg.cholesky(_inverse(hessian + damping * np.eye(count))).T
    groups = np.arange(count) // group_size

    left, integers = weights.copy(), np.empty_like(weights)
    scales, zeros = [], []
    for i in range(count):
        if i % group_size == 0:
            scale, zero = _range(left[i : i + group_size], bits, config.symmetric, config.per_channel)
            scales.append(scale)
            zeros.append(zero)
        integers[i] = np.clip(np.round(left[i] / scale) + zero, 0, 2**bits - 1)
        error = (left[i] - (integers[i] - zero) * scale) / upper[i, i]
        left[i + 1 :] -= np.outer(upper[i, i + 1 :], error)

    found = Grid(integers, np.stack(scales), np.stack(zeros), groups)
    integers, scale, zero = _nearest(weights, group_size, bits, config.symmetric, config.per_channel)
    nearest = Grid(integers, scale, zero, groups)
    errors = [np.sum(d * (hessian @ d), axis=0) for d in (found.values() - weights, nearest.values() - weights)]
    better = (
        errors[0] <= errors[1] if config.per_channel else np.full(weights.shape[1], sum(errors[0]) <= sum(errors[1]))
    )
    integers, scale, zero = (np.where(better, *pair) for pair in zip(found[:3], nearest[:3], strict=True))
    back = np.argsort(order, kind="stable")
    return Grid(integers[back], scale, zero, groups[back])


def _inverse(hessian: Array) -> Array:
    try:
        return np.linalg.inv(hessian)
    except np.linalg.LinAlgError:
        raise ValueError(
            "GPTQ: the Hessian of the examples has no inverse: give more examples, or a larger hessian_damping"
        ) from None


def awq(kernel: Array, inputs: Array, group_size: int, config: Any) -> Grid:
    """Multiply the weights of inputs that are large before rounding, and divide them afterwards.

    The factors are the inputs' mean magnitudes to a power from 0 to 1, that with the least error of the outputs.

    Parameters
    ----------
    kernel : numpy.ndarray, shape (inputs, outputs)
    inputs : numpy.ndarray, shape (n, inputs)
    group_size : int
    config : AWQConfig

    References
    ----------
    Lin et al., "AWQ: Activation-aware Weight Quantization for LLM Compression and Acceleration", arXiv:2306.00978,
    section 3.2.
    """
    magnitude = np.maximum(np.abs(inputs).mean(axis=0), 1e-8)
    # the error of outputs needs no more of the inputs than this
    moments = inputs.T @ inputs / len(inputs)
    best: tuple[float, Grid] | None = None
    for step in range(config.num_grid_points + 1):
        factors = magnitude ** (step / config.num_grid_points)
        factors = (factors / np.sqrt(factors.max() * factors.min())).astype("float32").astype("float64")
        grid = rounded(kernel, group_size, config.weight_bits, factors)
        difference = grid.values() - kernel
        error = float(np.sum(difference * (moments @ difference)))
        if best is None or error < best[0]:
            best = error, grid
    assert best is not None
    return best[1]


CALIBRATIONS: Final[dict[str, Callable[[Array, Array, int, Any], Grid]]] = {"gptq": gptq, "awq": awq}
