"""Steps of training, testing and predicting as functions of a batch, made once and called for every batch."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dl_layers.layer.structure import structure_of
from dl_ops import tree
from dl_ops.backend import Backend, Loop
from dl_ops.random import global_seed_generator
from dl_ops.variable import Variable
from dl_train.data.adapter import Batch, Stacked
from dl_train.trainer.measuring import Measuring

if TYPE_CHECKING:
    from dl_train.data import EpochIterator
    from dl_train.models.model import Model

Step = Callable[..., Any]

_MOST_AT_ONCE: Final = 32
"""Steps in one call: more than that win little."""

_HELD_AT_ONCE: Final = 2**24
"""Bytes of their batches."""


def to_tensors(data: Any, backend: Backend) -> Any:
    """Batch with the backend's tensors in the places of NumPy arrays; strings stay."""
    if type(data) is np.ndarray:
        return backend.to_tensor(data) if data.dtype.kind in "biufcV" else data
    if isinstance(data, (tuple, list)):
        return type(data)([to_tensors(item, backend) for item in data]) if not hasattr(data, "_fields") else data
    if isinstance(data, dict):
        return {name: to_tensors(item, backend) for name, item in data.items()}
    return data


def state_of(model: Model, *, training: bool) -> list[Variable]:
    """All variables that a step may read or assign, each once."""
    variables = [*model.variables, *model.metrics_variables, global_seed_generator().state]
    if training and model.optimizer is not None:
        variables += model.optimizer.variables
    return list({id(variable): variable for variable in variables}.values())


def takes_state(step: Step) -> bool:
    """Whether a step is a pure function of the state, ``step(state, data)``, as Keras's are on JAX."""
    parameters = [
        p
        for p in inspect.signature(step).parameters.values()
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty
    ]
    return len(parameters) == 2


def _stateful(model: Model, step: Step, parts: Sequence[Callable[[], list[Variable]]]) -> Step:
    """Form of a pure step that reads and assigns the model's variables."""

    def run(data: Batch) -> Any:
        lists = [part() for part in parts]
        logs, state = step(tuple([v.value for v in variables] for variables in lists), data)
        for variables, values in zip(lists, state, strict=True):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        return logs

    return run


