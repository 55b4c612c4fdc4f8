"""Initializers that do not draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_layers.initializers.base import FloatType, HostInitializer
from dl_ops.objects import deserialize_keras_object, public, serialize_keras_object
from dl_ops.typing import Array


@public("keras.initializers.Zeros", "keras.initializers.zeros")
class Zeros(HostInitializer):
    """All zeros.

    Examples
    --------
    >>> Zeros()((2,)).tolist()
    [0.0, 0.0]
    """

    deferrable = True

    def values(self, shape: tuple[int, ...], dtype: FloatType) -> Array:
        return np.zeros(shape, np.float32)


@public("keras.initializers.Ones", "keras.initializers.ones")
class Ones(HostInitializer):
    """All ones.

    Examples
    --------
    >>> Ones()((2,)).tolist()
    [1.0, 1.0]
    """

    deferrable = True

    def values(self, shape: tuple[int, ...], dtype: FloatType) -> Array:
        return np.ones(shape, np.float32)


@public("keras.initializers.Constant", "keras.initializers.constant")
class Constant(HostInitializer):
    """One value, or an array that broadcasts to the shape.

    Parameters
    ----------
    value : float or array_like, default 0.0

    Examples
    --------
    >>> Constant(3.0)((2,)).tolist()
    [3.0, 3.0]
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def values(self, shape: tuple[int, ...], dtype: FloatType) -> Array:
        value = np.asarray(self.value)
        try:
            return np.broadcast_to(value, shape)
        except ValueError:
            raise ValueError(f"Constant(): a value of shape {value.shape} does not broadcast to {shape}") from None

    def get_config(self) -> dict[str, Any]:
        return {"value": serialize_keras_object(self.value)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(deserialize_keras_object(config["value"]))


@public("keras.initializers.Identity", "keras.initializers.IdentityInitializer", "keras.initializers.identity")
class Identity(HostInitializer):
    """Identity matrix times a factor.

    Parameters
    ----------
    gain : float, default 1.0

    Raises
    ------
    ValueError
        When called for a shape that is no matrix's.

    Examples
    --------
    >>> Identity()((2, 2)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def values(self, shape: tuple[int, ...], dtype: FloatType) -> Array:
        if len(shape) != 2:
            raise ValueError(f"Identity(): the shape must be a matrix's, got {shape}")
        return self.gain * np.eye(*shape, dtype=np.float32)

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain}
