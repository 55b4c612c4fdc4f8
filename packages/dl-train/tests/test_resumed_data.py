"""Data that are gone on with in the middle, in another process: the batches that come are those that were to come."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_ops.random import host_random_state, set_host_random_state, set_random_seed
from dl_train.data import EpochIterator, PyDataset, make_adapter

X = np.arange(44, dtype="float32").reshape(22, 2)
Y = np.arange(22)


class Numbers(PyDataset):
    """Ten batches in an order that each epoch's end changes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.order = list(range(10))
        self.made: list[int] = []

    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: int) -> Any:
        self.made.append(index)
        return np.full((2, 1), self.order[index])

    def on_epoch_end(self) -> None:
        np.random.shuffle(self.order)

    def state_dict(self) -> Any:
        return self.order

    def load_state_dict(self, state: Any) -> None:
        self.order = list(state)


class Endless(PyDataset):
    """Has no length."""

    def __getitem__(self, index: int) -> Any:
        return np.full((2, 1), index)


class Drawn:
    """Iterable that draws from both global generators as it goes."""

    def __iter__(self) -> Iterator[Any]:
        order = np.random.permutation(7)
        for number in order:
            yield np.array([[number + random.random()]])


def drawn_once() -> Iterator[Any]:
    while True:
        yield np.array([[np.random.rand()]])


SOURCES: dict[str, tuple[Callable[[], Any], tuple[int | None, ...]]] = {
    # what makes the data, and numbers of steps in an epoch
    "arrays in order": (lambda: make_adapter(X, Y, batch_size=4), (None, 4, 9)),
    "shuffled arrays": (lambda: make_adapter(X, Y, batch_size=4, shuffle=True), (None, 4, 9)),
    "shuffled batches": (lambda: make_adapter(X, Y, batch_size=4, shuffle="batch"), (None, 4, 9)),
    "class weights": (lambda: make_adapter(X, Y, batch_size=4, shuffle=True, class_weight={3: 2.0}), (None, 4)),
    "data set": (lambda: make_adapter(Numbers()), (None, 3)),
    "shuffled data set": (lambda: make_adapter(Numbers(), shuffle=True), (None, 13)),
    # workers prepare ahead, so that an order drawn amid a pass comes too late for some batches: whole passes only
    "shuffled data set with workers": (lambda: make_adapter(Numbers(workers=3), shuffle=True), (None, 10)),
    "endless data set": (lambda: make_adapter(Endless()), (6,)),
    "iterable": (lambda: make_adapter(Drawn()), (None, 3, 9)),
    "generator": (lambda: make_adapter(drawn_once()), (3,)),
}

CASES = [(name, steps) for name, (_, some) in SOURCES.items() for steps in some]


def flat(batch: Any) -> Any:
    return [np.asarray(part).tolist() for part in batch]


def epochs_of(data: EpochIterator) -> Iterator[tuple[int, int, Any]]:
    """All steps of three epochs: epoch, number of its steps done, batch."""
    for epoch in range(3):
        data.data.on_epoch_begin()
        for step, batch in enumerate(data.epoch()):
            yield epoch, step + 1, flat(batch)
        data.data.on_epoch_end()
        yield epoch, -1, None


def gone_on(data: EpochIterator, epoch: int, step: int) -> Iterator[Any]:
    for number in range(epoch, 3):
        data.data.on_epoch_begin()
        yield from map(flat, data.epoch(step if number == epoch else 0))
        data.data.on_epoch_end()


