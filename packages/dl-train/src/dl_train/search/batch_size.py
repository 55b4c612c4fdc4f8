"""The search for the largest batch that fits in memory."""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dl_ops import tree
from dl_ops.interchange import convert_to_numpy
from dl_train.trainer.keeping import first_batch, keeping_state, loss_of_step

if TYPE_CHECKING:
    from dl_train.data.adapter import Batch
    from dl_train.models.model import Model

_SIGNS: Final = (
    "out of memory", "resource_exhausted", "resource exhausted", "can't allocate memory", "not enough memory",
    "failed to allocate", "bad_alloc", "oom when allocating",
)  # fmt: skip
"""What frameworks write in the errors that they raise then."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory, the machine's or a device's, was not enough.

    Parameters
    ----------
    error : BaseException

    Examples
    --------
    >>> is_out_of_memory(MemoryError()), is_out_of_memory(RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating"))
    (True, True)
    >>> is_out_of_memory(ValueError("shapes differ"))
    False
    """
    if isinstance(error, MemoryError) or "OutOfMemory" in type(error).__name__:
        return True
    text = f"{type(error).__name__} {error}".lower()
    return any(sign in text for sign in _SIGNS)


@dataclass(frozen=True)
class BatchSizes:
    """Sizes of batches that were tried.

    Parameters
    ----------
    seconds : dict from int to float or None
        Time of a training step with batches of each size; ``None`` if it did not fit in memory.
    """

    seconds: dict[int, float | None]

    @property
    def largest(self) -> int | None:
        """The largest size that fits; ``None`` if none does."""
        return max((size for size, seconds in self.seconds.items() if seconds is not None), default=None)

    def __str__(self) -> str:
        lines = ["batch size  step        samples per second"]
        for size, seconds in sorted(self.seconds.items()):
            if seconds is None:
                lines.append(f"{size:>10}  does not fit")
            else:
                lines.append(f"{size:>10}  {1e3 * seconds:>7.1f} ms  {size / max(seconds, 1e-9):>18.0f}")
        return "\n".join(lines)

    __repr__ = __str__


def find_batch_size(
    model: Model,
    x: Any,
    y: Any = None,
    *,
    smallest: int = 1,
    largest: int = 65_536,
    steps: int = 3,
    exact: bool = False,
    sample_weight: Any = None,
    class_weight: Mapping[int, float] | None = None,
) -> BatchSizes:
    """Train with batches that double in size until memory is not enough.

    Model, optimizer and random numbers are afterwards as they were. Batches of any size are made of a few samples,
    again and again. On a machine without limits of its memory the system may end the program instead of telling it:
    let `largest` be what could be of use.

    Parameters
    ----------
    model : Model
        Compiled.
    x, y, sample_weight, class_weight
        As for `Model.fit`.
    smallest, largest : int, default 1 and 65,536
        Sizes to begin and end with.
    steps : int, default 3
        Steps with each size; all but the first, which may be compiled, are timed.
    exact : bool, default False
        Whether it goes on between the last size that fits and the first that does not, to within an eighth; powers of
        two are fast on most devices.

    Returns
    -------
    BatchSizes
        Printed, a table with the time of a step; ``largest`` is the largest that fits.

    Raises
    ------
    ValueError
        If an argument is malformed, there is no data, or the model is not compiled.

    Examples
    --------
    >>> import numpy as np
    >>> from dl_layers.core import Dense, Input
    >>> from dl_train import Sequential
    >>> model = Sequential([Input((2,)), Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> find_batch_size(model, np.ones((4, 2)), np.ones((4, 1)), smallest=16, largest=64).largest
    64
    """
    model._check_compiled("find_batch_size")
    if not 1 <= smallest <= largest:
        raise ValueError(f"find_batch_size(smallest={smallest}, largest={largest}): expected 1 <= smallest <= largest")
    if steps < 1:
        raise ValueError(f"find_batch_size(steps={steps}): expected at least 1")
    batch = first_batch("find_batch_size", x, y, None, sample_weight, class_weight)
    seconds: dict[int, float | None] = {}
    with keeping_state(model, batch):

        def fits(size: int) -> bool:
            seconds[size] = _time(model, batch, size, steps)
            return seconds[size] is not None

        size = smallest
        while fits(size) and size < largest:
            size = min(2 * size, largest)
        if exact and seconds[size] is None:
            low, high = size // 2, size
            while high - low > max(low // 8, 1) and low >= smallest:
                middle = (low + high) // 2
                low, high = (middle, high) if fits(middle) else (low, middle)
    return BatchSizes(dict(sorted(seconds.items())))


def _time(model: Model, batch: Batch, size: int, steps: int) -> float | None:
    """Seconds of a step; ``None`` if memory is not enough."""
    try:
        many = tree.map_structure(lambda leaf: _repeated(leaf, size), batch)
        times = []
        for _ in range(steps):
            begin = time.perf_counter()
            loss_of_step(model, many)  # waits for the loss
            times.append(time.perf_counter() - begin)
        return min(times[1:] or times)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
    # what the error's frames held is free by now
    model._forget_functions()
    gc.collect()
    return None


def _repeated(leaf: Any, size: int) -> Any:
    if leaf is None:
        return None
    values = convert_to_numpy(leaf)
    return np.take(values, np.arange(size) % len(values), axis=0)
