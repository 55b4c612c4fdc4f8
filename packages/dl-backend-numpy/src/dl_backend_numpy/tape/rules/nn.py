"""Rules of activations, losses and other kernels of networks."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from dl_backend_numpy.nn import losses
from dl_backend_numpy.numpy.reductions import column_sums
from dl_backend_numpy.tape.functions import fn
from dl_backend_numpy.tape.kinds import Kernel, Rules
from dl_backend_numpy.tape.rules.reductions import spread_over
from dl_backend_numpy.tape.traced import Traced, strip
from dl_ops.rules import standardize_axis
from dl_ops.typing import Axis


def _softmax(g: Any, y: Any, x: Any, axis: Axis = -1) -> Any:
    scaled = g * y
    return scaled - y * fn.sum(scaled, axis, True)


def _log_softmax(g: Any, y: Any, x: Any, axis: Axis = -1) -> Any:
    return g - fn.exp(y) * fn.sum(g, axis, True)


def _sparse_categorical_crossentropy(
    g: Any,
    y: Any,
    target: Any,
    output: Any,
    from_logits: bool = False,
    axis: int = -1,
    saved: losses.Saved | None = None,
) -> Any:
    axis = standardize_axis(axis, output.ndim)
    bare = strip(output)
    places, valid = losses.class_places(target, bare, axis) if saved is None else saved[1:]
    if valid is not None:
        g = g * valid
    g = g.reshape((*g.shape[:axis], 1, *g.shape[axis:]))
    if from_logits:
        if saved is None or saved.quotient is None or type(g) is Traced:
            return (fn.softmax(output, axis) - _chosen(bare, places)) * g
        p = np.divide(*saved.quotient)
        p[places] -= 1
        p *= g
        return p
    # clipping has no gradient
    kept = losses.scaled_probabilities(bare, axis) == bare / bare.sum(axis, keepdims=True)
    chosen = _chosen(bare, places) * kept
    return (np.sum(chosen, axis, keepdims=True) / fn.sum(output, axis, True) - chosen / output) * g


def _mean_sparse_categorical_crossentropy(
    g: Any,
    y: Any,
    target: Any,
    output: Any,
    from_logits: bool = False,
    axis: int = -1,
    saved: losses.Saved | None = None,
) -> Any:
    place = standardize_axis(axis, output.ndim)
    shape = output.shape[:place] + output.shape[place + 1 :]
    each = spread_over(g / math.prod(shape), shape)
    return _sparse_categorical_crossentropy(each, y, target, output, from_logits, axis, saved)


def _chosen(output: Any, places: Any) -> Any:
    chosen = np.zeros_like(output)
    chosen[places] = 1
    return chosen


def _rows(x: Any, count: int) -> Any:
    return fn.reshape(x, (-1, count))


def _affine_of_x(g: Any, y: Any, x: Any, kernel: Any, bias: Any, axes: int = 1) -> Any:
    if kernel.ndim == 2:
        return fn.matmul(g, kernel.T)
    columns = math.prod(bias.shape)
    return fn.reshape(fn.matmul(_rows(g, columns), _rows(kernel, columns).T), x.shape)


def _affine_of_kernel(g: Any, y: Any, x: Any, kernel: Any, bias: Any, axes: int = 1) -> Any:
    if x.ndim == 2 and kernel.ndim == 2:
        return fn.matmul(x.T, g)
    rows = math.prod(kernel.shape[:axes])
    return fn.reshape(fn.matmul(_rows(x, rows).T, _rows(g, math.prod(bias.shape))), kernel.shape)


def _affine_of_bias(g: Any, y: Any, x: Any, kernel: Any, bias: Any, axes: int = 1) -> Any:
    if type(g) is np.ndarray and g.dtype.char in "fd":
        if g.ndim == 2 and bias.ndim == 1:
            return column_sums(g)
        return column_sums(g.reshape(-1, math.prod(bias.shape))).reshape(bias.shape)
    return fn.reshape(fn.sum(_rows(g, math.prod(bias.shape)), 0), bias.shape)


RULES: Final[dict[str, Rules]] = {
    "affine": (_affine_of_x, _affine_of_kernel, _affine_of_bias),
    "relu": (lambda g, y, x: g * (strip(x) > 0),),
    "relu6": (lambda g, y, x: g * ((strip(x) > 0) & (strip(x) < 6)),),
    "sigmoid": (lambda g, y, x: g * (y * (1 - y)),),
    "log_sigmoid": (lambda g, y, x: g * fn.sigmoid(-x),),
    "softplus": (lambda g, y, x: g * fn.sigmoid(x),),
    "softsign": (lambda g, y, x: g / fn.square(fn.absolute(x) + 1),),
    "silu": (lambda g, y, x: g * (fn.sigmoid(x) * (1 - y) + y),),
    "sparse_categorical_crossentropy": (None, _sparse_categorical_crossentropy),
    "mean_sparse_categorical_crossentropy": (None, _mean_sparse_categorical_crossentropy),
    "softmax": (_softmax,),
    "log_softmax": (_log_softmax,),
}

SAVING: Final[dict[str, Kernel]] = {
    "sparse_categorical_crossentropy": losses.sparse_categorical_crossentropy_and_saved,
    "mean_sparse_categorical_crossentropy": losses.mean_sparse_categorical_crossentropy_and_saved,
}

ELEMENTWISE: Final = frozenset(
    {
        "log_sigmoid",
        "relu",
        "relu6",
        "sigmoid",
        "silu",
        "softplus",
        "softsign",
    }
)