@pytest.mark.parametrize(("name", "steps"), CASES)
def test_the_rest_is_what_it_would_have_been(name: str, steps: int | None) -> None:
    make = SOURCES[name][0]
    set_random_seed(3)
    data = EpochIterator(make(), steps)
    data.data.peek()
    saved: list[Any] = []
    seen: list[Any] = []
    for epoch, step, batch in epochs_of(data):
        if batch is None:
            # between epochs
            saved.append((epoch + 1, 0, len(seen), json.dumps((data.state(), host_random_state()))))
        else:
            seen.append(batch)
            saved.append((epoch, step, len(seen), json.dumps((data.state(step), host_random_state()))))
    assert len(saved) >= 12
    for epoch, step, count, text in saved[::3]:
        set_random_seed(3)
        again = EpochIterator(make(), steps)
        again.data.peek()
        position, generators = json.loads(text)
        again.restore(position, step)
        set_host_random_state(generators)
        assert list(gone_on(again, epoch, step)) == seen[count:]


def test_batches_given_ahead_are_given_again() -> None:
    set_random_seed(1)
    data = EpochIterator(make_adapter(X, Y, batch_size=4, shuffle=True), steps=4)
    expected = [[flat(batch) for batch in data.epoch()] for _ in range(3)]
    set_random_seed(1)
    data = EpochIterator(make_adapter(X, Y, batch_size=4, shuffle=True), steps=4)
    list(data.epoch())
    ahead = list(itertools.islice(data.epoch(), 3))  # into the second pass, of which the first batch is not used yet
    assert len(ahead) == 3
    for used in (1, 2, 3):
        state, generators = json.loads(json.dumps((data.state(used), host_random_state())))
        again = EpochIterator(make_adapter(X, Y, batch_size=4, shuffle=True), steps=4)
        again.restore(state, used)
        rest = [flat(batch) for batch in again.epoch(used)]
        set_host_random_state(generators)
        if used >= 2:
            assert rest == expected[1][used:]
        else:
            assert rest[0] == expected[1][1]


def test_what_is_skipped_of_a_data_set_is_not_made() -> None:
    numbers = Numbers()
    assert len(list(make_adapter(numbers).epoch(8))) == 2
    assert numbers.made == [8, 9]


def test_skipping_happens_before_the_first_batch_is_asked_for() -> None:
    source = iter(np.ones((5, 1, 1)))
    batches = make_adapter(source).epoch(2)
    assert len(list(source)) == 3
    assert list(batches) == []


@given(
    length=st.integers(1, 40),
    size=st.integers(1, 12),
    skip=st.integers(0, 45),
    shuffle=st.sampled_from([True, "batch"]),
)
def test_any_number_can_be_skipped(length: int, size: int, skip: int, shuffle: bool | str) -> None:
    data = make_adapter(np.arange(length), batch_size=size, shuffle=shuffle)
    whole = [flat(batch) for batch in data.epoch()]
    rest = [flat(batch) for batch in data.epoch(skip, data.order)]
    assert rest == whole[skip:]
    assert sorted(itertools.chain(*(batch[0] for batch in whole))) == list(range(length))


@pytest.mark.parametrize("order", [-1, 2**32, 1.5, "7", True, [1]])
def test_an_order_that_is_none_is_refused(order: Any) -> None:
    for data in (make_adapter(X, shuffle=True), make_adapter(Numbers(), shuffle=True)):
        with pytest.raises(ValueError, match="expected the seed"):
            data.epoch(0, order)


def test_other_data_are_refused() -> None:
    data = EpochIterator(make_adapter(X, batch_size=4))
    list(data.epoch())
    state = data.state(3)
    with pytest.raises(ValueError, match="have 11 batches, and had 6"):
        EpochIterator(make_adapter(X, batch_size=2)).restore(state, 3)
    with pytest.raises(ValueError, match="position in the data is -1"):
        EpochIterator(make_adapter(X, batch_size=4)).restore({**state, "position": -1}, 3)


def test_data_that_had_run_out_have_run_out() -> None:
    def four() -> Any:
        return EpochIterator(make_adapter(iter(np.ones((4, 2, 1)))), steps=2)

    data = four()
    for _ in range(2):
        list(data.epoch())
    again = four()
    again.restore(data.state())
    with pytest.warns(UserWarning, match="ran out"):
        assert again.ran_out("training ends")
