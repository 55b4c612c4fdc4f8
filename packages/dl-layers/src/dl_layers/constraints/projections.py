"""Projections of weights, applied after each update."""

from __future__ import annotations

from typing import Any

from dl_ops import config, ops
from dl_ops.objects import public
from dl_ops.typing import Axis, Tensor, TensorLike


@public("keras.constraints.Constraint")
class Constraint:
    """Callable from a weight to the nearest one that is allowed.

    Examples
    --------
    >>> class Fixed(Constraint):
    ...     def __call__(self, w):
    ...         return ops.ones_like(w)
    >>> Fixed()([2.0]).tolist()
    [1.0]
    """

    def __call__(self, w: TensorLike) -> Tensor:
        """Return the projected weight."""
        raise NotImplementedError(f"{type(self).__name__} does not define __call__()")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal constraint."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a constraint from its configuration."""
        return cls(**config)


def _norm(w: Tensor, axis: Axis) -> Any:
    return ops.sqrt(ops.sum(ops.square(w), axis=axis, keepdims=True))


@public("keras.constraints.MaxNorm", "keras.constraints.max_norm")
class MaxNorm(Constraint):
    """Scale down vectors whose norm exceeds a maximum.

    Parameters
    ----------
    max_value : float, default 2
    axis : int or sequence of int, default 0
        Axes of the weight that make a vector.

    Examples
    --------
    >>> [round(x, 3) for x in ops.convert_to_numpy(MaxNorm(1.0)([3.0, 4.0])).tolist()]
    [0.6, 0.8]
    """

    def __init__(self, max_value: float = 2, axis: Axis = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: TensorLike) -> Tensor:
        w = ops.convert_to_tensor(w)
        norm = _norm(w, self.axis)
        return ops.multiply(w, ops.clip(norm, 0, self.max_value) / (config.epsilon() + norm))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


@public("keras.constraints.NonNeg", "keras.constraints.non_neg")
class NonNeg(Constraint):
    """Set negative values to zero.

    Examples
    --------
    >>> NonNeg()([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """

    def __call__(self, w: TensorLike) -> Tensor:
        return ops.maximum(w, 0.0)


@public("keras.constraints.UnitNorm", "keras.constraints.unit_norm")
class UnitNorm(Constraint):
    """Scale vectors to norm 1.

    Parameters
    ----------
    axis : int or sequence of int, default 0
        Axes of the weight that make a vector.

    Examples
    --------
    >>> [round(x, 3) for x in ops.convert_to_numpy(UnitNorm()([3.0, 4.0])).tolist()]
    [0.6, 0.8]
    """

    def __init__(self, axis: Axis = 0) -> None:
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        w = ops.convert_to_tensor(w)
        return ops.divide(w, config.epsilon() + _norm(w, self.axis))

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


@public("keras.constraints.MinMaxNorm", "keras.constraints.min_max_norm")
class MinMaxNorm(Constraint):
    """Bring the norms of vectors into an interval, or part of the way there.

    Parameters
    ----------
    min_value, max_value : float, default 0.0 and 1.0
    rate : float, default 1.0
        How much of the way; 1 enforces the interval.
    axis : int or sequence of int, default 0
        Axes of the weight that make a vector.

    Examples
    --------
    >>> [round(x, 3) for x in ops.convert_to_numpy(MinMaxNorm(0.0, 1.0)([3.0, 4.0])).tolist()]
    [0.6, 0.8]
    """

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Axis = 0) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: TensorLike) -> Tensor:
        w = ops.convert_to_tensor(w)
        norm = _norm(w, self.axis)
        wanted = self.rate * ops.clip(norm, self.min_value, self.max_value) + (1 - self.rate) * norm
        return ops.multiply(w, wanted / (config.epsilon() + norm))

    def get_config(self) -> dict[str, Any]:
        return {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate, "axis": self.axis}
