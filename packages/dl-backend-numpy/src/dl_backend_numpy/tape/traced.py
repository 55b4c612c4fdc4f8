"""Arrays under differentiation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from dl_ops.operators import TensorOperators
from dl_ops.typing import Array

Pullback = Callable[[Any], Any]


class Step(NamedTuple):
    """One recorded kernel call: the inputs that are differentiated, and what turns the output's gradient into theirs."""

    parents: tuple[Traced, ...]
    pullbacks: tuple[Pullback, ...]


class Traced(TensorOperators):
    """Array on a tape.

    Parameters
    ----------
    value : numpy.ndarray or Traced
        Traced if it is under an outer differentiation too.
    level : int
        Nesting depth of the differentiation it belongs to.
    step : Step, optional
        Where it came from; ``None`` for an input.
    """

    __slots__ = ("gradient", "level", "step", "value")

    def __init__(self, value: Array | Traced, level: int, step: Step | None = None) -> None:
        self.value, self.level, self.step = value, level, step

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    @property
    def dtype(self) -> Any:
        return self.value.dtype

    @property
    def ndim(self) -> int:
        return self.value.ndim

    def __repr__(self) -> str:
        return f"<Traced shape={self.shape}, dtype={self.dtype}, level={self.level}>"
