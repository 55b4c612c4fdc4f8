"""Arrays under differentiation, and the tape they are recorded on."""

from __future__ import annotations

import itertools
from typing import Any, Final

import numpy as np

from dl_ops.op import registry
from dl_ops.operators import TensorOperators
from dl_ops.typing import Array

_levels: Final = itertools.count()


class Tape:
    """What one differentiation has recorded, in the order of computation.

    Differentiations nest, and one that begins later is the inner one; hence `level`, which only ever grows, says which
    of two tapes is.
    """

    __slots__ = ("entries", "level")

    def __init__(self) -> None:
        self.level = next(_levels)
        self.entries: list[Any] | None = None
        """One entry for each traced array, see `recording`; ``None`` unless the differentiation is going on."""


class Forward(Tape):
    """A differentiation that goes forward with the computation: arrays take tangents along, nothing is recorded."""

    __slots__ = ("active",)

    def __init__(self) -> None:
        super().__init__()
        self.active = True


class Traced(TensorOperators):
    """Array on a tape, or with a tangent.

    Parameters
    ----------
    value : numpy.ndarray or Traced
        Traced if it is under an outer differentiation too.
    tape : Tape
    index : int
        Of its entry on the tape.
    """

    # layers keep masks by weak reference
    __slots__ = ("__weakref__", "dtype", "index", "tangent", "tape", "value")

    tangent: Any
    """How fast the value changes, where the tape is a `Forward`."""

    def __init__(self, value: Any, tape: Tape, index: int) -> None:
        self.value, self.tape, self.index = value, tape, index
        # dispatch asks for it at every call
        self.dtype: Any = value.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        shape: tuple[int, ...] = self.value.shape
        return shape

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        ndim: int = self.value.ndim
        return ndim

    @property
    def size(self) -> int:
        """Number of elements."""
        size: int = self.value.size
        return size

    @property
    def T(self) -> Any:  # noqa: N802  # as NumPy calls it
        """The array with its axes reversed."""
        return _op("transpose", self)

    def reshape(self, *shape: Any) -> Any:
        """Same as ``ops.reshape(self, shape)``."""
        return _op("reshape", self, shape[0] if len(shape) == 1 else shape)

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """Same as ``ops.cast(self, dtype)``."""
        return _op("cast", self, dtype)

    # values can be looked at while they are recorded

    def item(self, *index: Any) -> Any:
        """Element as a Python number."""
        return strip(self).item(*index)

    def tolist(self) -> Any:
        """Values as nested lists of Python numbers."""
        return strip(self).tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(strip(self), dtype=dtype, copy=copy)

    def __bool__(self) -> bool:
        return bool(strip(self))

    def __float__(self) -> float:
        return float(strip(self))

    def __int__(self) -> int:
        return int(strip(self))

    def __len__(self) -> int:
        return len(self.value)

    def __repr__(self) -> str:
        return f"<Traced {strip(self)!r}>"


def _op(name: str, *args: Any) -> Any:
    return registry[name].public(*args)


def dual(value: Any, tangent: Any, forward: Forward) -> Traced:
    """Array with a tangent of its shape and dtype."""
    x = Traced(value, forward, -1)
    x.tangent = tangent
    return x


def strip(x: Any) -> Any:
    """The bare array of a value that may be traced, on however many tapes."""
    while type(x) is Traced:
        x = x.value
    return x
