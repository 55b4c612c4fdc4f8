"""What callbacks and progress bars see of a step: numbers that are fetched from the device when somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dl_ops.interchange import convert_to_numpy

Compute = Callable[[], Mapping[str, Any]]


def to_number(x: Any) -> Any:
    """Float of a scalar tensor, array of another; anything else as it is."""
    if isinstance(x, float):
        return x
    try:
        array = convert_to_numpy(x)
        return float(array) if array.ndim == 0 else array
    except (TypeError, ValueError):
        return x


def to_numbers(logs: Mapping[str, Any]) -> dict[str, Any]:
    """Logs with floats in the places of tensors, sorted by name."""
    return {name: to_number(logs[name]) for name in sorted(logs)}


class LazyLogs(dict[str, Any]):
    """Dictionary of a step's logs that is filled when it is first read.

    Parameters
    ----------
    compute : callable
        Gives the logs, with tensors.

    Examples
    --------
    >>> logs = LazyLogs(lambda: {"loss": 0.5})
    >>> logs["loss"], dict(logs)
    (0.5, {'loss': 0.5})
    """

    __slots__ = ("_compute",)

    def __init__(self, compute: Compute) -> None:
        self._compute: Compute | None = compute

    def fill(self) -> LazyLogs:
        """Fetch the numbers, if that has not happened yet."""
        compute = self._compute
        if compute is not None:
            self._compute = None
            given = {name: dict.__getitem__(self, name) for name in dict.__iter__(self)}
            dict.update(self, {**to_numbers(compute()), **given})
        return self

    def __getitem__(self, name: str) -> Any:
        return dict.__getitem__(self.fill(), name)

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self.fill(), name)

    def __iter__(self) -> Iterator[str]:
        return dict.__iter__(self.fill())

    def __len__(self) -> int:
        return dict.__len__(self.fill())

    def __bool__(self) -> bool:
        return len(self) > 0

    def __eq__(self, other: object) -> bool:
        return dict.__eq__(self.fill(), other)

    __hash__ = None

    def __repr__(self) -> str:
        return dict.__repr__(self.fill())

    def __or__(self, other: Any) -> Any:
        return dict.__or__(self.fill(), other)

    def get(self, name: str, default: Any = None) -> Any:
        return dict.get(self.fill(), name, default)

    def keys(self) -> Any:
        return dict.keys(self.fill())

    def values(self) -> Any:
        return dict.values(self.fill())

    def items(self) -> Any:
        return dict.items(self.fill())

    def copy(self) -> dict[str, Any]:
        return dict(self.fill())

    def pop(self, name: str, *default: Any) -> Any:
        return dict.pop(self.fill(), name, *default)
