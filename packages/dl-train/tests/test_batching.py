"""What holds for batches of any data: each sample once, in order, with its own target and weight."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_ops import tree
from dl_train.data import EpochIterator, PyDataset, make_adapter, split_dataset, train_validation_split
from dl_train.data.adapter import Stacked

LENGTHS = st.integers(1, 70)
SIZES = st.integers(1, 40)
SHUFFLES = st.sampled_from([False, True, "batch"])


def samples(length: int) -> tuple[Any, Any, Any]:
    """Inputs, targets and weights that tell the number of their sample."""
    number = np.arange(length)
    return {"a": np.stack([number, -number], 1).astype("float32"), "b": [number.astype("int16")]}, number, number / 7


class Batched(PyDataset):
    """Samples in batches."""

    def __init__(self, length: int, size: int, **options: Any) -> None:
        super().__init__(**options)
        self.length, self.size = length, size

    def __len__(self) -> int:
        return -(-self.length // self.size)

    def __getitem__(self, index: int) -> Any:
        x, y, weight = samples(self.length)
        part = slice(index * self.size, (index + 1) * self.size)
        return {"a": x["a"][part], "b": [x["b"][0][part]]}, y[part], weight[part]


class Iterable:
    """The same, gone through from the beginning each time."""

    def __init__(self, length: int, size: int) -> None:
        self.batches = Batched(length, size)

    def __iter__(self) -> Iterator[Any]:
        return (self.batches[i] for i in range(len(self.batches)))


def source(kind: str, length: int, size: int, shuffle: Any) -> Any:
    if kind == "arrays":
        return make_adapter(*samples(length), batch_size=size, shuffle=shuffle)
    if kind == "PyDataset":
        return make_adapter(Batched(length, size), shuffle=shuffle)
    if kind == "threads":
        return make_adapter(Batched(length, size, workers=3, max_queue_size=2), shuffle=shuffle)
    return make_adapter(Iterable(length, size))


def check_together(batches: list[Any]) -> list[int]:
    """Check that parts of samples are together; the samples' numbers."""
    for x, y, weight in batches:
        np.testing.assert_array_equal(x["a"], np.stack([y, -y], 1))
        np.testing.assert_array_equal(x["b"][0], y)
        np.testing.assert_array_equal(weight, (y / 7).astype("float32"))
        assert (x["a"].dtype, x["b"][0].dtype, weight.dtype) == (np.float32, np.int16, np.float32)
    return [int(number) for _, y, _ in batches for number in y]


