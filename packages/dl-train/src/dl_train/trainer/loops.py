"""What all loops share: preparation, a loop over an epoch's batches, logs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dl_train.callbacks import CallbackList
from dl_train.data import EpochIterator, make_adapter, unpack_x_y_sample_weight
from dl_train.data.adapter import Batch, Stacked
from dl_train.trainer.building import build_for
from dl_train.trainer.logs import LazyLogs, to_numbers
from dl_train.trainer.stepping import Stepping
from dl_train.trainer.steps import StepFunction
from dl_train.trainer.training_state import TrainingState


class Looping(Stepping):
    """The part of a trainer that goes through epochs."""

    def _train_epoch(
        self, data: EpochIterator, function: Any, callbacks: CallbackList, training: TrainingState
    ) -> dict[str, Any]:
        """Train one epoch, or what is left of it; its logs."""
        begins, ends = callbacks.batch_hooks("train")
        if ends:
            ends.append(training.batch_ended)
        by_default = self._trains_by_default()
        result: Any = None
        first = step = training.step
        if first == 0 or not self.stop_training:  # else it was to stop here
            step, result = self._all_batches(data, function, (begins, ends), by_default, "stop_training", first)
        if step == 0:
            raise ValueError("fit(): there is no data: not a single batch")
        if step == first and training.logs:
            return training.logs  # all batches had been gone through before
        return self._final_logs(result, by_default)

    def _steps_at_once(self, data: EpochIterator, function: Any) -> int:
        """Number of steps in one call."""
        if not isinstance(function, StepFunction):
            return 1
        steps = self.steps_per_execution
        return function.steps_at_once(data) if isinstance(steps, str) else steps

    def _all_batches(
        self,
        data: EpochIterator,
        function: Any,
        hooks: Sequence[Sequence[Any]],
        by_default: bool,
        stop: str,
        first: int = 0,
    ) -> tuple[int, Any]:
        """Go through an epoch from its batch number `first` on, unless an attribute becomes true; number of its batches
        so far, and what the last one gave.
        """
        begins, ends = hooks
        at_once = self._steps_at_once(data, function)
        if at_once == 1:
            return self._each_batch(data, function, hooks, by_default, stop, first)
        step, result = first, None
        for count, result in function.runs(_announced(data.batches(at_once, first), begins, first), at_once):
            step += count
            if ends:
                self._end_batch(ends, step - 1, result, by_default)
            if getattr(self, stop):
                break
        return step, result

    def _each_batch(
        self,
        data: EpochIterator,
        function: Any,
        hooks: Sequence[Sequence[Any]],
        by_default: bool,
        stop: str,
        first: int,
    ) -> tuple[int, Any]:
        """`_all_batches`, each in a call of its own."""
        begins, ends = hooks
        if data.data.passive and not (begins or ends) and isinstance(function, StepFunction):
            count, result = function.over(self._until(stop, data.epoch(first)))
            return first + count, result
        run = function.compiled() if isinstance(function, StepFunction) else function
        result = None
        step = first
        for batch in self._until(stop, data.epoch(first)):
            for hook in begins:
                hook(step, {})
            result = run(*batch)
            if ends:
                self._end_batch(ends, step, result, by_default)
            step += 1
        return step, result

    def _until(self, stop: str, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Batches up to the one during which an attribute of the model becomes true."""
        for batch in batches:
            yield batch
            if getattr(self, stop):
                break

    def _end_batch(self, hooks: Sequence[Any], step: int, result: Any, by_default: bool) -> None:
        logs = LazyLogs(self.get_metrics_result if by_default else lambda: self._results_or(result))
        for hook in hooks:
            hook(step, logs)
        if sys.getrefcount(logs) > 2:
            # somebody kept them to look later, when metrics have gone on
            logs.fill()

    def _results_or(self, result: Any) -> Mapping[str, Any]:
        """Logs of a step of the user's own."""
        if isinstance(result, Mapping):
            return result
        return self.get_metrics_result() if result is None else {"loss": result}

    def _final_logs(self, result: Any, by_default: bool) -> dict[str, Any]:
        results = self.get_metrics_result()
        if not by_default and isinstance(result, Mapping) and set(result) != set(results):
            results = dict(result)
        return to_numbers(results)

    def _evaluate(self, data: EpochIterator, callbacks: CallbackList) -> dict[str, Any]:
        function = self.make_test_function()
        by_default = self._tests_by_default()
        self.reset_metrics()
        self.stop_evaluating = False
        callbacks.on_test_begin()
        data.begin_anew()  # all validations are of the same batches
        data.data.on_epoch_begin()
        step, result = self._all_batches(data, function, callbacks.batch_hooks("test"), by_default, "stop_evaluating")
        data.data.on_epoch_end()
        if step == 0:
            raise ValueError("evaluate(): there is no data: not a single batch")
        logs = self._final_logs(result, by_default)
        callbacks.on_test_end(logs)
        return logs

    def _prepare(self, data: EpochIterator, *, optimizer: bool = True) -> None:
        """Build everything for the first batch."""
        batch = data.data.peek()
        if batch is None:
            raise ValueError("there is no data: not a single batch")
        build_for(self, batch, optimizer=optimizer)  # type: ignore[arg-type]  # a model

    def _remember_for_steps(self) -> None:
        """Look up once what every step needs, while the loop lasts."""
        self.__dict__.update(self._looked_up_for_steps())

    def _looked_up_for_steps(self) -> dict[str, Any]:
        variables = self.trainable_variables
        # layers keep these lists, and add to them in calls
        lists = [layer._losses for layer in self._flatten_layers()]
        penalized = any(variable.regularizer is not None for variable in variables)
        return {"_step_variables": variables, "_loss_sources": (lists, penalized), "_step_metrics": self.metrics}

    def _forget_for_steps(self) -> None:
        for name in ("_step_variables", "_loss_sources", "_step_metrics"):
            self.__dict__.pop(name, None)

    def _validation_iterator(self, data: Any, batch_size: int | None, steps: int | None) -> EpochIterator | None:
        if data is None:
            return None
        if isinstance(data, (tuple, list)):
            if not 1 <= len(data) <= 3:
                raise ValueError(f"validation_data must be x, (x, y) or (x, y, sample_weight), got {len(data)} parts")
            x, y, sample_weight = unpack_x_y_sample_weight(tuple(data))
            return EpochIterator(make_adapter(x, y, sample_weight, batch_size), steps=steps)
        return EpochIterator(make_adapter(data), steps=steps)

    def _callback_list(
        self, callbacks: Any, *, verbose: int | str, epochs: int, steps: int | None, add_history: bool = False
    ) -> CallbackList:
        if verbose not in ("auto", 0, 1, 2, True, False):
            raise ValueError(f'verbose={verbose!r}: expected "auto", 0, 1 or 2')
        if isinstance(callbacks, CallbackList):
            return callbacks
        return CallbackList(
            callbacks,
            add_history=add_history,
            add_progbar=verbose != 0,
            model=self,
            verbose=1 if verbose == "auto" else int(verbose),
            epochs=epochs,
            steps=steps,
        )


def _announced(
    groups: Iterable[Stacked | list[Batch]], begins: Sequence[Any], step: int
) -> Iterator[Stacked | list[Batch]]:
    """Groups of batches, each told to the hooks by the number of its first batch before it is used."""
    for group in groups:
        for hook in begins:
            hook(step, {})
        step += group.steps if isinstance(group, Stacked) else len(group)
        yield group
