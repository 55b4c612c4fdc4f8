"""Data sets written in Python, whose batches threads or processes prepare ahead."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from dl_ops.objects import public
from dl_train.data.adapter import Batch, PeekingAdapter, draw_seed, permutation
from dl_train.data.ahead import Ahead
from dl_train.data.conversion import as_batch
from dl_train.data.processes import Copies


@public("keras.utils.PyDataset", "keras.utils.Sequence")
class PyDataset:
    """Base class of data sets that make each batch when it is asked for.

    Subclasses have ``__len__``, the number of batches, and ``__getitem__(index)``, which returns a batch: ``x``,
    ``(x, y)`` or ``(x, y, sample_weight)``.

    Parameters
    ----------
    workers : int, default 1
        Number of threads or processes that prepare batches ahead. With 0, and with 1 unless it is a process, batches
        are made when they are needed, by whoever trains; so `__getitem__` may look at the model.
    use_multiprocessing : bool, default False
        Whether they are processes. The data set is pickled and sent to each when an epoch begins, if it has changed.
        Item by item, a process sets the seeds of Python's and NumPy's global generators, so that what is drawn
        depends on ``set_random_seed`` alone. A script must train under ``if __name__ == "__main__":``.
    max_queue_size : int, default 10
        Number of batches that may wait, made or in the making; at least `workers`.

    Examples
    --------
    >>> import numpy as np
    >>> class Squares(PyDataset):
    ...     def __len__(self):
    ...         return 2
    ...
    ...     def __getitem__(self, index):
    ...         x = np.arange(4.0) + 4 * index
    ...         return x, x**2
    >>> Squares().num_batches
    2
    """

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self._workers, self._use_multiprocessing, self._max_queue_size = workers, use_multiprocessing, max_queue_size

    # subclasses of older code do not call __init__
    @property
    def workers(self) -> int:
        """Number of threads or processes."""
        return getattr(self, "_workers", 1)

    @workers.setter
    def workers(self, value: int) -> None:
        self._workers = value

    @property
    def use_multiprocessing(self) -> bool:
        """Whether batches are prepared in processes."""
        return getattr(self, "_use_multiprocessing", False)

    @use_multiprocessing.setter
    def use_multiprocessing(self, value: bool) -> None:
        self._use_multiprocessing = value

    @property
    def max_queue_size(self) -> int:
        """Number of batches prepared ahead."""
        return getattr(self, "_max_queue_size", 10)

    @max_queue_size.setter
    def max_queue_size(self, value: int) -> None:
        self._max_queue_size = value

    def __getitem__(self, index: int) -> Any:
        """Batch at a position.

        Parameters
        ----------
        index : int

        Returns
        -------
        tuple
        """
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__(index)")

    @property
    def num_batches(self) -> int | None:
        """Number of batches in an epoch; ``None`` if there is no end."""
        return len(self) if hasattr(self, "__len__") else None

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""

    def state_dict(self) -> Any:
        """What has changed since the data set was made, such as an order that `on_epoch_end` draws; of what JSON has.

        A data set that changes returns it here, so that a training that was killed can be gone on with, see
        `BackupAndRestore`.

        Returns
        -------
        any
            By default ``None``: nothing has.
        """
        return None

    def load_state_dict(self, state: Any) -> None:
        """Take up what `state_dict` returned in another process.

        Parameters
        ----------
        state : any
        """


def _check_numbers(dataset: PyDataset) -> None:
    name = type(dataset).__name__
    values: dict[str, Any] = {"workers": dataset.workers, "max_queue_size": dataset.max_queue_size}
    if dataset.num_batches is not None:
        values["num_batches"] = dataset.num_batches
    for argument, value in values.items():
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
            raise ValueError(f"{name}({argument}={value!r}): expected an integer of at least 0")


def _as_batch(item: Any, name: str) -> Batch:
    if item is None:
        raise ValueError(f"{name}.__getitem__() returned None")
    return as_batch(item, name)


class PyDatasetData(PeekingAdapter):
    """Batches of a `PyDataset`, in order, prepared ahead by its workers.

    Parameters
    ----------
    dataset : PyDataset
    shuffle : bool, default False
        Whether each epoch has the batches in another order.
    """

    repeatable = True

    def __init__(self, dataset: PyDataset, shuffle: bool = False) -> None:
        super().__init__()
        self._dataset = dataset
        self._items: Ahead[Any] | None = None
        self._copies: Copies | None = None
        self.num_batches, self.endless = dataset.num_batches, dataset.num_batches is None
        _check_numbers(dataset)
        # without an end there is no order to draw
        self._shuffle = shuffle and self.num_batches is not None

    def on_epoch_begin(self) -> None:
        """Tell the data set."""
        self._dataset.on_epoch_begin()

    def on_epoch_end(self) -> None:
        """Tell the data set, whose length may change then."""
        self._dataset.on_epoch_end()
        self.num_batches = self._dataset.num_batches

    def state(self) -> Any:
        """The data set's."""
        return self._dataset.state_dict()

    def restore(self, state: Any) -> None:
        """Tell the data set."""
        super().restore(state)
        if state is not None:
            self._dataset.load_state_dict(state)
            self.num_batches = self._dataset.num_batches

    def draw_order(self) -> int | None:
        return draw_seed() if self._shuffle or self._uses_processes else None

    @property
    def fresh(self) -> bool:  # type: ignore[override]  # as an attribute there
        """Whether batches come from a process, which can fill no arrays of this one."""
        return self._uses_processes

    @property
    def _uses_processes(self) -> bool:
        return self._dataset.workers > 0 and self._dataset.use_multiprocessing

    def batches_from(self, skip: int, order: Any) -> Iterator[Batch]:
        # the seed is looked at here and not when the first batch is made
        if self.num_batches is None:
            return self._batches(itertools.count(skip), order)
        indices = permutation(self.num_batches, order).tolist() if self._shuffle else range(self.num_batches)
        return self._batches(indices[skip:], order)

    def _batches(self, indices: Iterable[int], order: Any) -> Iterator[Batch]:
        if self._dataset.workers > 1 or self._uses_processes:
            yield from self._prepared(indices, order)
        else:
            for index in indices:
                yield _as_batch(self._dataset[index], type(self._dataset).__name__)

    def _prepared(self, indices: Iterable[int], order: Any) -> Iterator[Batch]:
        """Batches from the workers, in order; what a worker raises is raised here."""
        dataset, name = self._dataset, type(self._dataset).__name__
        if self._items is not None:
            self.close()  # an epoch that nobody went through to its end
        makers = self._processes(order) if self._uses_processes else [dataset.__getitem__] * dataset.workers
        most = max(dataset.max_queue_size, dataset.workers)
        # threads also convert, those too that wait for a process each
        ready = [lambda index, make=make: _as_batch(make(index), name) for make in makers]
        self._items = items = Ahead(indices, ready, most, f"{name} (PyDataset)")
        try:
            yield from items
            items.close()
            self._items = None
        finally:
            if self._items is items:
                self.close()

    def _processes(self, seed: int) -> Sequence[Callable[[int], Any]]:
        """The processes, which last as long as training does."""
        copies = self._copies
        if copies is None or not copies.ready or len(copies.workers) != self._dataset.workers:
            self.close()
            self._copies = copies = Copies(self._dataset, self._dataset.workers)
        copies.update(seed)
        return copies.workers

    def close(self) -> None:
        """End the threads and processes, if there are any."""
        super().close()
        (items, self._items), (copies, self._copies) = (self._items, None), (self._copies, None)
        # first the processes, so that threads do not wait for them
        if copies is not None:
            copies.close()
        if items is not None:
            items.close()
