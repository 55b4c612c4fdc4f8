"""Networks in NumPy: functions of weights and inputs that give the outputs, and a function from their gradient to the
weights' gradients.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from tools.bench.by_hand.loop import LAYER_EPSILON

Weights = Sequence[Any]
Backward = Callable[[Any], list[Any]]


def _mlp(weights: Weights, x: Any) -> tuple[Any, Backward]:
    w1, b1, w2, b2 = weights
    hidden = np.maximum(x @ w1 + b1, 0)

    def backward(dy: Any) -> list[Any]:
        dh = (dy @ w2.T) * (hidden > 0)
        return [x.T @ dh, dh.sum(axis=0), hidden.T @ dy, dy.sum(axis=0)]

    return hidden @ w2 + b2, backward


_SHIFTS: Final = list(itertools.product(range(3), range(3)))
_CORNERS: Final = [np.s_[:, i::2, j::2] for i in range(2) for j in range(2)]


def _convolved(x: Any, filters: Any, bias: Any) -> tuple[Any, Callable[[Any], tuple[Any, Any, Any]]]:
    """ReLU of a convolution with filters of 3 x 3 as one product of matrices; the input's gradient comes first."""
    n, height, width, channels = x.shape
    matrix = filters.reshape(-1, filters.shape[-1])
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    columns = np.concatenate([padded[:, i : i + height, j : j + width] for i, j in _SHIFTS], axis=-1)
    columns = columns.reshape(-1, len(matrix))
    y = np.maximum(columns @ matrix + bias, 0)

    def backward(dy: Any) -> tuple[Any, Any, Any]:
        dy = dy.reshape(y.shape) * (y > 0)
        parts = (dy @ matrix.T).reshape(n, height, width, 9, channels)
        dx = np.zeros_like(padded)
        for place, (i, j) in enumerate(_SHIFTS):
            dx[:, i : i + height, j : j + width] += parts[..., place, :]
        return dx[:, 1:-1, 1:-1], (columns.T @ dy).reshape(filters.shape), dy.sum(axis=0)

    return y.reshape(n, height, width, -1), backward


def _pooled(x: Any) -> tuple[Any, Callable[[Any], Any]]:
    corners = [x[corner] for corner in _CORNERS]
    y = np.maximum(np.maximum(corners[0], corners[1]), np.maximum(corners[2], corners[3]))

    def backward(dy: Any) -> Any:
        dx = np.empty_like(x)
        for corner, part in zip(_CORNERS, corners, strict=True):
            np.multiply(dy, part == y, out=dx[corner])
        return dx

    return y, backward


def _convolutional(weights: Weights, x: Any) -> tuple[Any, Backward]:
    *convolutions, kernel, bias = weights
    steps = []
    for filters, b in zip(convolutions[::2], convolutions[1::2], strict=True):
        y, convolution = _convolved(x, filters, b)
        x, pooling = _pooled(y)
        steps.append((convolution, pooling))
    shape = x.shape
    flat = x.reshape(len(x), -1)

    def backward(dy: Any) -> list[Any]:
        found = [dy.sum(axis=0), flat.T @ dy]
        dx = (dy @ kernel.T).reshape(shape)
        for convolution, pooling in reversed(steps):
            dx, of_filters, of_bias = convolution(pooling(dx))
            found += [of_bias, of_filters]
        return found[::-1]

    return flat @ kernel + bias, backward


def _normalized(x: Any, gamma: Any, beta: Any) -> tuple[Any, Callable[[Any], tuple[Any, Any, Any]]]:
    """Layer normalization; the input's gradient comes first."""
    centred = x - x.mean(axis=-1, keepdims=True)
    scale = 1 / np.sqrt(np.mean(centred * centred, axis=-1, keepdims=True) + LAYER_EPSILON)
    normal = centred * scale

    def backward(dy: Any) -> tuple[Any, Any, Any]:
        dn = dy * gamma
        inner = dn - dn.mean(axis=-1, keepdims=True) - normal * (dn * normal).mean(axis=-1, keepdims=True)
        return inner * scale, (dy * normal).sum(axis=0), dy.sum(axis=0)

    return normal * gamma + beta, backward


