"""A case: a layer with its options, and one call of it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from dl_layers.layer import Layer
from dl_ops import tree
from dl_ops.dtypes import numpy_dtype
from dl_ops.typing import Array


class Recipe:
    """A layer to be made, in whatever namespace has Keras's names: also the value of an option, as in
    ``Recipe("RNN", cell=Recipe("LSTMCell", units=3))``.

    Parameters
    ----------
    name : str
    **options
        Arguments of the layer.
    """

    def __init__(self, name: str, /, **options: Any) -> None:
        self.name, self.options = name, options

    def make(self, namespace: Any, **more: Any) -> Any:
        """Make the layer that `namespace` has under this name."""
        # the parts of a layer have its dtype
        shared = {"dtype": more["dtype"]} if "dtype" in more else {}

        def made(option: Any) -> Any:
            if isinstance(option, list):
                return [made(item) for item in option]
            return option.make(namespace, **shared) if isinstance(option, Recipe) else option

        options = {name: made(option) for name, option in self.options.items()}
        return getattr(namespace, self.name)(**options, **more)

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.options.items())})"


@dataclass(frozen=True, eq=False)
class LayerCase:
    """A layer with its options, and one call of it.

    Parameters
    ----------
    recipe : Recipe
    inputs : sequence
        Positional arguments of the call: NumPy arrays, or structures of them. Those of dtype float64 are cast to the
        dtype under test, others keep theirs.
    call : mapping
        Keyword arguments of the call.
    reference : callable, optional
        ``reference(weights, *inputs, **call)`` gives the outputs, in float64, from the weights by their path below the
        layer. An implementation of its own.
    weights : sequence of str
        Paths of the weights below the layer, in order.
    unknown : sequence of int
        Axes of the inputs that can be of unknown size.
    gradient : bool
        Whether gradients exist.
    random : bool
        Whether outputs are drawn.
    tolerance : float
        Factor on what is allowed for a dtype.
    package : str
        Namespace of the layer.
    label : str
        What distinguishes it from the layer's other cases; by default its options.
    """

    recipe: Recipe
    inputs: Sequence[Any]
    call: Mapping[str, Any] = field(default_factory=dict)
    reference: Callable[..., Any] | None = None
    weights: Sequence[str] = ()
    unknown: Sequence[int] = (0,)
    gradient: bool = True
    random: bool = False
    tolerance: float = 1.0
    package: str = "dl_layers"
    label: str | None = None

    def make(self, **more: Any) -> Layer:
        """Make the layer."""
        layer: Layer = self.recipe.make(importlib.import_module(self.package), **more)
        return layer

    def arguments(self, dtype: str) -> tuple[list[Any], dict[str, Any]]:
        """Arguments of the call with arrays of the dtype under test."""

        def cast(x: Any) -> Any:
            return x.astype(numpy_dtype(dtype)) if is_under_test(x) else x

        return [map_leaves(cast, x) for x in self.inputs], {name: map_leaves(cast, x) for name, x in self.call.items()}

    def __str__(self) -> str:
        if self.label is not None:
            return f"{self.recipe.name}-{self.label}" if self.label else self.recipe.name
        options = [name if value is True else f"{name}={value}" for name, value in self.recipe.options.items()]
        flags = [name for name, value in self.call.items() if value is True]
        return "-".join([self.recipe.name, *options, *flags])


def is_under_test(x: Any) -> bool:
    """Whether an argument is an array that takes the dtype under test."""
    return isinstance(x, np.ndarray) and x.dtype == np.float64


def map_leaves(function: Callable[[Any], Any], structure: Any) -> Any:
    """Apply a function to every leaf of lists, tuples and dictionaries."""
    return tree.map_structure(function, structure)


@cache
def cases() -> tuple[LayerCase, ...]:
    """Every case of the layers of this package.

    Examples
    --------
    >>> "Dense" in {case.recipe.name for case in cases()}
    True
    """
    from dl_layers.testing import table

    found: list[LayerCase] = []
    for module in pkgutil.iter_modules(table.__path__):
        found += importlib.import_module(f"{table.__name__}.{module.name}").CASES
    return tuple(found)


def named_weights(layer: Layer) -> dict[str, Array]:
    """Weights in float64 by their path below the layer."""
    return {below(layer, w.path): w.numpy().astype(np.float64) for w in layer.weights}


def below(layer: Layer, path: str) -> str:
    """A path without the layer's own."""
    return path.removeprefix(f"{layer.path}/")
