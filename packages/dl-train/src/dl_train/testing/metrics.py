"""The conformance kit of metrics: a case is a metric with its options and all of its data, and a plain formula for the
result; the checks hold for every metric on every backend.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from dl_layers.layer.masks import set_mask
from dl_layers.testing import Recipe, close
from dl_ops import ops
from dl_ops.backend import Backend
from dl_ops.typing import Array
from dl_train import metrics
from dl_train.metrics import Metric

WEIGHTS: Final = np.array([0.5, 2.0, 1.0, 1.25, 0.75, 1.5, 3.0, 0.25])
REPEATS: Final = np.array([1, 2, 0, 1, 3, 1, 0, 2])


@dataclass(frozen=True, eq=False)
class MetricCase:
    """A metric with its options, and what it is updated with.

    Parameters
    ----------
    recipe : Recipe
    data : tuple of array
        Positional arguments of ``update_state`` for all eight samples, their first axis: targets and predictions.
    reference : callable
        ``reference(*data, weights)`` gives the result for all data at once, in float64, from one weight a sample.
    variables : mapping from str to tuple of int
        Names of the variables and their shapes, in order.
    repeatable : bool
        Whether a sample with weight 2 counts as two samples do.
    tolerance : float
        Relative and absolute.
    label : str
        What distinguishes it from the metric's other cases; by default its options.
    """

    recipe: Recipe
    data: tuple[Array, ...]
    reference: Callable[..., Any]
    variables: Mapping[str, tuple[int, ...]]
    repeatable: bool = True
    tolerance: float = 2e-5
    label: str | None = None

    def make(self, **more: Any) -> Metric:
        """Make the metric."""
        metric: Metric = self.recipe.make(metrics, **more)
        return metric

    def batches(self, weights: Array | None, sizes: Sequence[int] = (5, 3)) -> Iterator[tuple[Any, ...]]:
        """Arguments of one update after the other."""
        start = 0
        for size in sizes:
            batch = slice(start, start + size)
            yield (*(in_single(x[batch]) for x in self.data), None if weights is None else in_single(weights[batch]))
            start += size

    def expected(self, weights: Array | None = None) -> Any:
        """The reference's result."""
        whole = np.ones(len(WEIGHTS)) if weights is None else weights
        # predictions as they are after rounding to what the metric is given
        return self.reference(*(in_single(x).astype(x.dtype) for x in self.data), whole.astype("float64"))

    def __str__(self) -> str:
        if self.label is not None:
            return f"{self.recipe.name}-{self.label}"
        return "-".join([self.recipe.name, *(f"{name}={value!r}" for name, value in self.recipe.options.items())])


def in_single(x: Array) -> Array:
    """An array as users have it: floats in float32."""
    return x.astype("float32") if x.dtype == np.float64 else x


def check_value(case: MetricCase, backend: Backend) -> None:
    """The result over all batches is the reference's, with weights and without; variables are as told."""
    for weights in (None, WEIGHTS):
        metric = updated(case, weights)
        close(number(metric.result()), case.expected(weights), case.tolerance, f"{case}: result")
        assert {v.name: v.shape for v in metric.variables} == dict(case.variables)
        assert all(v.backend is backend for v in metric.variables)
        result = metric.result()
        # NumPy's scalars are no arrays
        assert backend.name == "numpy" or backend.is_tensor(result), f"{case}: result of type {type(result)}"


def check_splitting(case: MetricCase, backend: Backend) -> None:
    """How the data is cut into batches, and their order, does not matter, and sums of variables are those of all."""
    metric = updated(case, WEIGHTS)
    whole = updated(case, WEIGHTS, sizes=(8,))
    parts = [case.make() for _ in range(2)]
    batches = list(case.batches(WEIGHTS))
    for part, batch in zip(parts, batches, strict=True):
        part.update_state(*batch)
    close(state(metric), state(whole), 1e-5, f"{case}: variables after one batch of all")
    sums = [x + y for x, y in zip(*map(state, parts), strict=True)]
    close(sums, state(whole), 1e-5, f"{case}: sums of variables")
    parts[1].update_state(*batches[0])
    close(state(parts[1]), state(whole), 1e-5, f"{case}: variables after batches in another order")


