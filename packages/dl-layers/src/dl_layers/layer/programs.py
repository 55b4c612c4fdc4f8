"""Calls of a model for inference at the price of their ops.

Most of what a call of a small layer takes is Python: scopes, arguments, the choice of kernels. For inputs of the same
shapes and dtypes all of that comes to the same, as long as nobody changes the layers. So a model that is called often
is called once on symbolic tensors, and what its layers do is kept as a `Program`.

That holds for this project's own layers only, whose `call` depends on nothing but arguments, attributes and variables;
whoever writes a layer may do in it what he likes. Whatever else is unusual goes the ordinary way: masks, mixed
precision, several backends, scopes, random numbers, assignments to variables; and so does what fails, for the error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dl_layers.layer.context import context
from dl_layers.layer.conversion import UNREADY
from dl_layers.layer.masks import any_mask
from dl_layers.layer.structure import Structure, all_variables, structure_of
from dl_layers.layer.tracking import CONTAINER_TYPES
from dl_ops import config, scopes, tree
from dl_ops.backend import Backend, current_backend
from dl_ops.changes import changes
from dl_ops.dispatch.program import Program, Recording, UnrecordableError
from dl_ops.symbolic import OpCall
from dl_ops.symbolic.inference import static_shape
from dl_ops.variable import Variable

if TYPE_CHECKING:
    from dl_layers.layer.base import Layer

_CALLS_BEFORE: Final = 8
"""Calls on the same shapes before they are recorded: that takes as long as some calls."""

_MOST: Final = 16
"""Programs of a layer; shapes beyond these are not met often enough."""

_PACKAGES: Final = ("dl_layers", "dl_preprocess")

_OF_CALLS: Final = frozenset(
    (
        "_accepted",
        "_backend",
        "_casts",
        "_inbound_nodes",
        "_init_arguments",
        "_outbound_nodes",
        "_structure",
        "_tracker",
    )
)
"""Attributes that `call` does not look at."""

_STRUCTURES: Final = (list, tuple, dict)

_PLAIN: Final = (bool, int, float, complex, str, bytes, type(None), type(...))


class Programs:
    """Programs of one layer, by the types, shapes and dtypes of its inputs.

    Parameters
    ----------
    layer : Layer
    """

    __slots__ = ("_backend", "_config", "_counts", "_made", "_settings", "_structure", "_wait")

    def __init__(self, layer: Layer) -> None:
        self._made: dict[Any, Program] = {}
        self._counts: dict[Any, int] = {}
        self._backend: Backend | None = None
        self._structure: Structure | None = None
        self._settings = -1
        self._config: Any = None
        self._wait = _CALLS_BEFORE
        self._look_again(layer)

    def run(self, layer: Layer, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Outputs of a call by the program for such arguments; `UNREADY` if there is none, or it does not hold here.

        Parameters
        ----------
        layer : Layer
            The one that these are the programs of.
        args, kwargs
            Of the call.
        """
        calling = context.__dict__
        training = calling["training"]
        if kwargs:
            if len(kwargs) > 1 or "training" not in kwargs:
                return UNREADY
            given = kwargs["training"]
            training = training if given is None else given
        if (training is not None and training is not False) or len(args) != 1:
            return UNREADY
        inputs = args[0]
        scope = scopes.current.__dict__
        key: Any
        try:
            if type(inputs) in _STRUCTURES:
                flat = _flat(inputs)
                names = tuple(inputs) if type(inputs) is dict else type(inputs)
                key = (training, names, *[(type(x), x.shape, x.dtype) for x in flat])
            else:
                flat = args
                key = (training, type(inputs), inputs.shape, inputs.dtype)
            first, program = flat[0], self._made.get(key)
        except (AttributeError, IndexError, TypeError, ValueError):  # no tensors, or shapes that are not known
            return UNREADY
        if scope.get("stateless") or scope.get("symbolic") or scope.get("autocast") or scope.get("device"):
            return UNREADY
        backend = self._backend
        if self._settings != changes.settings or structure_of(layer) is not self._structure:
            if backend is not None and isinstance(first, backend.tensor_types) and not backend.is_concrete(first):
                return UNREADY  # before what a framework that traces this need not follow
            self._look_again(layer)
            backend, program = self._backend, self._made.get(key)
        if backend is None or any_mask():
            return UNREADY
        if (program is None and not isinstance(first, backend.tensor_types)) or not backend.is_concrete(first):
            return UNREADY
        if layer._backend is None and type(first) is np.ndarray and current_backend() is not backend:
            return UNREADY
        if program is None:
            return self._seen(key, layer, inputs, training, backend)
        before = scope.get("backend")
        scope["backend"] = backend
        try:
            outputs = program(flat)
        except Exception:  # the ordinary call has more to say of it
            return UNREADY
        finally:
            scope["backend"] = before
        if calling["depth"] == 0:
            calling["calls"] += 1
        calling["program"] = id(program)
        layer.__dict__["_last_call"] = calling["calls"]
        return outputs

    def ran_last(self) -> Program | None:
        """The program that the last call in this thread went by, if it is one of these.

        As long as no code of the user's runs it holds for other tensors of the same types, shapes and dtypes.
        """
        ran = context.program
        return next((program for program in self._made.values() if id(program) == ran), None)

    def _look_again(self, layer: Layer) -> None:
        """Forget programs of a layer that has changed; elsewhere something did."""
        structure, former, now = structure_of(layer), self._structure, config.settings_of_calls()
        if (
            former is None
            or not structure.lists_the_same(former)
            or self._config != now
            or any(self._settings < part._changed and _matters(part) for part in structure.layers)
        ):
            if self._made:
                self._wait *= 2  # it may go on changing
            self._made, self._counts = {}, {}
            self._backend = next((part._backend for part in structure.layers if part._backend is not None), None)
        self._structure, self._settings, self._config = structure, changes.settings, now

    def _seen(self, key: Any, layer: Layer, inputs: Any, training: bool | None, backend: Backend) -> Any:
        """Count calls with such inputs; when there have been many, the outputs, from a call that is recorded."""
        count = self._counts.get(key, 0) + 1
        if count > self._wait or (count == 1 and len(self._counts) > 8 * _MOST):
            return UNREADY  # it has been tried, or there are too many
        self._counts[key] = count
        if count < self._wait or len(self._made) >= _MOST or not layer._settled:
            return UNREADY
        self._counts[key] += 1
        outputs = layer(inputs, training=training)
        try:
            program = recorded(layer, inputs, backend, training)
            alike = _alike(program(_flat(inputs)), outputs, backend)
        except Exception:  # what cannot be recorded is called as ever
            return outputs
        if alike and self._settings == changes.settings and structure_of(layer) is self._structure:
            self._made[key] = program
        return outputs


