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


def _scaled(w: Tensor, wanted: Tensor, norm: Tensor) -> Tensor:
    """Vectors of norm `wanted`."""
    return ops.multiply(w, ops.divide(wanted, ops.add(norm, config.epsilon())))


def _check(constraint: Constraint, valid: bool, expected: str, **options: Any) -> None:
    if not valid:
        given = ", ".join(f"{name}={value!r}" for name, value in options.items())
        raise ValueError(f"{type(constraint).__name__}({given}): expected {expected}")


def _is_norm(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


@public("keras.constraints.MaxNorm", "keras.constraints.max_norm")
class MaxNorm(Constraint):
    """Scale down vectors whose norm exceeds a maximum.

    Parameters
    ----------
    max_value : float, default 2
    axis : int or sequence of int, default 0
        Axes of the weight that make a vector.

    Raises
    ------
    ValueError
        If `max_value` is negative.

    Examples
    --------
    >>> [round(x, 3) for x in ops.convert_to_numpy(MaxNorm(1.0)([3.0, 4.0])).tolist()]
    [0.6, 0.8]
    """

    def __init__(self, max_value: float = 2, axis: Axis = 0) -> None:
        _check(self, _is_norm(max_value), "a number that is not negative", max_value=max_value)
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: TensorLike) -> Tensor:
        w = ops.convert_to_tensor(w)
        norm = _norm(w, self.axis)
        return _scaled(w, ops.clip(norm, 0, self.max_value), norm)

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
        return ops.divide(w, ops.add(_norm(w, self.axis), config.epsilon()))

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

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> [round(x, 3) for x in ops.convert_to_numpy(MinMaxNorm(0.0, 1.0)([3.0, 4.0])).tolist()]
    [0.6, 0.8]
    """

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Axis = 0) -> None:
        bounds = {"min_value": min_value, "max_value": max_value}
        valid = all(map(_is_norm, bounds.values())) and min_value <= max_value
        _check(self, valid, "numbers, not negative, the first not above the second", **bounds)
        _check(self, _is_norm(rate) and rate <= 1, "a number between 0 and 1", rate=rate)
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: TensorLike) -> Tensor:
        w = ops.convert_to_tensor(w)
        norm = _norm(w, self.axis)
        inside = ops.clip(norm, self.min_value, self.max_value)
        return _scaled(w, ops.add(ops.multiply(inside, self.rate), ops.multiply(norm, 1 - self.rate)), norm)

    def get_config(self) -> dict[str, Any]:
        return {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate, "axis": self.axis}