def check_weights(case: MetricCase, backend: Backend) -> None:
    """A sample of weight 0 does not count, one of weight 2 counts twice, and a mask is a weight of 0."""
    weights = np.minimum(REPEATS, 1).astype("float64")
    metric = updated(case, weights, sizes=(8,))
    kept = case.make()
    kept.update_state(*(in_single(x[weights > 0]) for x in case.data))
    expected = number(kept.result())
    close(number(metric.result()), expected, 1e-5, f"{case}: samples of weight 0")
    masked = case.make()
    *others, last = (backend.to_tensor(in_single(x).copy()) for x in case.data)
    set_mask(last, backend.to_tensor(weights > 0))
    masked.update_state(*others, last)
    close(number(masked.result()), expected, 1e-5, f"{case}: masked samples")
    if case.repeatable:
        weighted, repeated = updated(case, REPEATS.astype("float64"), sizes=(8,)), case.make()
        repeated.update_state(*(np.repeat(in_single(x), REPEATS, axis=0) for x in case.data))
        close(number(weighted.result()), number(repeated.result()), 1e-5, f"{case}: repeated samples")


def check_reset(case: MetricCase, backend: Backend) -> None:
    """After a reset nothing is left of the batches before; results given before stay what they were."""
    metric = updated(case, WEIGHTS)
    first = metric.result()
    before = number(first)
    metric.reset_state()
    assert not any(x.any() for x in state(metric)), f"{case}: not zero after a reset"
    nothing = number(metric.result())
    assert np.all(nothing == 0), f"{case}: {nothing} of no samples"
    metric.update_state(*next(case.batches(None)))
    close(number(first), before, 0.0, f"{case}: the result given before")
    again = case.make()
    again.update_state(*next(case.batches(None)))
    close(state(metric), state(again), 0.0, f"{case}: after a reset")


def check_stateless(case: MetricCase, backend: Backend) -> None:
    """The pure forms give what updates and results do, and leave the metric as it is."""
    metric = updated(case, WEIGHTS)
    held: list[Any] = metric.stateless_reset_state()
    kept = state(metric)
    for batch in case.batches(WEIGHTS):
        held = metric.stateless_update_state(held, *batch)
    close([number(x) for x in held], kept, 1e-6, f"{case}: stateless_update_state")
    close(number(metric.stateless_result(held)), number(metric.result()), 1e-6, f"{case}: stateless_result")
    close(state(metric), kept, 0.0, f"{case}: variables after the pure forms")


def check_config(case: MetricCase, backend: Backend) -> None:
    """A metric made from its configuration, by way of JSON, has the same one and the same result."""
    metric = case.make(name="mine")
    config = json.loads(json.dumps(metrics.serialize(metric)))
    assert config["module"] == "keras.metrics"
    assert (config["config"]["name"], config["config"]["dtype"]) == ("mine", metric.dtype)
    copy: Any = metrics.deserialize(config)
    assert type(copy) is type(metric)
    assert json.loads(json.dumps(metrics.serialize(copy))) == config
    for one in (metric, copy):
        for batch in case.batches(WEIGHTS):
            one.update_state(*batch)
    close(number(copy.result()), number(metric.result()), 0.0, f"{case}: result of the copy")
    assert [v.path for v in copy.variables] == [f"mine/{name}" for name in case.variables]


def check_compiled(case: MetricCase, backend: Backend) -> None:
    """Updates in a compiled step give the reference's result, weights included."""
    if not backend.trainable:
        return
    metric = case.make()
    first = next(case.batches(WEIGHTS, sizes=(4, 4)))
    if not metric.variables or len(metric.variables) < len(case.variables):
        # the first batch tells shapes, which a compiled step cannot
        metric.update_state(*first)
        metric.reset_state()

    def step(*batch: Any) -> Any:
        metric.update_state(*batch)
        return metric.result()

    compiled = backend.compile_step(step, metric.variables)
    for batch in case.batches(WEIGHTS, sizes=(4, 4)):
        result = compiled(*batch)
    close(number(result), case.expected(WEIGHTS), case.tolerance, f"{case}: compiled")
    close(number(metric.result()), case.expected(WEIGHTS), case.tolerance, f"{case}: after compiled steps")


CHECKS: Final[Mapping[str, Callable[[MetricCase, Backend], None]]] = {
    "value": check_value,
    "splitting": check_splitting,
    "weights": check_weights,
    "reset": check_reset,
    "stateless": check_stateless,
    "config": check_config,
    "compiled": check_compiled,
}
"""The checks by name; each takes a case and the backend, which must be active."""


# -- steps of the checks --


def updated(case: MetricCase, weights: Array | None, sizes: Sequence[int] = (5, 3)) -> Metric:
    """The metric of a case after updates with all of its data."""
    metric = case.make()
    for batch in case.batches(weights, sizes):
        metric.update_state(*batch)
    return metric


def number(x: Any) -> Array:
    """A result in float64."""
    return np.array(ops.convert_to_numpy(x), dtype="float64")


def state(metric: Metric) -> list[Array]:
    """Values of the variables."""
    return [v.numpy().astype("float64") for v in metric.variables]