class StepFunction:
    """One of a model's steps, compiled as the model's backend does.

    Parameters
    ----------
    model : Model
    step : callable
        Takes a batch as one tuple.
    training : bool
        Whether the optimizer's variables belong to its state.
    differentiates : bool, default False
        Whether it may take gradients by the framework's own means.
    """

    def __init__(self, model: Model, step: Step, *, training: bool, differentiates: bool = False) -> None:
        self._backend = model._own_backend()
        self._compiles, self._jit = not model.run_eagerly, model.jit_compile
        self._state = state_of(model, training=training)
        self._step, self._differentiates = step, differentiates
        self._single: Step | None = None
        self._several: dict[int, Step] = {}
        self._structure, self._key = structure_of(model), _key(model)
        self._metrics, self._measured = _known_metrics(model), _measured(model, model.metrics)

    def fits(self, model: Model, *, measures: bool = True) -> bool:
        """Whether it still is a step of the model: another one is needed when the variables, or which of them are
        trained, change.

        Parameters
        ----------
        model : Model
        measures : bool, default True
            Whether metrics and the optimizer have a part in it.
        """
        structure = structure_of(model)
        if structure is not self._structure:
            if self._key != _key(model):
                return False
            self._structure, self._metrics = structure, _known_metrics(model)
        if not measures:
            return True
        return self._measured == _measured(model, model.metrics if self._metrics is None else self._metrics)

    def _on_batch(self, *data: Any) -> Any:
        return self._step(to_tensors(data, self._backend))

    def compiled(self, steps: int = 1) -> Step:
        """Function of a batch's parts; with `steps` more than one, of parts stacked along a new leading axis."""
        if steps == 1 and self._single is not None:
            return self._single
        if steps in self._several:
            return self._several[steps]
        if not self._compiles:
            function: Step = self._on_batch if steps == 1 else _one_by_one(self._on_batch, steps)
        else:
            function = self._backend.compile_step(
                self._on_batch, self._state, jit=self._jit, steps_per_call=steps, differentiates=self._differentiates
            )
        if steps == 1:
            self._single = function
        else:
            self._several[steps] = function
        return function

    def __call__(self, *data: Any) -> Any:
        return self.compiled()(*data)

    @property
    def calls_ops(self) -> bool:
        """Whether a step calls one op after another, with nothing that the framework has compiled around it."""
        return self.compiled() == self._on_batch

    def over(self, batches: Iterable[Batch]) -> tuple[int, Any]:
        """Run batches one after another, while nobody looks at the variables; their number, and what the last gave."""
        step: Any = self.compiled()
        if isinstance(step, Loop):
            return step.over(batches)
        count, result = 0, None
        for batch in batches:
            result = step(*batch)
            count += 1
        return count, result

    def steps_at_once(self, data: EpochIterator) -> int:
        """How many steps to do in one call where it is not said: those of an epoch, but no more than pays, or than can
        be held twice without being noticed; one where that is no faster.
        """
        batch = data.data.peek()
        if not self._compiles or not self._jit or not self._backend.loops_in_step or batch is None:
            return 1
        size = sum(getattr(leaf, "nbytes", _HELD_AT_ONCE) for leaf in tree.flatten(batch) if leaf is not None)
        return max(1, min(_MOST_AT_ONCE, data.num_batches or 1, _HELD_AT_ONCE // max(1, size)))

    def runs(self, groups: Iterator[Stacked | list[Batch]], at_once: int) -> Iterator[tuple[int, Any]]:
        """Run groups of batches, each of `at_once` in one call; gives the number of batches and what the call gave."""
        for group in groups:
            if isinstance(group, Stacked):
                yield group.steps, self.compiled(at_once)(*group.batch)
                continue
            stacked = _stacked(group) if len(group) == at_once else None
            if stacked is not None:
                yield len(group), self.compiled(at_once)(*stacked)
            else:
                # shapes differ from those of other groups: at the end of the data
                result = None
                for batch in group:
                    result = self.compiled()(*batch)
                yield len(group), result


def _one_by_one(step: Step, steps: int) -> Step:
    def several(*stacked: Any) -> Any:
        result = None
        for i in range(steps):
            result = step(*tree.map_structure(lambda x, i=i: x[i], stacked))
        return result

    return several


def _stacked(group: list[Batch]) -> Batch | None:
    """Batches along a new leading axis, ``None`` if their shapes differ."""
    if all(type(part) is np.ndarray for part in group[0]):
        try:
            return tuple([np.array(parts) for parts in zip(*group, strict=True)])
        except ValueError:
            return None
    leaves = [tree.flatten(batch) for batch in group]
    if not _alike(leaves):
        return None
    return tree.map_structure(lambda *parts: np.stack(parts), *group)  # type: ignore[no-any-return]  # like a batch


def _alike(group: Sequence[Sequence[Any]]) -> bool:
    shapes = [[getattr(part, "shape", None) for part in parts] for parts in group]
    return None not in shapes[0] and all(shape == shapes[0] for shape in shapes[1:])


def _key(model: Model) -> tuple[Any, ...]:
    """The variables that a step was made for, and which of them are trained."""
    return (*((id(v), v.trainable) for v in model.variables), model._trainable)


def _known_metrics(model: Model) -> list[Any] | None:
    """Metrics that a model has as long as its structure stays, ``None`` if it cannot be known."""
    parts = (model._compile_loss, model._compile_metrics)
    lists_them = type(model).metrics is Measuring.metrics and all(part is None or part.built for part in parts)
    return model.metrics if lists_them else None


def _measured(model: Model, metrics: Iterable[Any]) -> tuple[int, ...]:
    """What a step was made for that lists of a model's parts do not have."""
    return (*[id(variable) for metric in metrics for variable in metric.variables], id(model.optimizer))


def train_function(model: Model) -> StepFunction:
    """Training step of a model."""
    if takes_state(model.train_step):
        own_metrics = model.metrics_variables
        kept = {id(v) for v in own_metrics}
        parts = (
            lambda: model.trainable_variables,
            lambda: [v for v in model.non_trainable_variables if id(v) not in kept],
            lambda: model.optimizer.variables,
            lambda: own_metrics,
        )
        return StepFunction(model, _stateful(model, model.train_step, parts), training=True)
    if model._trains_by_default():
        return StepFunction(model, model._default_train_step, training=True)
    return StepFunction(model, model.train_step, training=True, differentiates=True)


def test_function(model: Model) -> StepFunction:
    """Step of an evaluation."""
    if takes_state(model.test_step):
        own_metrics = model.metrics_variables
        kept = {id(v) for v in own_metrics}
        parts = (
            lambda: model.trainable_variables,
            lambda: [v for v in model.non_trainable_variables if id(v) not in kept],
            lambda: own_metrics,
        )
        step = _stateful(model, model.test_step, parts)
    else:
        step = model._default_test_step if model._tests_by_default() else model.test_step
    return StepFunction(model, _without_gradients(model, step), training=False)


def predict_function(model: Model) -> StepFunction:
    """Step of a prediction."""
    if takes_state(model.predict_step):
        parts = (lambda: model.trainable_variables, lambda: model.non_trainable_variables)
        predict: Step = model.predict_step

        def outputs_first(state: Any, data: Any) -> Any:
            outputs, rest = predict(state, data)
            return outputs, (state[0], rest)

        step = _stateful(model, outputs_first, parts)
    else:
        step = model.predict_step
    return StepFunction(model, _without_gradients(model, step), training=False)


def _without_gradients(model: Model, step: Step) -> Step:
    backend = model._own_backend()

    def run(data: Batch) -> Any:
        with backend.inference_scope():
            return step(data)

    return run
