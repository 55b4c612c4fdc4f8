"""Where the time of a training step goes."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from dl_ops.interchange import convert_to_numpy
from dl_train.callbacks.base import Callback, overrides
from dl_train.callbacks.display import format_time

if TYPE_CHECKING:
    from dl_train.trainer.training_state import TrainingState

_DATA, _HOST, _DEVICE, _LOOP = "data", "host", "device", "loop"
_MEANINGS: Final = {
    _DATA: "waiting for batches",
    _HOST: "Python and the framework, until the step is handed over",
    _DEVICE: "computing, beyond that",
    _LOOP: "all the rest",
}
_HOOKS: Final = ("on_train_batch_begin", "on_train_batch_end")
_CELLS: Final = 20


class StepProfiler(Callback):
    """Measure how the time of training steps is divided: data, host, device, each callback; a table at the end.

    It waits for the device after each step, which training otherwise does not: the device's time is what is left of a
    step when the host is done with it. On a fast device data and host then show up although they would overlap with it.

    Parameters
    ----------
    warmup : int, default 2
        Steps at the beginning that are not counted, as they are compiled.
    verbose : {0, 1}, default 1
        Whether the table is printed when training ends.

    Attributes
    ----------
    seconds : dict from str to float
        Time of all counted steps by what took it: ``"data"``, ``"host"``, ``"device"``, names of callbacks, and
        ``"loop"`` for the rest.
    steps : int
        Number of counted steps.
    validation : float
        Seconds that validations took.

    Examples
    --------
    >>> import numpy as np
    >>> from dl_layers.core import Dense, Input
    >>> from dl_train import Sequential
    >>> model, profiler = Sequential([Input((1,)), Dense(1)]), StepProfiler(verbose=0)
    >>> model.compile("sgd", "mse")
    >>> _ = model.fit(np.ones((64, 1)), np.ones((64, 1)), batch_size=4, verbose=0, callbacks=[profiler])
    >>> profiler.steps, sorted(profiler.seconds)
    (14, ['data', 'device', 'host', 'loop'])
    """

    def __init__(self, warmup: int = 2, verbose: int = 1) -> None:
        super().__init__()
        if warmup < 0:
            raise ValueError(f"StepProfiler(warmup={warmup}): expected at least 0")
        self.warmup, self.verbose = warmup, verbose
        self.seconds: dict[str, float] = {}
        self.steps, self.validation = 0, 0.0
        self._undo: list[Callable[[], None]] = []
        self._reset()

    def _reset(self) -> None:
        self.seconds, self.steps, self.validation = {}, 0, 0.0
        self._compiling = 0.0
        self._seen = self._first = 0
        self._spent: dict[str, float] = defaultdict(float)
        self._since = self._called = self._tested = 0.0
        self._others = 0.0

    # -- what it is told ----------------------------------------------------------------------------------------

    def set_training_state(self, state: TrainingState) -> None:
        self._release()
        self._reset()
        data = state._iterators["data"]
        self._replace(data, "epoch", self._timed_batches(data.epoch))
        names: dict[str, int] = {}
        for callback in state._callbacks:
            if callback is self:
                continue
            name = type(callback).__name__
            names[name] = names.get(name, 0) + 1
            label = name if names[name] == 1 else f"{name} {names[name]}"
            for hook in _HOOKS:
                if overrides(callback, hook):
                    self._replace(callback, hook, self._timed(label, getattr(callback, hook)))

    def _replace(self, owner: Any, name: str, function: Any) -> None:
        """Let an object have a method of its own, until the end."""
        own = vars(owner).get(name)

        def undo() -> None:
            if own is None:
                delattr(owner, name)
            else:
                setattr(owner, name, own)

        setattr(owner, name, function)
        self._undo.append(undo)

    def _release(self) -> None:
        while self._undo:
            self._undo.pop()()

    def _timed(self, label: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            begin = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self._spent[label] += time.perf_counter() - begin

        return timed

    def _timed_batches(self, epoch: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        def batches(*args: Any, **kwargs: Any) -> Iterator[Any]:
            source = iter(epoch(*args, **kwargs))
            fetch = self._timed(_DATA, lambda: next(source, None))
            while (batch := fetch()) is not None:
                yield batch

        return batches

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._spent.clear()
        self._since = time.perf_counter()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._first = batch
        self._others = sum(self._spent.values())
        self._called = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        returned = time.perf_counter()
        # what other callbacks took after this one's turn, and before it
        self._spent[_HOST] += returned - self._called - (sum(self._spent.values()) - self._others)
        self._wait()
        done = time.perf_counter()
        self._spent[_DEVICE] += done - returned
        steps = batch + 1 - self._first
        whole, self._since = done - self._since, done
        self._spent[_LOOP] += whole - sum(self._spent.values())
        self._seen += steps
        if self._seen > self.warmup:
            self.steps += steps
            for name, seconds in self._spent.items():
                self.seconds[name] = self.seconds.get(name, 0.0) + seconds
        else:
            self._compiling += whole
        self._spent.clear()

    def _wait(self) -> None:
        """Wait until the step has been computed, of which the smallest weight is a result."""
        variables = self.model.trainable_variables
        if variables:
            convert_to_numpy(min(variables, key=lambda variable: math.prod(variable.shape)))

    def on_test_begin(self, logs: Any = None) -> None:
        self._tested = time.perf_counter()

    def on_test_end(self, logs: Any = None) -> None:
        self.validation += time.perf_counter() - self._tested

    def on_train_end(self, logs: Any = None) -> None:
        if self.verbose and self.steps:
            print(self.table())

    def _abort(self) -> None:
        self._release()

    # -- what it tells ------------------------------------------------------------------------------------------

    def table(self) -> str:
        """Table of the times of a step, and their parts of the whole.

        Raises
        ------
        ValueError
            If no step has been counted.
        """
        if not self.steps:
            raise ValueError("StepProfiler.table(): there were no steps beyond the warm-up")
        whole = sum(self.seconds.values()) or 1e-9
        order = [_DATA, _HOST, _DEVICE, *sorted(set(self.seconds) - set(_MEANINGS)), _LOOP]
        width = max(map(len, order))
        lines = [f"{'':<{width}}  {'of a step':>10}   part"]
        for name in order:
            seconds = self.seconds.get(name, 0.0)
            part = max(seconds / whole, 0.0)
            bar = "━" * round(_CELLS * part)
            time_of_step = f"{1e3 * seconds / self.steps:.3f} ms"
            lines.append(
                f"{name:<{width}}  {time_of_step:>10}  {part:>4.0%}  {bar:<{_CELLS}}  {_MEANINGS.get(name, 'callback')}"
            )
        lines.append(
            f"{self.steps} steps of {1e3 * whole / self.steps:.3f} ms, after {self._seen - self.steps} to warm up"
        )
        lines[-1] += f" in {format_time(self._compiling)}" if self._compiling >= 1 else ""
        if self.validation:
            lines.append(f"validation took {format_time(self.validation)}")
        return "\n".join(lines)
