"""What initializers have in common."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_ops import ops
from dl_ops.dtypes import numpy_dtype, standardize_dtype
from dl_ops.objects import deserialize_keras_object, public, serialize_keras_object
from dl_ops.random import SeedGenerator, make_default_seed
from dl_ops.random.host import host_generator
from dl_ops.typing import Array, Tensor

FloatType = type[np.float32] | type[np.float64]
"""What values are drawn in: single precision unless the weight has double, which takes twice as long."""


@public("keras.initializers.Initializer", "keras.Initializer")
class Initializer:
    """Callable that makes initial values: ``initializer(shape, dtype)``.

    Examples
    --------
    >>> class Halves(Initializer):
    ...     def __call__(self, shape, dtype=None):
    ...         return ops.full(shape, 0.5, dtype)
    >>> Halves()((2,)).tolist()
    [0.5, 0.5]
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return a tensor of initial values.

        Parameters
        ----------
        shape : tuple of int
        dtype : str, optional
            The default float by default.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define __call__()")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal initializer."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make an initializer from its configuration."""
        return cls(**config)

    def clone(self) -> Any:
        """Return an equal initializer."""
        return type(self).from_config(self.get_config())


class HostInitializer(Initializer):
    """Initializer that computes on the host, so that its values are the same on every backend."""

    deferrable: bool = False
    """Whether nobody can tell when the values are computed, so that a variable may wait until it is read."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "deferrable" not in cls.__dict__ and cls.__dict__.keys() & {"__call__", "on_host", "values", "draw"}:
            cls.deferrable = False
        if "__call__" in cls.__dict__:
            cls.on_host = None  # type: ignore[assignment, method-assign]  # what it computes itself counts

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        return ops.convert_to_tensor(self.on_host(shape, dtype))

    def on_host(self, shape: Any, dtype: Any = None) -> Array:
        """Return the values as an array, which spares a variable the way over a tensor."""
        wanted = numpy_dtype(standardize_dtype(dtype))
        return self.values(tuple(shape), np.float64 if wanted == np.float64 else np.float32).astype(wanted, copy=False)

    def values(self, shape: tuple[int, ...], dtype: FloatType) -> Array:
        """Return the values, computed in float32 or float64, or in a dtype of their own."""
        raise NotImplementedError


class RandomInitializer(HostInitializer):
    """Initializer that draws.

    Parameters
    ----------
    seed : int or SeedGenerator, optional
        An integer gives the same values at every call, and so does none, from a seed made up when the initializer
        is created. A generator gives new values each time.
    """

    def __init__(self, seed: int | SeedGenerator | dict[str, Any] | None = None) -> None:
        self._init_seed = seed
        if isinstance(seed, dict):
            seed = deserialize_keras_object(seed)
        if seed is not None and not isinstance(seed, (int, SeedGenerator)):
            raise ValueError(f"{type(self).__name__}(seed={seed!r}): expected an integer or a SeedGenerator")
        self.seed: int | SeedGenerator = make_default_seed() if seed is None else seed
        if isinstance(self.seed, SeedGenerator):
            self.deferrable = False  # draws come in an order

    def values(self, shape: tuple[int, ...], dtype: FloatType) -> Array:
        key = self.seed if isinstance(self.seed, int) else ops.convert_to_numpy(self.seed.next())
        return self.draw(host_generator(key), shape, dtype)

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], dtype: FloatType) -> Array:
        """Return values of a shape from a generator."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        return {"seed": serialize_keras_object(self._init_seed)}