def _matters(part: Layer) -> bool:
    """Whether what a part computes may depend on attributes that are no parts of it: of models only that on `call`."""
    return not _is_model(part) or "call" in part.__dict__


def _is_model(part: Layer) -> bool:
    return "_replays" in type(part).__dict__


def recorded(layer: Layer, inputs: Any, backend: Backend, training: bool | None = None) -> Program:
    """Program of a layer's call, from its call on symbolic tensors.

    Parameters
    ----------
    layer : Layer
        Built, all of it.
    inputs : tensor, or list, tuple or dictionary of tensors
    backend : Backend
        The layer's and the tensors'.
    training : bool, optional

    Raises
    ------
    UnrecordableError
        If there can be none. Whatever a layer's `call` raises on symbolic tensors comes out as it is.
    """
    structure, flat = structure_of(layer), _flat(inputs)
    _check_layers(layer, structure, backend)
    if not all(isinstance(x, backend.tensor_types) and not backend.is_sparse(x) for x in flat):
        raise UnrecordableError(f"called on {[type(x) for x in flat]}")
    options = {} if training is None else {"training": training}
    with Recording(all_variables(structure)) as recording:
        specs = [recording.input(static_shape(x), backend.dtype_name(x.dtype)) for x in flat]
        outputs = layer(_like(inputs, specs), **options)
    return Program(recording, specs, outputs, backend, flat)


def _flat(inputs: Any) -> Sequence[Any]:
    """Tensors of what a layer is called with, in order."""
    if type(inputs) is dict:
        return list(inputs.values())
    return inputs if type(inputs) in _STRUCTURES else (inputs,)


def _like(inputs: Any, flat: Sequence[Any]) -> Any:
    """The inverse of `_flat`, for other tensors."""
    if type(inputs) is dict:
        return dict(zip(inputs, flat, strict=True))
    return type(inputs)(flat) if type(inputs) in _STRUCTURES else flat[0]


def _check_layers(layer: Layer, structure: Structure, backend: Backend) -> None:
    """Raise an error if one of the layers may do something else at the next call."""
    for part in structure.layers:
        state = part.__dict__
        if _is_model(part):
            operations = state.get("_operations", ())
            known = all(x in structure.layers or type(x) is OpCall for x in operations)
        else:
            known = _is_own(type(part)) and all(_is_known(x) for name, x in state.items() if name not in _OF_CALLS)
        if (
            not known
            or "call" in state
            or part._backend not in (None, backend)
            or part._remat_mode is not None
            or part.activity_regularizer is not None
            or part._compute_dtype != layer._compute_dtype
            or part._autocast_dtype is not None
            or getattr(part, "_altered", False)
        ):
            raise UnrecordableError(repr(part))
    for variable in all_variables(structure):
        if type(variable) is not Variable or variable.backend is not backend:
            raise UnrecordableError(repr(variable))


def _is_own(thing: Any) -> bool:
    module = getattr(thing, "__module__", None) or ""
    package, _, rest = module.partition(".")
    return package in _PACKAGES and not rest.startswith(("testing", "interop"))


def _is_known(value: Any) -> bool:
    """Whether a layer's attribute runs no code of the user's."""
    if isinstance(value, CONTAINER_TYPES):
        return all(map(_is_known, value.values() if isinstance(value, dict) else value))
    if isinstance(value, (*_PLAIN, Variable)):
        return True
    kind = type(value)
    thing = value if isinstance(value, (type, type(_is_own))) else kind
    return _is_own(thing) or str(getattr(thing, "__module__", "")).startswith("dl_ops.")


def _alike(found: Any, expected: Any, backend: Backend) -> bool:
    """Whether outputs are the same, bit by bit."""
    tree.assert_same_structure(found, expected)
    for x, y in zip(tree.flatten(found), tree.flatten(expected), strict=True):
        if type(x) is not type(y) or x.dtype != y.dtype or x.shape != y.shape:
            return False
        if backend.to_numpy(x).tobytes() != backend.to_numpy(y).tobytes():
            return False
    return True
