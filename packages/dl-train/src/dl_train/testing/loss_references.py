"""Losses as plain formulas in NumPy, one value per sample, by the name of the class."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from dl_ops.typing import Array

EPSILON: Final = 1e-7


def sigmoid(x: Array) -> Array:
    """Probabilities of logits."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def softmax(x: Array, axis: int = -1) -> Array:
    """Probabilities of the logits of classes."""
    e = np.exp(x - x.max(axis, keepdims=True))
    return np.asarray(e / e.sum(axis, keepdims=True))


def huber(t: Array, p: Array, delta: float = 1.0) -> Array:
    """A parabola, continued by straight lines."""
    d = np.abs(t - p)
    return np.asarray(np.where(d <= delta, d**2 / 2, delta * d - delta**2 / 2).mean(-1))


def percentage(t: Array, p: Array) -> Array:
    """Absolute differences in percent."""
    return np.asarray(100 * np.mean(np.abs(t - p) / np.maximum(np.abs(t), EPSILON), -1))


def logarithmic(t: Array, p: Array) -> Array:
    """Squared logarithms of ratios of ``1 + y``."""
    t, p = np.maximum(t, EPSILON), np.maximum(p, EPSILON)
    return np.asarray(np.mean(np.log((1 + t) / (1 + p)) ** 2, -1))


def log_cosh(t: Array, p: Array) -> Array:
    """Logarithm of the hyperbolic cosine."""
    d = np.abs(p - t)
    return np.asarray(np.mean(d + np.log1p(np.exp(-2 * d)) - np.log(2), -1))


def cosine(t: Array, p: Array, axis: int = -1) -> Array:
    """Minus the cosine."""
    lengths = np.sqrt((t**2).sum(axis) * (p**2).sum(axis))
    return np.asarray(-(t * p).sum(axis) / np.where(lengths == 0, 1, lengths))


def hinge(t: Array, p: Array, power: int = 1) -> Array:
    """What is lacking to a margin of 1, to a power."""
    signs = np.where(t > 0, 1.0, -1.0)
    return np.asarray(np.mean(np.maximum(1 - signs * p, 0) ** power, -1))


def categorical_hinge(t: Array, p: Array) -> Array:
    """What the right class lacks to exceed the others by 1."""
    return np.array([max(np.max(x * (1 - y)) - x[y == 1].sum() + 1, 0) for x, y in zip(p, t, strict=True)])


def divergence(t: Array, p: Array) -> Array:
    """Kullback and Leibler's."""
    t, p = np.clip(t, EPSILON, 1), np.clip(p, EPSILON, 1)
    return np.asarray(np.sum(t * np.log(t) - t * np.log(p), -1))


def poisson(t: Array, p: Array) -> Array:
    """Up to what predictions cannot change."""
    return np.asarray(np.mean(p - t * np.log(p + EPSILON), -1))


def binary(
    t: Array,
    p: Array,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
    gamma: float = 0.0,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
) -> Array:
    """Cross-entropy of yes or no, with the factors of a focal loss."""
    p = sigmoid(p) if from_logits else p
    t = (1 - label_smoothing) * t + label_smoothing / 2
    right = t * p + (1 - t) * (1 - p)
    weight = t * alpha + (1 - t) * (1 - alpha) if apply_class_balancing else 1.0
    losses = -t * np.log(p) - (1 - t) * np.log(1 - p)
    return np.asarray(np.mean(weight * (1 - right) ** gamma * losses, axis))


def categorical(
    t: Array,
    p: Array,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
    gamma: float = 0.0,
    alpha: Any = 1.0,
) -> Array:
    """Cross-entropy of one-hot classes, with the factors of a focal loss."""
    p = softmax(p, axis) if from_logits else p / p.sum(axis, keepdims=True)
    t = (1 - label_smoothing) * t + label_smoothing / t.shape[axis]
    return np.asarray(-np.sum(np.asarray(alpha) * (1 - p) ** gamma * t * np.log(p), axis))


def sparse(t: Array, p: Array, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1) -> Array:
    """Cross-entropy of class numbers."""
    p = np.moveaxis(softmax(p, axis) if from_logits else p / p.sum(axis, keepdims=True), axis, -1)
    return _of_classes(t, p, lambda right: -np.log(right), ignore_class)


def generalized(t: Array, p: Array, q: float = 0.5) -> Array:
    """A power of the probability of the class."""
    return _of_classes(t, p, lambda right: (1 - right**q) / q)