@pytest.mark.parametrize("kind", ["arrays", "PyDataset", "threads", "iterable"])
@settings(max_examples=40, deadline=None)
@given(length=LENGTHS, size=SIZES, shuffle=SHUFFLES, skip=st.integers(0, 5))
def test_each_sample_comes_once(kind: str, length: int, size: int, shuffle: Any, skip: int) -> None:
    data = source(kind, length, size, shuffle)
    if skip % 2:
        check_together([data.peek()])
    for _ in range(2):
        batches = list(data.epoch())
        numbers = check_together(batches)
        assert len(batches) == -(-length // size)
        assert sorted(numbers) == list(range(length))
        if not shuffle or kind == "iterable":
            assert numbers == list(range(length))
        if shuffle == "batch" or kind != "arrays":
            assert all(np.all(np.diff(y) == 1) for _, y, _ in batches)
        sizes = [len(y) for _, y, _ in batches]
        assert sizes.count(size) >= length // size
    # the same order again, but for its beginning
    again = check_together(list(data.epoch(min(skip, len(batches)), data.order)))
    assert again == check_together(batches[skip:])


@settings(max_examples=100, deadline=None)
@given(length=LENGTHS, size=SIZES, steps=st.integers(1, 9), epochs=st.integers(1, 5), shuffle=SHUFFLES)
def test_steps_go_on_through_the_data_whatever_their_number(
    length: int, size: int, steps: int, epochs: int, shuffle: Any
) -> None:
    iterator = EpochIterator(make_adapter(*samples(length), batch_size=size, shuffle=shuffle), steps)
    given = [list(iterator.epoch()) for _ in range(epochs)]
    assert [len(batches) for batches in given] == [steps] * epochs
    per_pass = -(-length // size)
    batches = [batch for epoch in given for batch in epoch]
    for first in range(0, len(batches), per_pass):
        numbers = check_together(batches[first : first + per_pass])
        assert len(set(numbers)) == len(numbers)
        if first + per_pass <= len(batches):
            assert sorted(numbers) == list(range(length))


@settings(max_examples=100, deadline=None)
@given(length=st.integers(2, 70), fraction=st.floats(0.01, 0.99))
def test_validation_has_the_last_samples_and_training_the_others(length: int, fraction: float) -> None:
    if int(length * (1 - fraction)) in (0, length):
        with pytest.raises(ValueError, match="leaves none on one side"):
            train_validation_split(samples(length), fraction)
        return
    parts = train_validation_split(samples(length), fraction)
    numbers = [check_together([(x, y, w.astype("float32"))]) for x, y, w in parts]
    assert numbers[0] + numbers[1] == list(range(length))
    assert len(numbers[0]) == int(length * (1 - fraction))


@pytest.mark.parametrize("shuffle", [False, True, "batch"])
def test_no_copy_of_the_whole_is_made(shuffle: Any) -> None:
    x, y = np.ones((40_000, 100)), np.ones(40_000)
    tracemalloc.start()
    try:
        (part, target, _), _ = train_validation_split((x, y, None), 0.2)
        for _ in make_adapter(part, target, batch_size=100, shuffle=shuffle).epoch():
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < x.nbytes / 8


SIZE = st.one_of(st.none(), st.integers(1, 30), st.floats(0.01, 0.99))


@settings(max_examples=150, deadline=None)
@given(length=st.integers(2, 30), left=SIZE, right=SIZE, shuffle=st.booleans(), seed=st.integers(0, 9))
def test_splits_are_apart(length: int, left: Any, right: Any, shuffle: bool, seed: int) -> None:
    def number(size: Any) -> Any:
        return round(size * length) if isinstance(size, float) else size

    sizes = [number(left), number(right)]
    expected = [length - sizes[1] if sizes[0] is None and sizes[1] is not None else sizes[0], sizes[1]]
    if expected[1] is None and expected[0] is not None:
        expected[1] = length - expected[0]
    arguments = {"left_size": left, "right_size": right, "shuffle": shuffle, "seed": seed, "preferred_backend": "numpy"}
    valid = None not in expected and min(expected) > 0 and sum(expected) <= length
    if not valid:
        with pytest.raises(ValueError, match=r"split_dataset\("):
            split_dataset(np.arange(length), **arguments)
        return
    halves = [[int(x) for x in part] for part in split_dataset(np.arange(length), **arguments)]
    assert [len(half) for half in halves] == expected
    assert len(set(halves[0] + halves[1])) == sum(expected)
    if not shuffle:
        assert halves[0] == list(range(expected[0]))
        assert halves[1] == list(range(length - expected[1], length))
    assert halves == [[int(x) for x in part] for part in split_dataset(np.arange(length), **arguments)]


@given(LENGTHS, SIZES, st.integers(2, 9), st.booleans())
def test_batches_come_stacked_as_they_come_one_by_one(length: int, size: int, at_once: int, shuffle: bool) -> None:
    def epoch() -> EpochIterator:
        np.random.seed(length)
        return EpochIterator(make_adapter(*samples(length), batch_size=size, shuffle=shuffle))

    single = list(epoch().epoch())
    found: list[Any] = []
    for group in epoch().batches(at_once):
        if isinstance(group, Stacked):
            assert group.steps == at_once
            found += [tree.map_structure(lambda x, i=i: x[i], group.batch) for i in range(group.steps)]
        else:
            found += group
    assert len(found) == len(single)
    for one, other in zip(found, single, strict=True):
        for x, y in zip(tree.flatten(one), tree.flatten(other), strict=True):
            np.testing.assert_array_equal(x, y)
