"""Batches from all kinds of data, and what is wrong with data."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dl_ops import ops
from dl_ops.backend import Backend
from dl_train.data import (
    EpochIterator,
    PyDataset,
    make_adapter,
    pack_x_y_sample_weight,
    train_validation_split,
    unpack_x_y_sample_weight,
)

X = np.arange(20, dtype="float32").reshape(10, 2)
Y = np.arange(10)


def batches(data: Any) -> list[Any]:
    return list(data.epoch())


def test_arrays_come_in_order_in_slices() -> None:
    data = make_adapter(X, Y, batch_size=4)
    parts = batches(data)
    assert data.num_batches == 3
    assert [len(x) for x, _ in parts] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate([x for x, _ in parts]), X)
    np.testing.assert_array_equal(np.concatenate([y for _, y in parts]), Y)
    assert np.shares_memory(parts[0][0], X)


def test_shuffled_samples_keep_together_and_differ_between_epochs() -> None:
    np.random.seed(0)
    data = make_adapter(X, Y, batch_size=4, shuffle=True)
    orders = []
    for _ in range(2):
        x, y = (np.concatenate(parts) for parts in zip(*batches(data), strict=True))
        np.testing.assert_array_equal(x[:, 0], 2 * y)
        assert sorted(y) == list(Y)
        orders.append(y.tolist())
    assert orders[0] != orders[1]
    np.random.seed(0)
    again = make_adapter(X, Y, batch_size=4, shuffle=True)
    assert np.concatenate([y for _, y in batches(again)]).tolist() == orders[0]


def test_batches_are_shuffled_whole() -> None:
    np.random.seed(1)
    parts = [y.tolist() for _, y in batches(make_adapter(X, Y, batch_size=3, shuffle="batch"))]
    assert sorted(parts) == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]


def test_structures_keep_their_form() -> None:
    data = make_adapter({"a": X, "b": [Y, Y]}, (Y, None), batch_size=5)
    x, y = data.peek() or ()
    assert list(x) == ["a", "b"]
    assert isinstance(x["b"], list)
    assert y[1] is None
    assert len(x["b"][0]) == 5


def test_doubles_become_the_default_float_and_lists_arrays() -> None:
    ((x, y),) = batches(make_adapter([[1.0, 2.0], [3.0, 4.0]], [0, 1]))
    assert x.dtype == np.float32
    assert x.shape == (2, 2)
    assert y.tolist() == [0, 1]


def test_tensors_of_a_backend_are_data(backend: Backend) -> None:
    ((x, _),) = batches(make_adapter(ops.convert_to_tensor(X), Y))
    np.testing.assert_array_equal(ops.convert_to_numpy(x), X)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": X, "y": Y[:7]}, "x has 10, y has 7"),
        ({"x": {"a": X, "b": X[:3]}, "y": Y}, r"x\['a'\] has 10, x\['b'\] has 3"),
        ({"x": X[:0], "y": Y[:0]}, "no samples"),
        ({"x": None}, "no data"),
        ({"x": X, "batch_size": 0}, "batch_size=0"),
        ({"x": X, "y": Y, "shuffle": "maybe"}, "shuffle='maybe'"),
        ({"x": iter([]), "y": Y}, "y cannot be given"),
        ({"x": X, "y": Y, "class_weight": {0: float("nan")}}, r"class_weight\[0\]=nan"),
        ({"x": X, "y": Y, "class_weight": {0: -1.0}}, "not negative"),
        ({"x": X, "y": Y, "class_weight": {"0": 1.0}}, "number of a class"),
        ({"x": X, "y": Y, "class_weight": {0: 1.0}, "sample_weight": Y}, "cannot be given both"),
    ],
)
def test_bad_data_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_adapter(**arguments)


@pytest.mark.parametrize("y", [np.array([0, 2, 1]), np.array([[0], [2], [1]]), np.eye(3)[[0, 2, 1]]])
def test_class_weights_weigh_samples(y: Any) -> None:
    ((_, _, weights),) = batches(make_adapter(X[:3], y, class_weight={0: 2.0, 1: 0.5}))
    assert weights.tolist() == [2.0, 1.0, 0.5]


def test_generator_is_used_up_but_the_first_batch_is_not_lost() -> None:
    data = make_adapter((X[i : i + 5], Y[i : i + 5]) for i in (0, 5))
    assert (data.peek() or ())[1].tolist() == [0, 1, 2, 3, 4]
    assert [y.tolist() for _, y in batches(data)] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert batches(data) == []


def test_steps_go_on_where_the_last_epoch_ended() -> None:
    epochs = EpochIterator(make_adapter(X, Y, batch_size=4), steps=2)
    seen = [[y[0] for _, y in epochs.epoch()] for _ in range(3)]
    assert seen == [[0, 4], [8, 0], [4, 8]]


def test_data_that_run_out_are_told() -> None:
    epochs = EpochIterator(make_adapter(iter([(X, Y)])), steps=3)
    with pytest.warns(UserWarning, match="ran out after 1 of 3"):
        assert len(list(epochs.epoch())) == 1
    with pytest.raises(ValueError, match="positive integer"):
        EpochIterator(make_adapter(X), steps=0)


def test_split_takes_the_last_samples() -> None:
    (x, y, w), (x_val, y_val, w_val) = train_validation_split(({"a": X}, Y, None), 0.25)
    assert len(y) == 7
    assert y_val.tolist() == [7, 8, 9]
    assert w is None
    assert w_val is None
    assert len(x["a"]) + len(x_val["a"]) == 10
    for fraction, message in ((1.0, "between"), (0.95, "none on one side")):
        with pytest.raises(ValueError, match=message):
            train_validation_split((X, Y), fraction)
    with pytest.raises(ValueError, match="arrays only"):
        train_validation_split((iter([]), None), 0.5)


def test_packing_is_the_inverse_of_unpacking() -> None:
    for packed in ((X,), (X, Y), (X, Y, Y)):
        assert unpack_x_y_sample_weight(pack_x_y_sample_weight(*packed))[: len(packed)] == packed
    with pytest.raises(ValueError, match="tuple of 4"):
        unpack_x_y_sample_weight((1, 2, 3, 4))


class Numbers(PyDataset):
    def __init__(self, size: int = 8, delay: float = 0.0, broken: int = -1, **options: Any) -> None:
        super().__init__(**options)
        self.size, self.delay, self.broken = size, delay, broken
        self.events: list[str] = []

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> Any:
        time.sleep(self.delay * (index % 3))
        if index == self.broken:
            raise RuntimeError(f"no item {index}")
        return np.full((2, 1), index, "float64"), np.full(2, index)

    def on_epoch_begin(self) -> None:
        self.events.append("begin")

    def on_epoch_end(self) -> None:
        self.events.append("end")


@pytest.mark.parametrize("options", [{}, {"workers": 3}, {"workers": 2, "max_queue_size": 1}])
def test_py_dataset_comes_in_order(options: dict[str, Any]) -> None:
    data = make_adapter(Numbers(delay=0.002, **options))
    assert data.num_batches == 8
    parts = batches(data)
    assert [int(y[0]) for _, y in parts] == list(range(8))
    assert parts[0][0].dtype == np.float32


def test_py_dataset_in_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # in a module that the processes can import
    (tmp_path / "numbers_in_processes.py").write_text(
        "import os\nimport numpy as np\nfrom dl_train.data import PyDataset\n"
        "class Numbers(PyDataset):\n"
        "    def __len__(self): return 3\n"
        "    def __getitem__(self, index): return np.full((2, 1), os.getpid()), np.full(2, index)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    data = make_adapter(import_module("numbers_in_processes").Numbers(workers=1, use_multiprocessing=True))
    parts = batches(data)
    assert [int(y[0]) for _, y in parts] == [0, 1, 2]
    assert os.getpid() not in {int(x[0, 0]) for x, _ in parts}


@pytest.mark.parametrize("workers", [1, 3])
def test_py_dataset_raises_what_an_item_raises_and_ends(workers: int) -> None:
    data = make_adapter(Numbers(broken=4, workers=workers))
    with pytest.raises(RuntimeError, match="no item 4"):
        batches(data)
    deadline = time.monotonic() + 5
    while any(t.name.startswith("PyDataset") for t in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not [t for t in threading.enumerate() if t.name.startswith("PyDataset")]


def test_py_dataset_that_gives_nothing_is_an_error() -> None:
    class Empty(Numbers):
        def __getitem__(self, index: int) -> Any:
            return None

    with pytest.raises(ValueError, match="returned None"):
        make_adapter(Empty()).peek()


def test_other_iterables_can_be_gone_through_again() -> None:
    class Loader:
        def __iter__(self) -> Iterator[Any]:
            yield X, Y

        def __len__(self) -> int:
            return 1

    data = make_adapter(Loader())
    assert data.num_batches == 1
    assert len(batches(data)) == len(batches(data)) == 1


@pytest.mark.parametrize("late", [True, False])
def test_batches_that_are_filled_anew_are_copied_where_steps_read_them_late(
    late: bool, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(backend), "reads_arguments_late", late)

    def batches() -> Iterator[tuple[Any, ...]]:
        batch = np.zeros((2, 1), "float32")
        for i in range(3):
            batch[:] = i
            yield (batch,)

    adapter = make_adapter(batches())
    assert adapter.peek() is not None
    last = [float(batch[0, 0]) for (batch, *_) in list(adapter.epoch())]
    assert last == ([0.0, 1.0, 2.0] if late else [2.0, 2.0, 2.0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": -1}, "workers=-1"),
        ({"workers": 1.5}, "workers=1.5"),
        ({"max_queue_size": None}, "max_queue_size=None"),
    ],
)
def test_workers_are_a_number(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=rf"Numbers\({message}\): expected an integer"):
        make_adapter(Numbers(**options))