def _of_classes(t: Array, p: Array, loss: Callable[[Any], Any], ignored: int | None = None) -> Array:
    """A loss of the probability of each class, 0 for those that are ignored."""
    samples = p.shape[:-1]
    classes = t.reshape(samples).astype(int)
    losses = [0.0 if classes[i] == ignored else loss(p[i][classes[i]]) for i in np.ndindex(*samples)]
    return np.array(losses).reshape(samples)


def dice(t: Array, p: Array, axis: Any = None) -> Array:
    """One minus the share that regions have in common."""
    axis = tuple(axis) if isinstance(axis, list) else axis
    return np.asarray(1 - 2 * (t * p).sum(axis) / (t.sum(axis) + p.sum(axis)))


def tversky(t: Array, p: Array, alpha: float = 0.5, beta: float = 0.5, axis: Any = None) -> Array:
    """The same with weights of what one region has and the other lacks."""
    axis = tuple(axis) if isinstance(axis, list) else axis
    hits, alarms, misses = ((x * y).sum(axis) for x, y in ((t, p), (1 - t, p), (t, 1 - p)))
    return np.asarray(hits / (hits + alpha * alarms + beta * misses) * -1 + 1)


def circle(t: Array, p: Array, gamma: float = 80.0, margin: float = 0.4, remove_diagonal: bool = True) -> Array:
    """In loops over pairs."""
    losses = []
    labels = t.ravel()
    for i, x in enumerate(p):
        near = far = 0.0
        for j, y in enumerate(p):
            s = float(min(x @ y, 1.0))
            if i == j and remove_diagonal:
                continue
            if labels[i] == labels[j]:
                near += np.exp(-gamma * max(1 + margin - s, 0) * (s - 1 + margin))
            else:
                far += np.exp(gamma * max(s + margin, 0) * (s - margin))
        losses.append(np.log1p(near * far))
    return np.array(losses)


def ctc(t: Array, p: Array) -> Array:
    """By enumeration of all alignments."""
    losses = []
    for labels, logs in zip(t, np.log(softmax(p)), strict=True):
        wanted = [int(label) for label in labels if label]
        total = 0.0
        for path in itertools.product(range(logs.shape[-1]), repeat=len(logs)):
            if [label for label, _ in itertools.groupby(path) if label] == wanted:
                total += np.exp(sum(logs[i, label] for i, label in enumerate(path)))
        losses.append(-np.log(total))
    return np.array(losses)


REFERENCES: Final[Mapping[str, Callable[..., Array]]] = {
    "BinaryCrossentropy": binary,
    "BinaryFocalCrossentropy": lambda t, p, **options: binary(t, p, **{"gamma": 2.0, **options}),
    "CTC": ctc,
    "CategoricalCrossentropy": categorical,
    "CategoricalFocalCrossentropy": lambda t, p, **options: categorical(
        t, p, **{"gamma": 2.0, "alpha": 0.25, **options}
    ),
    "CategoricalGeneralizedCrossEntropy": generalized,
    "CategoricalHinge": categorical_hinge,
    "Circle": circle,
    "CosineSimilarity": cosine,
    "Dice": dice,
    "Hinge": hinge,
    "Huber": huber,
    "KLDivergence": divergence,
    "LogCosh": log_cosh,
    "MeanAbsoluteError": lambda t, p: np.abs(t - p).mean(-1),
    "MeanAbsolutePercentageError": percentage,
    "MeanSquaredError": lambda t, p: ((t - p) ** 2).mean(-1),
    "MeanSquaredLogarithmicError": logarithmic,
    "Poisson": poisson,
    "SparseCategoricalCrossentropy": sparse,
    "SquaredHinge": lambda t, p: hinge(t, p, 2),
    "Tversky": tversky,
}


def reduced(losses: Array, weights: Array | None, mask: Array | None, reduction: str | None) -> Array:
    """Losses times weights, of which those that count are summed or averaged."""
    counts = np.ones_like(losses) if mask is None else _leading(mask.astype(float), losses) * np.ones_like(losses)
    w = counts if weights is None else counts * _leading(weights, losses)
    if reduction in ("none", None):
        return np.asarray(losses * w)
    total = np.sum(losses * w)
    numbers: Mapping[str, Any] = {"sum": 1.0, "mean_with_sample_weight": np.sum(w)}
    return np.asarray(total / numbers.get(reduction, np.sum(np.broadcast_to(counts, np.shape(losses * w)))))


def _leading(x: Array, losses: Array) -> Array:
    missing: Sequence[int] = (1,) * max(losses.ndim - x.ndim, 0)
    return x.reshape(*x.shape, *missing)
