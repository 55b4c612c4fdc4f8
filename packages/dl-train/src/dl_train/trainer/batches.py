"""Training, testing and predicting with single batches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from dl_ops import config, tree
from dl_ops.backend import backend_scope
from dl_ops.interchange import convert_to_numpy
from dl_train.data import make_adapter
from dl_train.data.adapter import Batch
from dl_train.data.arrays import DEFAULT_BATCH_SIZE
from dl_train.data.class_weights import ClassWeights
from dl_train.metrics.base import Metric, reset
from dl_train.trainer.building import build_for
from dl_train.trainer.logs import to_numbers
from dl_train.trainer.loops import Looping
from dl_train.trainer.steps import StepFunction


class _Plan(NamedTuple):
    """What is worked out once for all batches of the user's loop."""

    function: StepFunction
    """Resets the metrics, does the step, and gives the metrics' results: all of it one call."""
    remembered: dict[str, Any]


class SingleBatches(Looping):
    """The part of a trainer that takes batches from the user's own loop."""

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Update the weights for one batch.

        Parameters
        ----------
        x, y, sample_weight : structure of arrays
        class_weight : dict from int to float, optional
        return_dict : bool, default False

        Returns
        -------
        float, list of float or dict from str to float
            Loss and metrics of this batch alone.
        """
        self._check_compiled("train_on_batch")
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError("class_weight and sample_weight cannot be given both: multiply them yourself")
            sample_weight = ClassWeights(class_weight).of(y)
        return self._on_batch("train", (x, y, sample_weight), return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Evaluate one batch; see `train_on_batch`."""
        self._check_compiled("test_on_batch")
        return self._on_batch("test", (x, y, sample_weight), return_dict)

    def _on_batch(self, mode: str, data: tuple[Any, Any, Any], return_dict: bool) -> Any:
        with backend_scope(self._own_backend()):
            batch = single_batch(*data)
            plan = self._plan_for(mode, batch)
            if plan is None:
                make = self.make_train_function if mode == "train" else self.make_test_function
                by_default = self._trains_by_default() if mode == "train" else self._tests_by_default()
                self.reset_metrics()
                logs = self._final_logs(make()(*batch), by_default)
                return logs if return_dict else self._flat_results(logs)
            self.__dict__.update(plan.remembered)
            try:
                logs = to_numbers(plan.function(*batch))
                return logs if return_dict else self._flat_results(logs)
            finally:
                self._forget_for_steps()

    def _plan_for(self, mode: str, batch: Batch) -> _Plan | None:
        """Plan for a step that nobody has overridden, with metrics that are set back as all are."""
        plans = self.__dict__.setdefault("_batch_plans", {})
        plan: _Plan | None = plans.get(mode)
        model: Any = self
        if plan is not None and plan.function.fits(model):
            return plan
        plans.pop(mode, None)
        build_for(model, batch)
        cls = type(self)
        if mode == "train":
            own = not self._trains_by_default() or cls.make_train_function is not Looping.make_train_function
            step: Callable[[Any], None] = self._default_train_step
        else:
            own = not self._tests_by_default() or cls.make_test_function is not Looping.make_test_function
            step = self._default_test_step
        metrics = self.metrics
        if own or any(type(metric).reset_state is not Metric.reset_state for metric in metrics):
            return None
        variables = list({id(variable): variable for metric in metrics for variable in metric.variables}.values())

        def run(data: Batch) -> dict[str, Any]:
            reset(variables)
            step(data)
            return self.get_metrics_result()

        plan = plans[mode] = _Plan(StepFunction(model, run, training=mode == "train"), self._looked_up_for_steps())
        return plan

    def predict_on_batch(self, x: Any) -> Any:
        """Outputs for one batch.

        Parameters
        ----------
        x : structure of arrays

        Returns
        -------
        structure of numpy.ndarray
        """
        with backend_scope(self._own_backend()):
            batch = single_batch(x)
            model: Any = self
            function = self.predict_function
            if not isinstance(function, StepFunction) or not function.fits(model, measures=False):
                build_for(model, batch, optimizer=False)
                function = self.make_predict_function()
            outputs = function(*batch)
        if not tree.is_nested(outputs):
            return convert_to_numpy(outputs)
        return tree.map_structure(lambda leaf: None if leaf is None else convert_to_numpy(leaf), outputs)


def single_batch(x: Any, y: Any = None, sample_weight: Any = None) -> Batch:
    """All samples as one batch.

    Parameters
    ----------
    x, y, sample_weight : structure of arrays

    Returns
    -------
    tuple

    Raises
    ------
    ValueError, TypeError
        If they are no arrays of the same number of samples.
    """
    parts = (x,) if y is None and sample_weight is None else (x, y) if sample_weight is None else (x, y, sample_weight)
    if all(type(part) is np.ndarray and _comes_as_it_is(part) for part in parts) and len(set(map(len, parts))) == 1:
        return parts
    batch = make_adapter(x, y, sample_weight, batch_size=sys.maxsize).peek()
    assert batch is not None
    return batch


def is_one_batch(x: Any, batch_size: int | None) -> bool:
    """Whether `x` is an array of which `ArrayData` would make a single batch, as it is."""
    return (
        type(x) is np.ndarray
        and _comes_as_it_is(x)
        and (batch_size is None or (type(batch_size) is int and batch_size > 0))
        and len(x) <= (batch_size or DEFAULT_BATCH_SIZE)
    )


def _comes_as_it_is(array: Any) -> bool:
    kind = array.dtype.kind
    return array.size > 0 and array.ndim > 0 and (kind in "biu" or (kind == "f" and array.dtype == config.floatx()))
