"""Predicting batch after batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from dl_layers.layer.context import context
from dl_layers.layer.programs import Programs
from dl_ops import tree
from dl_ops.backend import Backend
from dl_ops.interchange import convert_to_numpy
from dl_train.callbacks import CallbackList
from dl_train.data import EpochIterator
from dl_train.data.adapter import Batch
from dl_train.trainer.batches import SingleBatches
from dl_train.trainer.stepping import Stepping
from dl_train.trainer.steps import StepFunction


class Predicting(SingleBatches):
    """The part of a trainer that goes through the batches of a prediction."""

    _programs: Programs | None

    def _predict_all(self, data: EpochIterator, function: Any, callbacks: CallbackList) -> tuple[Any, list[list[Any]]]:
        """Structure of the outputs, and for each batch their arrays."""
        self.stop_predicting = False
        callbacks.on_predict_begin()
        hooks = callbacks.batch_hooks("predict")
        data.data.on_epoch_begin()
        unseen = data.data.passive and not any(hooks) and not self.stop_predicting
        if unseen and isinstance(function, StepFunction):
            found = self._predict_unseen(data, function)
        else:
            found = self._predict_groups(data, function, hooks)
        data.data.on_epoch_end()
        callbacks.on_predict_end()
        return found

    def _predict_groups(
        self, data: EpochIterator, function: Any, hooks: Sequence[Sequence[Any]]
    ) -> tuple[Any, list[list[Any]]]:
        begins, ends = hooks
        run = function.compiled() if isinstance(function, StepFunction) else function
        collected: list[list[Any]] = []
        outputs: Any = None
        steps, done = self.steps_per_execution, 0
        for group in data.grouped(1 if isinstance(steps, str) else steps):
            for hook in begins:
                hook(done, {})
            for batch in group:
                outputs = run(*batch)
                collected.append(_arrays(outputs, convert_to_numpy))
            done += len(group)
            if ends:
                logs = {"outputs": tree.pack_sequence_as(outputs, joined(collected[-len(group) :]))}
                for hook in ends:
                    hook(done - 1, logs)
            if self.stop_predicting:
                break
        return outputs, collected

    def _predict_unseen(self, data: EpochIterator, function: StepFunction) -> tuple[Any, list[list[Any]]]:
        """The same where no code of the user's runs between batches."""
        backend, batches = self._own_backend(), data.epoch()
        by_default = type(self).predict_step is Stepping.predict_step and "predict_step" not in self.__dict__
        if by_default and function.calls_ops:
            with backend.inference_scope():
                return self._collected(self._by_programs(batches, function, backend))
        # while the host fetches what a batch gave, the framework computes the next one
        run = function.compiled()
        return self._collected(_one_later((run(*batch), convert_to_numpy) for batch in batches))

    def _by_programs(
        self, batches: Iterable[Batch], function: StepFunction, backend: Backend
    ) -> Iterator[tuple[Any, Callable[[Any], Any]]]:
        """Outputs, and what makes arrays of them. The program that a call went by holds for batches of the same shape:
        nothing changes the model meanwhile.
        """
        to_tensor, to_numpy = backend.to_tensor, backend.to_numpy
        programs: dict[Any, Any] = {}
        for batch in batches:
            x = batch[0]
            key = (x.shape, x.dtype) if type(x) is np.ndarray else None
            program = programs.get(key)
            if program is not None:
                try:
                    outputs = program((to_tensor(x),))
                except Exception:  # the call has more to say of it
                    programs.clear()
                else:
                    yield outputs, to_numpy
                    continue
            context.program = None
            outputs = function(*batch)
            if key is not None and self._programs is not None:
                programs[key] = self._programs.ran_last()
            yield outputs, convert_to_numpy

    def _collected(self, results: Iterable[tuple[Any, Callable[[Any], Any]]]) -> tuple[Any, list[list[Any]]]:
        outputs: Any = None
        collected = []
        for outputs, to_numpy in results:
            collected.append(_arrays(outputs, to_numpy))
            if self.stop_predicting:
                break
        return outputs, collected


def _one_later(items: Iterable[Any]) -> Iterator[Any]:
    """Each item when the next one has been made."""
    waiting: list[Any] = []
    for item in items:
        waiting.append(item)
        if len(waiting) > 1:
            yield waiting.pop(0)
    yield from waiting


def _arrays(outputs: Any, to_numpy: Callable[[Any], Any]) -> list[Any]:
    if type(outputs) is np.ndarray:
        return [outputs]
    leaves = tree.flatten(outputs) if tree.is_nested(outputs) else [outputs]
    return [None if leaf is None else to_numpy(leaf) for leaf in leaves]


def joined(collected: list[list[Any]]) -> list[Any]:
    """Arrays of several batches, one after another."""
    return [
        None if parts[0] is None else parts[0] if len(parts) == 1 else np.concatenate(parts)
        for parts in zip(*collected, strict=True)
    ]
