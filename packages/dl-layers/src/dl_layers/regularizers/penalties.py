"""Penalties on weights and outputs."""

from __future__ import annotations

import math
from typing import Any

from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike


@public("keras.regularizers.Regularizer", "keras.Regularizer")
class Regularizer:
    """Callable from a tensor to a scalar penalty.

    Examples
    --------
    >>> class Sum(Regularizer):
    ...     def __call__(self, x):
    ...         return ops.sum(x)
    >>> float(Sum()([1.0, 2.0]))
    3.0
    """

    def __call__(self, x: TensorLike) -> Tensor:
        """Return the penalty of a tensor, a scalar."""
        raise NotImplementedError(f"{type(self).__name__} does not define __call__()")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal regularizer."""
        raise NotImplementedError(f"{type(self).__name__} does not define get_config()")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a regularizer from its configuration."""
        return cls(**config)

    def _factor(self, name: str, value: Any, default: float) -> float:
        value = default if value is None else value
        if isinstance(value, bool) or not hasattr(value, "__float__") or not math.isfinite(value) or value < 0:
            raise ValueError(f"{type(self).__name__}({name}={value!r}): expected a number that is not negative")
        return float(value)


@public("keras.regularizers.L1L2", "keras.regularizers.l1_l2")
class L1L2(Regularizer):
    """``l1 * sum(abs(x)) + l2 * sum(x ** 2)``.

    Parameters
    ----------
    l1, l2 : float, default 0.0

    Examples
    --------
    >>> float(L1L2(l1=1.0, l2=2.0)([3.0]))
    21.0
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = self._factor("l1", l1, 0.0), self._factor("l2", l2, 0.0)

    def __call__(self, x: TensorLike) -> Tensor:
        penalty: Any = 0.0
        if self.l1:
            penalty = ops.multiply(self.l1, ops.sum(ops.absolute(x)))
        if self.l2:
            penalty = ops.add(penalty, ops.multiply(self.l2, ops.sum(ops.square(x))))
        return ops.convert_to_tensor(penalty)

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1, "l2": self.l2}


@public("keras.regularizers.L1", "keras.regularizers.l1")
class L1(Regularizer):
    """``l1 * sum(abs(x))``.

    Parameters
    ----------
    l1 : float, default 0.01

    Examples
    --------
    >>> float(L1(0.5)([3.0, -1.0]))
    2.0
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = self._factor("l1", l1, 0.01)

    def __call__(self, x: TensorLike) -> Tensor:
        return ops.multiply(self.l1, ops.sum(ops.absolute(x)))

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1}


@public("keras.regularizers.L2", "keras.regularizers.l2")
class L2(Regularizer):
    """``l2 * sum(x ** 2)``.

    Parameters
    ----------
    l2 : float, default 0.01

    Examples
    --------
    >>> float(L2(0.5)([3.0, -1.0]))
    5.0
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = self._factor("l2", l2, 0.01)

    def __call__(self, x: TensorLike) -> Tensor:
        return ops.multiply(self.l2, ops.sum(ops.square(x)))

    def get_config(self) -> dict[str, Any]:
        return {"l2": self.l2}


@public("keras.regularizers.OrthogonalRegularizer", "keras.regularizers.orthogonal_regularizer")
class OrthogonalRegularizer(Regularizer):
    """Mean absolute cosine between different rows, or columns, of a matrix, times a factor.

    Parameters
    ----------
    factor : float, default 0.01
    mode : {"rows", "columns"}

    Raises
    ------
    ValueError
        If `mode` is neither, or the tensor is no matrix.

    Examples
    --------
    >>> float(OrthogonalRegularizer(1.0)([[1.0, 0.0], [1.0, 0.0]]))
    1.0
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = self._factor("factor", factor, 0.01)
        if mode not in ("rows", "columns"):
            raise ValueError(f"OrthogonalRegularizer(mode={mode!r}): expected 'rows' or 'columns'")
        self.mode = mode

    def __call__(self, x: TensorLike) -> Tensor:
        matrix = ops.convert_to_tensor(x)
        if len(matrix.shape) != 2:
            raise ValueError(f"OrthogonalRegularizer(): expected a matrix, got shape {tuple(matrix.shape)}")
        vectors = ops.normalize(matrix, axis=1 if self.mode == "rows" else 0)
        if self.mode == "columns":
            vectors = ops.transpose(vectors)
        count = vectors.shape[0]
        cosines = ops.matmul(vectors, ops.transpose(vectors)) * (1.0 - ops.eye(count))
        return ops.multiply(self.factor * 0.5 / max(count * (count - 1) / 2, 1), ops.sum(ops.absolute(cosines)))

    def get_config(self) -> dict[str, Any]:
        return {"factor": self.factor, "mode": self.mode}