def _block(weights: Weights, x: Any, batch: int) -> tuple[Any, Callable[[Any], tuple[Any, list[Any]]]]:
    """Block of a transformer on rows of tokens; gradients of the rows, and of the weights."""
    wq, bq, wk, bk, wv, bv, wo, bo, gamma1, beta1, w1, b1, w2, b2, gamma2, beta2 = weights
    width, heads, size = wq.shape
    factor = np.float32(size**-0.5)

    def split(y: Any) -> Any:
        return y.reshape(batch, -1, heads, size).transpose(0, 2, 1, 3)

    def join(y: Any) -> Any:
        return y.transpose(0, 2, 1, 3).reshape(-1, width)

    flat = [w.reshape(width, width) for w in (wq, wk, wv)]
    query, key, value = (split(x @ w + b.reshape(-1)) for w, b in zip(flat, (bq, bk, bv), strict=True))
    scores = (query * factor) @ key.transpose(0, 1, 3, 2)
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    scores /= scores.sum(axis=-1, keepdims=True)
    attended, out = join(scores @ value), wo.reshape(width, width)
    middle, first = _normalized(x + attended @ out + bo, gamma1, beta1)
    hidden = np.maximum(middle @ w1 + b1, 0)
    y, second = _normalized(middle + hidden @ w2 + b2, gamma2, beta2)

    def backward(dy: Any) -> tuple[Any, list[Any]]:
        dmixed, of_gamma2, of_beta2 = second(dy)
        dhidden = (dmixed @ w2.T) * (hidden > 0)
        dsum, of_gamma1, of_beta1 = first(dmixed + dhidden @ w1.T)
        dattended = split(dsum @ out.T)
        dscores = dattended @ value.transpose(0, 1, 3, 2)
        dscores = scores * (dscores - (dscores * scores).sum(axis=-1, keepdims=True)) * factor
        parts = [join(dscores @ key), join(dscores.transpose(0, 1, 3, 2) @ query)]
        parts.append(join(scores.transpose(0, 1, 3, 2) @ dattended))
        dx, found = dsum, []
        for d, w in zip(parts, flat, strict=True):
            dx = dx + d @ w.T
            found += [(x.T @ d).reshape(wq.shape), d.sum(axis=0).reshape(bq.shape)]
        found += [(attended.T @ dsum).reshape(wo.shape), dsum.sum(axis=0), of_gamma1, of_beta1]
        found += [middle.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dmixed, dmixed.sum(axis=0), of_gamma2, of_beta2]
        return dx, found

    return y, backward


def _transformer(weights: Weights, tokens: Any) -> tuple[Any, Backward]:
    table, *blocks, kernel, bias = weights
    batch, length = tokens.shape
    x = table[tokens.reshape(-1)]
    steps = []
    for start in range(0, len(blocks), 16):
        x, step = _block(blocks[start : start + 16], x, batch)
        steps.append(step)
    mean = x.reshape(batch, length, -1).mean(axis=1)

    def backward(dy: Any) -> list[Any]:
        dx = np.repeat((dy @ kernel.T) / length, length, axis=0)
        found: list[Any] = []
        for step in reversed(steps):
            dx, of_block = step(dx)
            found = of_block + found
        of_table = np.zeros_like(table)
        np.add.at(of_table, tokens.reshape(-1), dx)
        return [of_table, *found, mean.T @ dy, dy.sum(axis=0)]

    return mean @ kernel + bias, backward


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _recurrent(weights: Weights, x: Any) -> tuple[Any, Backward]:
    w, u, b, kernel, bias = weights
    units, steps = len(u), x.shape[1]
    hidden = memory = np.zeros((len(x), units), "float32")
    inputs = x @ w + b
    kept = []
    for t in range(steps):
        i, f, c, o = np.split(inputs[:, t] + hidden @ u, 4, axis=-1)
        i, f, c, o = _sigmoid(i), _sigmoid(f), np.tanh(c), _sigmoid(o)
        before, memory_before, memory = hidden, memory, f * memory + i * c
        curved = np.tanh(memory)
        hidden = o * curved
        kept.append((before, memory_before, curved, i, f, c, o))
    last = hidden

    def backward(dy: Any) -> list[Any]:
        dhidden, dmemory = dy @ kernel.T, np.zeros_like(last)
        of_u = np.zeros_like(u)
        dz = np.empty_like(inputs)
        for t in reversed(range(steps)):
            before, memory_before, curved, i, f, c, o = kept[t]
            dmemory = dmemory + dhidden * o * (1 - curved**2)
            z = dz[:, t]
            z[:, :units] = dmemory * c * i * (1 - i)
            z[:, units : 2 * units] = dmemory * memory_before * f * (1 - f)
            z[:, 2 * units : 3 * units] = dmemory * i * (1 - c**2)
            z[:, 3 * units :] = dhidden * curved * o * (1 - o)
            of_u += before.T @ z
            dhidden, dmemory = z @ u.T, dmemory * f
        flat = dz.reshape(-1, 4 * units)
        return [x.reshape(-1, len(w)).T @ flat, of_u, flat.sum(axis=0), last.T @ dy, dy.sum(axis=0)]

    return last @ kernel + bias, backward


FORWARD: Final[Mapping[str, Callable[[Weights, Any], tuple[Any, Backward]]]] = {
    "mlp": _mlp,
    "convolutional": _convolutional,
    "transformer": _transformer,
    "recurrent": _recurrent,
}
