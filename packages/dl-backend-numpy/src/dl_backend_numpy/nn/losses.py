"""Cross-entropy with class indices, without the one-hot array of its default."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dl_backend_numpy.numpy import reductions, statistics
from dl_ops import config
from dl_ops.backend import Kernels
from dl_ops.rules import standardize_axis
from dl_ops.typing import Array

kernels = Kernels()


class Saved(NamedTuple):
    """What the gradient needs of a cross-entropy's computation; of logits the exponentials and their sums."""

    quotient: tuple[Array, Array] | None
    places: tuple[Array, ...]
    valid: Array | None


@kernels.add
def sparse_categorical_crossentropy(target: Array, output: Array, from_logits: bool = False, axis: int = -1) -> Array:
    return sparse_categorical_crossentropy_and_saved(target, output, from_logits, axis)[0]


@kernels.add
def mean_sparse_categorical_crossentropy(
    target: Array, output: Array, from_logits: bool = False, axis: int = -1
) -> Array:
    return mean_sparse_categorical_crossentropy_and_saved(target, output, from_logits, axis)[0]


def sparse_categorical_crossentropy_and_saved(
    target: Array, output: Array, from_logits: bool = False, axis: int = -1
) -> tuple[Array, Saved]:
    """The losses, and what the rule need not compute again."""
    axis = standardize_axis(axis, output.ndim)
    places, valid = class_places(target, output, axis)
    if from_logits:
        shifted = output - reductions.max(output, axis, True)
        exponentials = np.exp(shifted)
        sums = reductions.sum(exponentials, axis, True)
        losses = np.log(sums.reshape(output.shape[:axis] + output.shape[axis + 1 :]))
        losses -= shifted[places]
        saved = Saved((exponentials, sums), places, valid)
    else:
        losses = -np.log(scaled_probabilities(output, axis)[places])
        saved = Saved(None, places, valid)
    if valid is not None:
        losses = np.where(valid, losses, losses.dtype.type(np.nan))
    return losses, saved


def mean_sparse_categorical_crossentropy_and_saved(
    target: Array, output: Array, from_logits: bool = False, axis: int = -1
) -> tuple[Array, Saved]:
    """The same for the losses' mean."""
    losses, saved = sparse_categorical_crossentropy_and_saved(target, output, from_logits, axis)
    return statistics.mean(losses), saved


def class_places(target: Array, output: Array, axis: int) -> tuple[tuple[Array, ...], Array | None]:
    """Index of each sample's class in `output`; and which of the classes exist, ``None`` if all do."""
    samples = output.shape[:axis] + output.shape[axis + 1 :]
    if target.ndim == output.ndim and target.shape[-1:] == (1,):
        target = target[..., 0]
    if target.shape != samples:
        raise ValueError(f"target has shape {target.shape}, expected {samples}")
    classes = output.shape[axis]
    target = target.astype(np.intp)
    valid = None
    # as unsigned numbers negative ones are large, so that one look finds both kinds
    if target.size and np.maximum.reduce(target.view(np.uintp), None) >= classes:
        valid = (target >= 0) & (target < classes)
        target = np.where(valid, target, 0)
    if target.ndim == 1:
        grid: tuple[Array, ...] = (np.arange(len(target)),)
    else:
        grid = tuple(np.ogrid[tuple(slice(n) for n in samples)])
    return (*grid[:axis], target, *grid[axis:]), valid


def scaled_probabilities(output: Array, axis: int) -> Array:
    """Probabilities that sum to 1, kept away from 0 and 1."""
    epsilon = config.epsilon()
    probabilities: Array = output / output.sum(axis, keepdims=True)
    # with Python's numbers NumPy makes bfloat16 wider, and clip() does so anyway
    least, most = (probabilities.dtype.type(bound) for bound in (epsilon, 1 - epsilon))
    clipped: Array = np.minimum(np.maximum(probabilities, least), most)
    return clipped.astype(probabilities.dtype, copy=False)
