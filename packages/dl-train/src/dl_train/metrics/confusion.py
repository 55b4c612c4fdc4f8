"""Counts of true and false positives and negatives at thresholds, which many metrics are made of."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from dl_ops import dtypes, ops
from dl_ops.rules import product
from dl_ops.symbolic.inference import static_shape
from dl_ops.typing import Tensor
from dl_ops.variable import Variable
from dl_train.losses.weighting import as_tensor
from dl_train.metrics.base import Metric

# whether what is counted was predicted as positive, and whether it is
OUTCOMES: Final[Mapping[str, tuple[bool, bool]]] = {
    "true_positives": (True, True),
    "false_positives": (True, False),
    "true_negatives": (False, False),
    "false_negatives": (False, True),
}
COMPARED: Final = 8
"""Up to so many thresholds each prediction is compared with each; with more it is sorted into a bucket between two."""


def sensitivity(tp: Any, fp: Any, tn: Any, fn: Any) -> Any:
    """Share of positives that are predicted as such, also called recall."""
    return ops.divide_no_nan(tp, tp + fn)


def specificity(tp: Any, fp: Any, tn: Any, fn: Any) -> Any:
    """Share of negatives that are predicted as such."""
    return ops.divide_no_nan(tn, tn + fp)


def precision(tp: Any, fp: Any, tn: Any, fn: Any) -> Any:
    """Share of predicted positives that are positive."""
    return ops.divide_no_nan(tp, tp + fp)


def fall_out(tp: Any, fp: Any, tn: Any, fn: Any) -> Any:
    """Share of negatives that are predicted as positive."""
    return ops.divide_no_nan(fp, fp + tn)


class ConfusionMetric(Metric):
    """Base of metrics that are made of weighted counts at thresholds: predictions above a threshold are positive.

    A subclass says in ``__init__`` what its thresholds are (`_set_thresholds`) and which outcomes it counts
    (`_count_in`), and in ``update_state`` hands over the batch (`_count`).
    """

    _counts: dict[str, Variable]
    _limits: Any
    _below: Any

    def _set_thresholds(self, thresholds: Sequence[float]) -> None:
        """Count at these thresholds, in this order."""
        self._compared = len(thresholds) <= COMPARED
        order = np.arange(len(thresholds)) if self._compared else np.argsort(thresholds, kind="stable")
        limits = np.asarray(thresholds, "float64")[order]
        self._limits = as_tensor(limits, self._backend, self._dtype)
        # the threshold below each; known only where a multiplication says nearly where a prediction is among them
        even = np.allclose(limits, np.linspace(0.0, 1.0, len(limits)), rtol=0.0, atol=1e-6)
        exact = dtypes.precision(self._dtype) * len(limits) < 0.1
        below = np.concatenate([[-np.inf], limits[:-1]])
        self._below = as_tensor(below, self._backend, self._dtype) if even and exact and not self._compared else None
        inverse = np.argsort(order, kind="stable")
        # places of the thresholds among the sorted ones, where they were not sorted
        self._places = None if np.array_equal(inverse, np.arange(len(order))) else inverse.astype("int32")
        self._counts = {}

    def _count_in(self, outcomes: Iterable[str], shape: tuple[int, ...], name: str | None = None) -> None:
        """Create a variable, and an attribute of its name, for each outcome that is to be counted.

        Parameters
        ----------
        outcomes : iterable of str
        shape : tuple of int
            Number of thresholds, and of labels where these are counted apart.
        name : str, optional
            Of the variable, by default the outcome's.
        """
        for outcome in outcomes:
            variable = self.add_variable(shape, "zeros", name=name or outcome)
            self._counts[outcome] = variable
            setattr(self, variable.name, variable)

    def _count(self, target: Any, output: Any, weights: Any) -> None:
        """Add a batch to the counts.

        Parameters
        ----------
        target, output : tensor, shape (..., labels)
            Targets, of which 0 is negative, and predictions.
        weights : tensor or None
            Broadcasting against them.
        """
        shape = next(iter(self._counts.values())).shape
        labels = shape[1:]
        whole = ops.ones_like(output)
        weights = whole if weights is None else weights * whole
        positive, output, weights = (ops.reshape(x, (-1, *labels)) for x in (ops.not_equal(target, 0), output, weights))
        wanted = [OUTCOMES[name] for name in self._counts]
        counts = (self._by_comparing if self._compared else self._by_buckets)(positive, output, weights, wanted)
        if self._places is not None:
            counts = [ops.take(x, self._places, axis=0) for x in counts]
        self._add(*zip(self._counts.values(), counts, strict=True))

    def _by_comparing(self, positive: Any, output: Any, weights: Any, wanted: Sequence[tuple[bool, bool]]) -> list[Any]:
        # products, as choosing by `where` takes several times as long on some backends
        weights_of_positive: Any = weights * ops.cast(positive, self._dtype)
        of_label = {True: weights_of_positive, False: weights - weights_of_positive}
        limits = ops.reshape(self._limits, (-1, *[1] * len(output.shape)))
        # not what is at most the limit: a prediction that is no number is below, as it is above nothing
        above: Any = ops.cast(ops.greater(ops.expand_dims(output, 0), limits), self._dtype)
        return [ops.sum((above if side else 1.0 - above) * of_label[label], axis=1) for side, label in wanted]

    def _by_buckets(self, positive: Any, output: Any, weights: Any, wanted: Sequence[tuple[bool, bool]]) -> list[Any]:
        """A prediction falls in the bucket between two thresholds; what is above one is in the buckets behind it."""
        labels = tuple(output.shape[1:])
        width: Any = product(labels)
        buckets = self._buckets(ops.reshape(output, (-1,)))
        if width > 1:
            buckets = ops.reshape(ops.reshape(buckets, (-1, width)) * width + ops.arange(width), (-1,))
        cells = buckets * 2 + ops.cast(ops.reshape(positive, (-1,)), buckets.dtype)
        behind = self._limits.shape[0] + 1
        sums: Any = ops.segment_sum(ops.reshape(weights, (-1,)), cells, num_segments=behind * width * 2)
        sums = ops.reshape(sums, (behind, *labels, 2))
        sides = {side for side, _ in wanted}
        # each from its own end, not the total minus the other: nothing must come out as exactly 0
        of_side = {
            side: ops.flip(ops.cumsum(ops.flip(sums, axis=0), axis=0), axis=0)[1:]
            if side
            else ops.cumsum(sums, axis=0)[:-1]
            for side in sides
        }
        return [of_side[side][..., int(label)] for side, label in wanted]

    def _buckets(self, output: Any) -> Any:
        """How many thresholds are below each prediction."""
        if self._below is None:
            return ops.searchsorted(self._limits, output, side="left")
        last = self._limits.shape[0] - 1
        guess = ops.cast(ops.clip(ops.ceil(ops.nan_to_num(output * float(last))), 0.0, float(last)), "int32")
        above = ops.cast(ops.less(ops.take(self._limits, guess), output), "int32")
        return guess + above - ops.cast(ops.greater_equal(ops.take(self._below, guess), output), "int32")

    def _values(self, function: Callable[..., Any]) -> Tensor:
        """A function of the four counts at each threshold; those that are not counted are 0."""
        result: Tensor = function(*(self._counts[name].value if name in self._counts else 0.0 for name in OUTCOMES))
        return result


def one_class(metric: Metric, class_id: int, target: Any, output: Any, weights: Any) -> tuple[Any, Any, Any]:
    """Targets, predictions and weights of one class, which is the last axis.

    Raises
    ------
    ValueError
        If there is no such class.
    """
    shape = tuple(static_shape(output))
    size = shape[-1] if len(shape) > 1 else None
    if len(shape) < 2 or (size is not None and not -size <= class_id < size):
        raise ValueError(f"{metric.name}: y_pred has shape {shape}, no class {class_id} on its last axis")
    of_each_class = weights is not None and len(weights.shape) == len(shape) and weights.shape[-1] != 1
    parts = [x[..., class_id, None] for x in (target, output)]
    return parts[0], parts[1], weights[..., class_id, None] if of_each_class else weights


def only_top(output: Any, k: int) -> Any:
    """Predictions, those that are not among the `k` highest of their sample set to minus infinity."""
    classes = static_shape(output)[-1]
    if classes is None:
        raise ValueError(f"top_k={k}: needs predictions of a known number of classes")
    _, highest = ops.top_k(output, min(k, classes), sorted=False)
    among = ops.any(ops.one_hot(highest, classes, dtype="bool"), axis=-2)
    return ops.where(among, output, ops.full_like(output, -math.inf))


def numbers_in_unit_interval(where: str, name: str, given: Any) -> list[float]:
    """A number or a sequence of numbers in [0, 1] as a list.

    Raises
    ------
    ValueError
        If it is anything else; `where` and `name` say whose argument it is.
    """
    values = np.asarray(given).tolist() if isinstance(given, np.ndarray) else given
    numbers = list(values) if isinstance(values, (list, tuple)) else [values]
    if not numbers or not all(isinstance(n, (int, float, np.number)) and 0 <= n <= 1 for n in numbers):
        raise ValueError(f"{where}({name}={given!r}): expected a number in [0, 1], or several of them")
    return [float(n) for n in numbers]


def check_whole(where: str, name: str, given: Any, least: int | None = None) -> None:
    """Raise unless an argument is ``None`` or an integer, of at least so much.

    Raises
    ------
    ValueError
        `where` and `name` say whose argument it is.
    """
    if given is None:
        return
    if not isinstance(given, int) or isinstance(given, bool) or (least is not None and given < least):
        expected = "an integer" if least is None else f"an integer of at least {least}"
        raise ValueError(f"{where}({name}={given!r}): expected {expected}")
