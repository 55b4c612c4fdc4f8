"""Processes that make the items of a data set."""

from __future__ import annotations

import atexit
import hashlib
import multiprocessing
import os
import pickle
import random
import signal
import sys
import threading
import traceback
import weakref
from multiprocessing import connection
from typing import Any

import numpy as np

from dl_train.extras import require

# a forked copy of a process with threads, as all frameworks have, may hang
_CONTEXT = multiprocessing.get_context("spawn")

_Parts = list[Any]
"""A pickle, and the buffers that it refers to."""


def _parts(value: Any, pickler: Any = pickle) -> _Parts:
    buffers: list[pickle.PickleBuffer] = []
    head = pickler.dumps(value, protocol=5, buffer_callback=buffers.append)
    return [head, *(buffer.raw() for buffer in buffers)]


def _send(to: Any, parts: _Parts) -> None:
    to.send_bytes(pickle.dumps([len(part) for part in parts]))
    for part in parts:
        to.send_bytes(part)


def _receive(source: Any) -> Any:
    """What the process at the other end sent: one's own, so it may be unpickled; arrays come without a further copy."""
    head, *buffers = [bytearray(size) for size in pickle.loads(source.recv_bytes())]
    for buffer in (head, *buffers):
        if buffer:
            source.recv_bytes_into(buffer)
        else:
            source.recv_bytes()
    return pickle.loads(head, buffers=buffers)


class Copies:
    """Copies of a data set, each in a process of its own.

    Parameters
    ----------
    dataset : object
        Has ``__getitem__``; it must be picklable.
    number : int
        Of processes.

    Raises
    ------
    TypeError
        If the data set cannot be pickled.
    """

    def __init__(self, dataset: Any, number: int) -> None:
        self._dataset, self._known = dataset, b""
        parts = self._pickled()
        self.workers = [Worker(f"{type(dataset).__name__}_{i}") for i in range(number)]
        self._hand_out(parts)

    @property
    def ready(self) -> bool:
        """Whether all processes wait for something to do."""
        return all(worker.waits for worker in self.workers)

    def update(self, seed: int) -> None:
        """Have the copies be what the data set is now, and draw what they draw from a seed and an item's index."""
        parts = self._pickled()
        if parts is not None:
            self._hand_out(parts)
        for worker in self.workers:
            worker.seed = seed

    def close(self) -> None:
        """End the processes."""
        for worker in self.workers:
            worker.close()

    def _pickled(self) -> _Parts | None:
        """The data set, unless it is as it was."""
        kind = type(self._dataset)
        pickler = _pickler_for(kind)
        try:
            parts = _parts(self._dataset, pickler)
        except Exception as error:  # whatever a class of the user's raises
            raise TypeError(
                f"{kind.__name__} cannot be sent to worker processes: {type(error).__name__}: {error}; make it "
                f"picklable, or have threads for workers, with use_multiprocessing=False"
            ) from error
        digest = hashlib.blake2b()
        for part in parts:
            digest.update(part)
        if digest.digest() == self._known:
            return None
        self._known = digest.digest()
        return parts

    def _hand_out(self, parts: _Parts | None) -> None:
        assert parts is not None
        for worker in self.workers:
            worker.dataset = parts


def _pickler_for(kind: type) -> Any:
    """What pickles objects of a class: a class of an interactive session goes along, as no file has it."""
    if kind.__module__ != "__main__" or hasattr(sys.modules["__main__"], "__file__"):
        return pickle
    return require("cloudpickle", f"{kind.__name__}, a class of an interactive session in processes,", "interactive")


