"""Data sets written in Python, whose batches threads or processes prepare ahead."""

from __future__ import annotations

import itertools
import multiprocessing
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

from dl_ops import tree
from dl_ops.objects import public
from dl_train.data.adapter import Batch, PeekingAdapter, draw_seed, permutation
from dl_train.data.arrays import as_arrays, as_batch, floats_as_default


@public("keras.utils.PyDataset", "keras.utils.Sequence")
class PyDataset:
    """Base class of data sets that make each batch when it is asked for.

    Subclasses have ``__len__``, the number of batches, and ``__getitem__(index)``, which returns a batch: ``x``,
    ``(x, y)`` or ``(x, y, sample_weight)``.

    Parameters
    ----------
    workers : int, default 1
        Number of threads or processes that prepare batches ahead.
    use_multiprocessing : bool, default False
        Whether they are processes; the data set must then be picklable.
    max_queue_size : int, default 10
        Number of batches prepared ahead.

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


# what a process works on: its copy of the data set
_dataset: PyDataset | None = None


def _set_dataset(dataset: PyDataset) -> None:
    global _dataset
    _dataset = dataset


def _get_item(index: int) -> Any:
    assert _dataset is not None
    return _dataset[index]


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
        self.num_batches = dataset.num_batches
        if shuffle and self.num_batches is None:
            warnings.warn("a PyDataset without an end cannot be shuffled", stacklevel=3)
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
        return draw_seed() if self._shuffle else None

    def batches_from(self, skip: int, order: Any) -> Iterator[Batch]:
        # the seed is looked at here and not when the first batch is made
        if self.num_batches is None:
            return self._batches(itertools.count(skip))
        indices = permutation(self.num_batches, order).tolist() if self._shuffle else range(self.num_batches)
        return self._batches(indices[skip:])

    def _batches(self, indices: Iterable[int]) -> Iterator[Batch]:
        if self._dataset.workers > 1 or (self._dataset.workers > 0 and self._dataset.use_multiprocessing):
            items = self._prepared(indices)
        else:
            items = (self._dataset[index] for index in indices)
        for item in items:
            if item is None:
                raise ValueError(f"{type(self._dataset).__name__}.__getitem__() returned None")
            yield tree.map_structure(floats_as_default, as_arrays(as_batch(item)))

    def _prepared(self, indices: Iterable[int]) -> Iterator[Any]:
        """Items from the workers, in order; what a worker raises is raised here, and all end with the epoch."""
        dataset = self._dataset
        executor: Executor
        if dataset.use_multiprocessing:
            # a forked copy of a process with threads, as all frameworks have, may hang
            executor = ProcessPoolExecutor(
                dataset.workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_set_dataset,
                initargs=(dataset,),
            )
            get: Callable[[int], Any] = _get_item
        else:
            executor = ThreadPoolExecutor(dataset.workers, thread_name_prefix="PyDataset")
            get = dataset.__getitem__
        pending: deque[Future[Any]] = deque()
        try:
            for index in indices:
                pending.append(executor.submit(get, index))
                if len(pending) > max(dataset.max_queue_size, dataset.workers):
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
