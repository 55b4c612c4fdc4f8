"""Values that threads make ahead, given in order."""

from __future__ import annotations

import contextvars
import os
import threading
import time
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_LONG = 60.0
"""Seconds after which whoever waits is told."""


class Ahead(Iterator[T], Generic[T]):
    """Values of items, made ahead by threads and given in the items' order.

    What making a value raises is raised in the value's place, with its traceback; values that come before it are given
    first. The threads end when the values do, when something was raised, with `close`, and when nobody holds the
    iterator any more; they never keep the interpreter from ending.

    Parameters
    ----------
    items : iterable
        What to make values of. One thread at a time asks for the next.
    makers : sequence of callable
        For each thread, the function that makes the value of an item.
    ahead : int
        How many values, made or in the making, may wait to be asked for.
    name : str
        Of the threads, and in messages.

    Examples
    --------
    >>> list(Ahead(range(4), [lambda x: x * x] * 2, ahead=3, name="squares"))
    [0, 1, 4, 9]
    """

    def __init__(self, items: Iterable[Any], makers: Sequence[Callable[[Any], T]], ahead: int, name: str) -> None:
        # threads hold what they share and not this iterator, which can so be collected, and ends them
        self._shared = shared = _Shared(iter(items), ahead)
        self._name = name
        self._threads = [
            # in the caller's scopes, such as the active backend
            threading.Thread(target=contextvars.copy_context().run, args=(shared.work, make), name=name, daemon=True)
            for make in makers
        ]
        for thread in self._threads:
            thread.start()
        self._end = weakref.finalize(self, shared.stop)

    def __next__(self) -> T:
        shared, since, told = self._shared, time.monotonic(), False
        with shared.changed:
            while shared.given not in shared.made:
                if shared.given == shared.taken and not shared.goes_on:
                    raise StopIteration
                # before it waits, not after: meanwhile they may have made it and ended
                if not any(thread.is_alive() for thread in self._threads):
                    raise RuntimeError(f"{self._name}: all threads ended without having made number {shared.given}")
                shared.changed.wait(1.0)
                if not told and time.monotonic() - since > _LONG:
                    told = True
                    warnings.warn(
                        f"{self._name}: number {shared.given} has been in the making for more than {_LONG:g} seconds",
                        RuntimeWarning,
                        stacklevel=2,
                    )
            value, error = shared.made.pop(shared.given)
            shared.given += 1
            shared.changed.notify_all()
        if error is None:
            return value  # type: ignore[no-any-return]  # T: what a maker returned
        self.close()
        if isinstance(error, StopIteration):
            # it would look like the end of the values
            raise RuntimeError(f"{self._name}: StopIteration was raised while a value was made") from error
        try:
            raise error
        finally:
            del error  # and with it the frames that its traceback holds

    def close(self, timeout: float = 1.0) -> None:
        """Make no more values; what is in the making is forgotten.

        Parameters
        ----------
        timeout : float, default 1.0
            Seconds to wait for threads that are making a value. Afterwards they end by themselves.
        """
        self._end()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))


class _Shared:
    """What the threads and the iterator know of each other."""

    def __init__(self, items: Iterator[Any], ahead: int) -> None:
        self.items, self.ahead = items, ahead
        self.changed = threading.Condition()
        self.made: dict[int, tuple[Any, BaseException | None]] = {}
        self.taken = self.given = 0
        self.goes_on = True
        self.owner = os.getpid()

    def work(self, make: Callable[[Any], Any]) -> None:
        while True:
            with self.changed:
                while self.goes_on and self.taken - self.given >= self.ahead:
                    self.changed.wait()
                if not self.goes_on:
                    return
                try:
                    item = next(self.items)
                except StopIteration:
                    self.goes_on = False
                    self.changed.notify_all()
                    return
                place = self.taken
                self.taken += 1
            value, error = None, None
            try:
                value = make(item)
            except BaseException as raised:  # whatever it is, the one who asks shall see it
                error = raised
            with self.changed:
                if error is not None:
                    self.goes_on = False
                self.made[place] = (value, error)
                self.changed.notify_all()
            # not to be kept alive while this thread waits
            del item, value, error

    def stop(self) -> None:
        if os.getpid() != self.owner:
            return  # in a forked copy, whose thread that held the lock is not there to release it
        with self.changed:
            self.goes_on = False
            self.taken = self.given
            self.made.clear()
            self.changed.notify_all()
