"""Data of all kinds in fit() and predict(): those that run out, never end, change, or leave workers behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dl_layers.core import Dense, Input
from dl_train import Sequential
from dl_train.callbacks import Callback
from dl_train.data import PyDataset, make_adapter, split_dataset

X = np.arange(20, dtype="float32").reshape(10, 2)
Y = np.arange(10)


class Pairs(PyDataset):
    """The same batch again and again."""

    def __init__(self, size: int, **options: Any) -> None:
        super().__init__(**options)
        self.size = size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> Any:
        return X[:2], Y[:2]


def model() -> Sequential:
    made = Sequential([Input((2,)), Dense(1, kernel_initializer="zeros")])
    made.compile("sgd", "mse")
    return made


def a_generator(number: int = 3) -> Iterator[Any]:
    for _ in range(number):
        yield X[:2], Y[:2]


def test_a_generator_that_ran_out_ends_training() -> None:
    with pytest.warns(UserWarning, match="cannot be gone through again: training ends"):
        history = model().fit(a_generator(), epochs=3, verbose=0)
    assert len(history.history["loss"]) == 1
    with (
        pytest.warns(UserWarning, match="training ends"),
        pytest.warns(UserWarning, match="ran out after 1 of 2 steps"),
    ):
        history = model().fit(a_generator(), epochs=3, steps_per_epoch=2, verbose=0)
    assert len(history.history["loss"]) == 2


def test_a_generator_that_lasts_is_not_complained_of(recwarn: pytest.WarningsRecorder) -> None:
    history = model().fit(a_generator(6), epochs=3, steps_per_epoch=2, verbose=0)
    assert len(history.history["loss"]) == 3
    assert not list(recwarn)


def test_validation_data_that_ran_out_are_left_out() -> None:
    with pytest.warns(UserWarning, match="validation is left out"):
        history = model().fit(X, Y, epochs=2, validation_data=a_generator(), verbose=0)
    assert [len(history.history[name]) for name in ("loss", "val_loss")] == [2, 1]


def test_data_without_an_end_need_steps() -> None:
    class Endless(PyDataset):
        def __getitem__(self, index: int) -> Any:
            return X, Y

    with pytest.raises(ValueError, match=r"no end: .*steps_per_epoch"):
        model().fit(Endless(), verbose=0)
    with pytest.raises(ValueError, match=r"no end: .*steps in"):
        model().predict(Endless(), verbose=0)
    assert len(model().fit(Endless(), steps_per_epoch=2, epochs=2, verbose=0).history["loss"]) == 2


def test_a_data_set_may_grow_between_epochs() -> None:
    class Growing(Pairs):
        def on_epoch_end(self) -> None:
            self.size += 1

    class Counter(Callback):
        steps = 0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.steps += 1

    counter = Counter()
    model().fit(Growing(3), epochs=3, callbacks=[counter], class_weight={0: 1.0}, verbose=0)
    assert counter.steps == 3 + 4 + 5


def test_a_length_that_is_wrong_is_told() -> None:
    class Claims:
        def __len__(self) -> int:
            return 5

        def __iter__(self) -> Iterator[Any]:
            return a_generator(3)

    with pytest.warns(UserWarning, match="Claims said that it has 5 batches, and gave 3"):
        list(make_adapter(Claims()).epoch())


def test_workers_end_with_fit_whatever_ends_it() -> None:
    class Stops(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 1:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as kept:
        model().fit(Pairs(50, workers=3), callbacks=[Stops()], verbose=0)
    assert kept.tb is not None  # and with it all that the loop held
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("Pairs")]


def test_a_batch_size_beside_batches_changes_nothing() -> None:
    with pytest.warns(UserWarning, match="batch_size=7 changes nothing: a generator gives batches itself"):
        data = make_adapter(a_generator(), batch_size=7)
    assert [len(x) for x, _ in data.epoch()] == [2, 2, 2]


def test_halves_are_trained_with() -> None:
    left, right = split_dataset((X, Y), left_size=0.7, preferred_backend="numpy")
    history = model().fit(left, batch_size=3, validation_data=right.batch(2), verbose=0)
    assert {"loss", "val_loss"} == set(history.history)
    with pytest.raises(ValueError, match="y cannot be given with a SampleDataset"):
        make_adapter(left, Y)
