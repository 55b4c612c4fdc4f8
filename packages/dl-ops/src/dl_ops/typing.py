"""Types that signatures across the framework are written with.

Op definitions use four spellings for tensor parameters, and the ``op`` decorator reads them: `TensorLike` takes
part in dtype promotion; `IndicesLike`, `ConditionLike` and `ValueLike` are converted to tensors and left out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, Union

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor
    from dl_ops.variable import Variable


class Tensor(Protocol):
    """What every framework's tensor, a symbolic tensor and a NumPy array have in common."""

    @property
    def shape(self) -> Any: ...
    @property
    def dtype(self) -> Any: ...
    @property
    def ndim(self) -> Any: ...
    def __getitem__(self, key: Any, /) -> Any: ...
    def __add__(self, other: Any, /) -> Any: ...
    def __radd__(self, other: Any, /) -> Any: ...
    def __sub__(self, other: Any, /) -> Any: ...
    def __rsub__(self, other: Any, /) -> Any: ...
    def __mul__(self, other: Any, /) -> Any: ...
    def __rmul__(self, other: Any, /) -> Any: ...
    def __truediv__(self, other: Any, /) -> Any: ...
    def __rtruediv__(self, other: Any, /) -> Any: ...
    def __pow__(self, other: Any, /) -> Any: ...
    def __rpow__(self, other: Any, /) -> Any: ...
    def __matmul__(self, other: Any, /) -> Any: ...
    def __neg__(self) -> Any: ...
    def __lt__(self, other: Any, /) -> Any: ...
    def __le__(self, other: Any, /) -> Any: ...
    def __gt__(self, other: Any, /) -> Any: ...
    def __ge__(self, other: Any, /) -> Any: ...


Array: TypeAlias = npt.NDArray[Any]
Scalar: TypeAlias = bool | int | float | complex | np.generic
NestedNumbers: TypeAlias = Sequence[Any]

TensorLike: TypeAlias = Union[Tensor, "KerasTensor", "Variable", Array, Scalar, NestedNumbers]
"""Anything an op accepts as a tensor whose dtype takes part in promotion."""

IndicesLike: TypeAlias = Union[Tensor, "KerasTensor", "Variable", Array, int, NestedNumbers]
"""Integers that index or count; converted, not promoted with the other arguments."""

ConditionLike: TypeAlias = Union[Tensor, "KerasTensor", "Variable", Array, bool, NestedNumbers]
"""Truth values; converted to bool, not promoted with the other arguments."""

ValueLike: TypeAlias = Union[Tensor, "KerasTensor", "Variable", Array, Scalar, NestedNumbers]
"""Values that the op gives a dtype of its own; Python numbers are converted with all their digits."""

Shape: TypeAlias = tuple[int | None, ...]
"""Static shape; ``None`` stands for a size that is not known yet."""

ShapeLike: TypeAlias = int | Sequence[int | None]
DTypeLike: TypeAlias = str | type | Any
Axis: TypeAlias = int | Sequence[int] | None
Structure: TypeAlias = Any
"""Nested lists, tuples and dicts with tensors as leaves."""
