"""Where the time of steps goes: a clock that stands still but where it is told to go on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dl_layers.core import Dense, Input
from dl_train.callbacks import Callback, StepProfiler
from dl_train.models import Sequential

X = np.ones((4, 2), "float32")
Y = np.ones((4, 1), "float32")


class Clock:
    """Time that passes only when something says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now

    def spend(self, seconds: float) -> None:
        self.now += seconds


class Slow(Callback):
    """Takes a second before a batch and two after it."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.clock.spend(1)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.clock.spend(2)


class Net(Sequential):
    """Takes four seconds for a step."""

    clock: Any

    def compute_loss(self, *args: Any, **kwargs: Any) -> Any:
        if self.clock is not None:
            self.clock.spend(4)
        return super().compute_loss(*args, **kwargs)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("dl_train.callbacks.profiler.time", clock)
    return clock


def run(clock: Clock, callbacks: list[Any], steps: int = 1) -> None:
    def batches() -> Iterator[Any]:
        for _ in range(6):
            clock.spend(8)
            yield X, Y

    model = Net([Input((2,)), Dense(1)])
    model._tracker.untracked.add("clock")
    model.clock = clock
    model.compile("sgd", "mse", run_eagerly=True, steps_per_execution=steps)
    model.fit(batches(), verbose=0, callbacks=callbacks)


@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_seconds_are_told_apart(first: bool, clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    profiler, slow = StepProfiler(warmup=2), Slow(clock)
    run(clock, [profiler, slow] if first else [slow, profiler])
    assert profiler.steps == 4
    whole = {name: seconds for name, seconds in profiler.seconds.items() if seconds}
    assert whole == {"data": 4 * 8, "host": 4 * 4, "Slow": 4 * 3}
    out = capsys.readouterr().out
    assert "data" in out
    assert "8000.000 ms" in out
    assert "4 steps of 15000.000 ms" in out
    assert "on_train_batch_end" not in vars(slow)  # what was replaced is as it was


def test_several_steps_at_once_are_counted(clock: Clock) -> None:
    profiler = StepProfiler(warmup=2, verbose=0)
    run(clock, [profiler], steps=2)
    assert profiler.steps == 4
    assert profiler.seconds["data"] == 4 * 8
    assert profiler.seconds["host"] == 4 * 4


def test_replaced_methods_come_back_after_an_error(clock: Clock) -> None:
    class Fails(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            raise KeyboardInterrupt

    fails, profiler = Fails(), StepProfiler()
    with pytest.raises(KeyboardInterrupt):
        run(clock, [profiler, fails])
    assert "on_train_batch_end" not in vars(fails)
    with pytest.raises(ValueError, match="no steps"):
        profiler.table()
    with pytest.raises(ValueError, match="warmup=-1"):
        StepProfiler(warmup=-1)