class Worker:
    """Process that makes items, one at a time.

    Parameters
    ----------
    name : str
    """

    def __init__(self, name: str) -> None:
        self.dataset: _Parts | None = None
        self.seed = 0
        if multiprocessing.current_process().daemon:
            raise RuntimeError(
                f"{name}: a daemon process, such as a worker of multiprocessing.Pool, can start no processes; "
                f"have threads for workers, with use_multiprocessing=False"
            )
        self._owner = os.getpid()
        self._connection, other = _CONTEXT.Pipe()
        # not a daemon, which could have no processes of its own
        self._process = _CONTEXT.Process(target=_serve, args=(other,), name=name)
        self._process.start()
        other.close()
        self.waits = True
        _running.add(self)

    def __call__(self, index: int) -> Any:
        """Item at an index.

        Raises
        ------
        RuntimeError
            If the process ends.
        Exception
            What making the item raises, with the traceback of there in a note.
        """
        self.waits = False
        try:
            if self.dataset is not None:
                parts, self.dataset = self.dataset, None
                self._connection.send_bytes(b"dataset")
                _send(self._connection, parts)
            self._connection.send_bytes(pickle.dumps((self.seed, index)))
            connection.wait([self._connection, self._process.sentinel])
            item, raised = _receive(self._connection)
        except (EOFError, OSError):
            raise RuntimeError(self._end_of(index)) from None
        self.waits = True
        if raised is not None:
            raise _as_raised(*raised)
        return item

    def _end_of(self, index: int) -> str:
        self._process.join(5.0)
        code = self._process.exitcode
        how = "lost its connection" if code is None else f"ended with exit code {code}"
        if code is not None and code < 0:
            how = f"was killed by {signal.Signals(-code).name}"
            if code == -signal.SIGKILL:
                how += ", as happens where memory runs out"
        text = f"worker process {self._process.pid} ({self._process.name}) {how} while it made the item {index}"
        if code == 1:
            text += '; a script that starts processes must do so under: if __name__ == "__main__":'
        return text

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if os.getpid() != self._owner:
            return  # in a forked copy of the process that started it
        _running.discard(self)
        self.waits = False
        self._process.kill()
        self._process.join(5.0)
        # the connection is closed when nobody holds it: a thread may still be about to read from it, and would read
        # from whatever is opened next under its number


_running: weakref.WeakSet[Worker] = weakref.WeakSet()


@atexit.register  # before multiprocessing's own function, which was registered first, and would wait for them
def _end_all() -> None:
    for worker in list(_running):
        worker.close()


def _as_raised(pickled: bytes | None, text: str, summary: str) -> BaseException:
    error: BaseException
    try:
        error = pickle.loads(pickled) if pickled is not None else RuntimeError(summary)
        if not isinstance(error, Exception):
            error = RuntimeError(summary)  # SystemExit is meant for the worker
    except Exception:  # exceptions whose arguments are not those of their class
        error = RuntimeError(summary)
    error.add_note(f"In a worker process:\n\n{text}")
    return error


def _serve(source: Any) -> None:
    """Make items as they are asked for, until nobody is there to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asks ends this process
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    dataset: Any = None
    problem: BaseException | None = None
    try:
        while True:
            request = source.recv_bytes()
            if request == b"dataset":
                try:
                    dataset, problem = _receive(source), None
                except Exception as error:  # such as a module that cannot be imported here
                    problem = error
                continue
            seed, index = pickle.loads(request)
            # as if each item had a generator of its own, whichever process makes it
            random.seed(f"{seed} {index}")
            np.random.seed([seed, index])
            try:
                if problem is not None:
                    raise problem
                reply = _parts((dataset[index], None))
            except BaseException as error:  # SystemExit is no reason to leave the one who asks without an answer
                reply = _parts((None, _described(error)))
            _send(source, reply)
    except (EOFError, OSError):
        pass  # the one who asked is gone


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _described(error: BaseException) -> tuple[bytes | None, str, str]:
    text = "".join(traceback.format_exception(error))
    try:
        pickled: bytes | None = pickle.dumps(error)
    except Exception:  # whatever it holds
        pickled = None
    return pickled, text, f"{type(error).__name__}: {error}"
