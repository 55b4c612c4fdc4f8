"""The table of a backend's kernels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class Kernels(Mapping[str, Callable[..., Any]]):
    """Kernels by op name, filled by decoration.

    Examples
    --------
    >>> kernels = Kernels()
    >>> @kernels.add
    ... def negative(x):
    ...     return -x
    >>> kernels["negative"](2)
    -2
    """

    def __init__(self, *tables: Mapping[str, Callable[..., Any]]) -> None:
        self._functions: dict[str, Callable[..., Any]] = {}
        for table in tables:
            for name, function in table.items():
                self.register(name, function)

    def add(self, function: F) -> F:
        """Register `function` as the kernel of the op of its name and return it."""
        self.register(function.__name__, function)
        return function

    def register(self, name: str, function: Callable[..., Any]) -> None:
        """Register a kernel under the name of its op; a second one for the same op is an error."""
        if name in self._functions:
            raise ValueError(f"two kernels for op {name!r}")
        self._functions[name] = function

    def __getitem__(self, name: str) -> Callable[..., Any]:
        return self._functions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)
