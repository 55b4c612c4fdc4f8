"""What layers around another framework's models have in common: they belong to that framework's backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from dl_layers.layer import Layer
from dl_ops import scopes, tree
from dl_ops.backend import Backend, current_backend, get_backend
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape
from dl_ops.variable import Variable

_TRIED = ((64, 192), (3360, 6720), (8, 24))
"""Pairs that stand for unknown sizes. The first suits most models: strides up to 64 keep its sizes apart. Some models
need more than that, at many strides, and some have tables that end before.
"""


class FrameworkLayer(Layer):
    """Layer whose computation is a framework's own; it belongs to that framework's backend, whichever is active."""

    framework: ClassVar[str]
    """Name of the backend."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        try:
            self.__dict__["_backend"] = get_backend(self.framework)
        except ValueError as error:
            raise ValueError(f"{type(self).__name__} needs the {self.framework} backend: {error}") from None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        active = scopes.current.backend
        if active is not None:
            self._check_backend(active)
        return super().__call__(*args, **kwargs)

    def _call_on_symbolic(self, args: Sequence[Any], kwargs: Mapping[str, Any], backend: Backend) -> Any:
        # the layers before and after it in the graph will be the active backend's
        self._check_backend(current_backend())
        return super()._call_on_symbolic(args, kwargs, backend)

    def _check_backend(self, active: Backend) -> None:
        if active is not self._backend:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} runs on the {self.framework} backend alone, and the active one "
                f"is {active.name}: use it inside `with dl.backend_scope({self.framework!r}):`, or after "
                f"dl.set_backend({self.framework!r})"
            )

    def _share(self, variables: Sequence[Variable]) -> None:
        """Make variables parts of the layer that were not made by `add_weight`."""
        for variable in variables:
            variable.path = f"{self.name}/{variable.name}"
            if not self._trainable:
                variable.trainable = False
        self._tracker.keep(*variables)


def infer_unknown(run: Callable[[Any], Any], inputs: Any) -> Any:
    """Symbolic outputs of a function that only takes known sizes, for symbolic inputs some sizes of which are unknown.

    It runs twice, with different numbers for what is unknown: a size that differs between the results depends on them.

    Parameters
    ----------
    run : callable
        From a structure of symbolic tensors without unknown sizes to a structure of outputs with shape and dtype.
    inputs : structure
        Symbolic tensors; whatever else is in it is handed on.

    Returns
    -------
    structure of KerasTensor

    Raises
    ------
    Exception
        What `run` raises for all numbers that are tried.
    """
    specs = [x for x in tree.flatten(inputs) if isinstance(x, KerasTensor)]
    if all(size is not None for x in specs for size in x.shape):
        return tree.map_structure(_spec, run(inputs))
    failure: Exception | None = None
    for one, other in _TRIED:
        try:
            first, second = (run(_filled(inputs, size)) for size in (one, other))
        except Exception as error:  # whatever the framework raises for sizes that do not fit
            failure = failure or error
            continue
        return tree.map_structure(_spec, first, second)
    assert failure is not None
    raise failure


def _filled(inputs: Any, number: int) -> Any:
    def fill(x: Any) -> Any:
        if not isinstance(x, KerasTensor):
            return x
        return KerasTensor(tuple(number if size is None else size for size in x.shape), x.dtype, record_history=False)

    return tree.map_structure(fill, inputs)


def _spec(first: Any, second: Any = None) -> Any:
    if not (hasattr(first, "shape") and hasattr(first, "dtype")):
        return first
    shape: Shape = tuple(first.shape)
    if second is not None:
        shape = tuple(a if a == b else None for a, b in zip(shape, second.shape, strict=True))
    return KerasTensor(shape, first.dtype, record_history=False)
