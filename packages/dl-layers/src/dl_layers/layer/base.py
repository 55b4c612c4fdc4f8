"""The base class of layers: building, calling, masks, precision, configuration."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypedDict

import numpy as np

from dl_layers import dtype_policies, regularizers
from dl_layers.dtype_policies import DTypePolicy
from dl_layers.layer.context import context
from dl_layers.layer.input_spec import check_inputs
from dl_layers.layer.masks import any_mask, get_mask, set_mask
from dl_layers.layer.signature import CallSignature, arguments_by_name, call_signature
from dl_layers.layer.state import LayerState
from dl_layers.layer.tracking import Tracker
from dl_ops import scopes, tree
from dl_ops.backend import Backend, current_backend
from dl_ops.dispatch import mixed_backends
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.interchange import backend_of
from dl_ops.objects import public, serialize_keras_object
from dl_ops.symbolic import KerasTensor, Operation
from dl_ops.symbolic.inference import spec_of, static_shape
from dl_ops.typing import Shape

Caster = Callable[[Any], Any]

# arguments of a call that are no tensors and need no look
_NO_TENSORS = frozenset({type(None), bool, int, float, str})


class LayerOptions(TypedDict, total=False):
    """Keyword arguments that every layer takes and hands to `Layer`."""

    activity_regularizer: Any
    trainable: bool
    dtype: Any
    autocast: bool
    name: str | None
    input_shape: Sequence[int | None]
    input_dim: int
    batch_size: int


@public("keras.layers.Layer", "keras.Layer")
class Layer(LayerState, Operation):
    """Operation with state: variables made by `build`, used by `call`.

    A subclass sets its options in ``__init__``, creates its variables in ``build(input_shape)`` with `add_weight`,
    and computes in ``call(inputs)``. Sublayers are attributes. The layer's variables belong to the backend that is
    active when it is built, and calling the layer makes that one the active backend.

    Parameters
    ----------
    activity_regularizer : str, dict or Regularizer, optional
        Penalty on the layer's outputs.
    trainable : bool, default True
        Whether training changes its weights.
    dtype : str or DTypePolicy, optional
        In which dtype it computes and keeps its variables.
    autocast : bool, default True
        Whether floating-point inputs are cast to the compute dtype.
    name : str, optional
        By default made from the class's name.

    Examples
    --------
    >>> from dl_ops import ops
    >>> class Scale(Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight((input_shape[-1],), initializer="ones", name="factor")
    ...
    ...     def call(self, x):
    ...         return x * self.factor.value
    >>> layer = Scale()
    >>> layer(ops.ones((2, 3))).shape, [w.path for w in layer.weights]
    ((2, 3), ['scale/factor'])
    """

    _signature: ClassVar[CallSignature]
    _overrides_mask: ClassVar[bool] = False
    _overrides_shape: ClassVar[bool] = False

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        layer = super().__new__(cls)
        state = layer.__dict__
        state["_tracker"] = Tracker()
        state["_init_arguments"] = (args, kwargs)
        return layer

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._signature = call_signature(cls.call)
        cls._overrides_mask = cls.compute_mask is not Layer.compute_mask
        cls._overrides_shape = cls.compute_output_shape is not Layer.compute_output_shape
        if "build" in cls.__dict__:
            cls.build = _scoped_build(cls.__dict__["build"])  # type: ignore[method-assign]  # the same method, in its scopes

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        Operation.__init__(self, name)
        input_shape = kwargs.pop("input_shape", None)
        input_dim = kwargs.pop("input_dim", None)
        if kwargs:
            raise ValueError(f"{type(self).__name__}: unknown keyword arguments {sorted(kwargs)}")
        if input_dim is not None:
            input_shape = (input_dim,)
        state = self.__dict__
        if input_shape is not None:
            state["_input_shape_arg"] = tuple(input_shape)
        state["built"] = False
        state["autocast"] = autocast
        state["supports_masking"] = False
        state["input_spec"] = None
        state["_trainable"] = bool(trainable)
        state["_losses"] = []
        state["_losses_call"] = state["_last_call"] = 0
        state["_path"] = None
        # a layer made inside a backend_scope stays with that backend even if it is built later
        state["_backend"] = scopes.current.backend
        state["_settled"] = state["_building"] = state["_warned_mask"] = False
        state["_build_shapes"] = None
        state["_casts"] = {}
        state["_accepted"] = set()
        self.dtype_policy = dtype_policies.get(dtype)
        self.activity_regularizer = regularizers.get(activity_regularizer)

    # -- names, dtypes --

    @property
    def path(self) -> str:
        """Names of the enclosing models and layers and its own, joined by ``/``; its name while it is not built."""
        return self._path or self.name

    @property
    def dtype_policy(self) -> DTypePolicy:  # type: ignore[override]  # declared as attribute where state is described
        """In which dtype the layer computes and keeps its variables."""
        policy: DTypePolicy = self.__dict__["_dtype_policy"]
        return policy

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        policy = dtype_policies.get(value)
        state = self.__dict__
        state["_dtype_policy"] = policy
        state["_compute_dtype"] = policy.compute_dtype
        state["_autocast_dtype"] = policy.compute_dtype if policy.compute_dtype != policy.variable_dtype else None
        state["_casts"] = {}

    @property
    def dtype(self) -> str:
        """Dtype of the variables, same as `variable_dtype`."""
        return self.dtype_policy.variable_dtype

    @property
    def variable_dtype(self) -> str:
        """Dtype that variables are created in."""
        return self.dtype_policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """Dtype that the layer computes in."""
        return self.dtype_policy.compute_dtype

    @property
    def input_dtype(self) -> str:
        """Dtype that floating-point inputs are cast to."""
        return self.dtype_policy.compute_dtype

    @property
    def quantization_mode(self) -> str | None:
        """Kind of quantization, ``None`` if the layer is not quantized."""
        return self.dtype_policy.quantization_mode

    # -- what subclasses define --

    def build(self, input_shape: Any) -> None:
        """Create the variables for inputs of a shape; by default builds sublayers by running `call` symbolically.

        Parameters
        ----------
        input_shape : tuple of int or None, or structure of them
        """
        if type(self).call is Layer.call or not any(not layer.built for layer in self._sublayers()):
            return
        if self._sublayers() and isinstance(input_shape, (tuple, list, dict)):
            inputs = tree.map_shape_structure(
                lambda shape: KerasTensor(shape, self.compute_dtype, record_history=False), input_shape
            )
            try:
                with scopes.symbolic_scope():
                    self.call(inputs)
            except Exception:  # a call that cannot run on shapes builds its sublayers when it runs
                return

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; defined by subclasses."""
        raise NotImplementedError(f"{type(self).__name__} does not define call()")

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Mask of the outputs for the masks of the inputs; by default the same."""
        return previous_mask

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """Shapes of the outputs for shapes of the inputs, ``None`` for unknown sizes."""
        to_tensor = functools.partial(
            tree.map_shape_structure, lambda shape: KerasTensor(shape, self.compute_dtype, record_history=False)
        )
        names = {name.removesuffix("_shape"): to_tensor(shape) for name, shape in kwargs.items()}
        outputs = self.compute_output_spec(*map(to_tensor, args), **names)
        return tree.map_structure(lambda x: x.shape, outputs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs, without history, for symbolic inputs."""
        if self._overrides_shape:
            shapes = self.compute_output_shape(*(_shapes(x) for x in args if not _is_plain(x)))
            return tree.map_shape_structure(
                lambda shape: KerasTensor(shape, self.compute_dtype, record_history=False), shapes
            )
        return self._spec_by_call(args, kwargs)

    def _spec_by_call(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Symbolic outputs of `call`, which runs on shapes and dtypes alone."""
        specs = [tree.map_structure(_spec_or_same, x) for x in args]
        options = {name: tree.map_structure(_spec_or_same, x) for name, x in kwargs.items()}
        with scopes.symbolic_scope():
            outputs = self.call(*specs, **options)
        return tree.map_structure(_spec_or_same, outputs)

    # -- the call --

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Build if need be, and call.

        Parameters
        ----------
        *args, **kwargs
            As for the subclass's ``call``. Arrays are converted to tensors of the layer's backend, and floats cast
            to its compute dtype.

        Returns
        -------
        structure of tensors
        """
        backend = self._backend or _backend_of_inputs(args, kwargs) or current_backend()
        given = kwargs
        if _any_symbolic(args) or (kwargs and _any_symbolic(tuple(kwargs.values()))):
            return self._call_on_symbolic(args, kwargs, backend)
        values = [x if type(x) in _NO_TENSORS else self._convert(x, backend) for x in args]
        if kwargs:
            given = {name: x if type(x) in _NO_TENSORS else self._convert(x, backend) for name, x in kwargs.items()}
        if not self._settled:
            return self._first_call(values, given, backend)
        return self._run(values, given, backend)

    def _first_call(self, args: Sequence[Any], kwargs: Mapping[str, Any], backend: Backend) -> Any:
        """Call in the layer's name scope, so that what is built on the way has its path."""
        with scopes.name_scope(self.name):
            self._ensure_built(args, kwargs, backend)
            outputs = self._run(args, kwargs, backend)
        self.__dict__["_settled"] = self.built and all(layer.built for layer in self._flatten_layers())
        return outputs

    def _run(self, args: Sequence[Any], kwargs: Mapping[str, Any], backend: Backend) -> Any:
        """Call on tensors of the backend, in the scopes that hold for the layer."""
        signature = self._signature
        if self.input_spec is not None and args:
            self._check_inputs(args[0])
        masked = any_mask()
        if masked:
            kwargs = self._with_masks(args, kwargs)
        scope = scopes.current
        before = scope.backend, scope.autocast, context.training
        if signature.takes_training:
            kwargs = self._with_training(args, kwargs)
            context.training = kwargs["training"] if "training" in kwargs else args[signature.names.index("training")]
        if context.depth == 0:
            context.calls += 1
        context.depth += 1
        self.__dict__["_last_call"] = context.calls
        scope.backend, scope.autocast = backend, self._autocast_dtype
        try:
            outputs = self.call(*args, **kwargs)
            if self.activity_regularizer is not None:
                for x in tree.flatten(outputs):
                    self.add_loss(self.activity_regularizer(x))
        except Exception as error:
            _explain(self, args, error)
            raise
        finally:
            context.depth -= 1
            scope.backend, scope.autocast, context.training = before
        if masked or self._overrides_mask:
            self._set_masks(args, outputs)
        return outputs

    def _call_on_symbolic(self, args: Sequence[Any], kwargs: Mapping[str, Any], backend: Backend) -> Any:
        """Infer the outputs for symbolic inputs and record the call where history is recorded."""
        values = [self._cast_symbolic(x) for x in args]
        options = {name: self._cast_symbolic(x) for name, x in kwargs.items()}
        with scopes.name_scope(self.name):
            self._ensure_built(values, options, backend)
            if self.input_spec is not None and values:
                self._check_inputs(values[0])
            options = self._with_masks(values, options)
            scope = scopes.current
            before = scope.backend, scope.autocast, context.training
            if self._signature.takes_training:
                options = self._with_training(values, options)
                context.training = options.get("training")
            if context.depth == 0:
                context.calls += 1
            context.depth += 1
            scope.backend, scope.autocast = backend, self._autocast_dtype
            try:
                outputs = self.compute_output_spec(*values, **options)
            except Exception as error:
                _explain(self, args, error)
                raise
            finally:
                context.depth -= 1
                scope.backend, scope.autocast, context.training = before
        symbolic = [x for x in tree.flatten((args, kwargs)) if isinstance(x, KerasTensor)]
        if all(x.record_history for x in symbolic):
            outputs = self.record_node(tuple(args), kwargs, outputs)
        if self.supports_masking or any(x._keras_mask is not None for x in symbolic):
            self._set_masks(values, outputs)
        return outputs

    # -- steps of a call --

    def _convert(self, x: Any, backend: Backend) -> Any:
        """Argument as tensors of the layer's backend, floats in its compute dtype."""
        if isinstance(x, (list, tuple, dict)):
            return tree.map_structure(
                lambda leaf: leaf if type(leaf) in _NO_TENSORS else self._convert(leaf, backend), x
            )
        dtype = getattr(x, "dtype", None)
        if dtype is None:
            return x
        key = (type(x), dtype, backend)
        caster = self._casts.get(key)
        if caster is None:
            caster = self._casts[key] = self._caster(x, backend)
        return caster(x)

    def _caster(self, x: Any, backend: Backend) -> Caster:
        owner = backend_of(x)
        if owner is not None and owner is not backend:
            raise mixed_backends(f"layer {self.name!r} of backend {backend.name}", backend.name, owner.name)
        name = standardize_dtype(x.dtype)
        target = self._compute_dtype if self.autocast and is_float(name) and name != self._compute_dtype else None
        from dl_ops.variable import Variable

        if isinstance(x, Variable):
            return lambda v: v.value if target is None else backend.cast(v.value, target)
        native = isinstance(x, backend.tensor_types) and not isinstance(x, np.generic)
        if native:
            return _same if target is None else lambda v: backend.cast(v, target)
        return lambda v: backend.to_tensor(v, target)

    def _cast_symbolic(self, x: Any) -> Any:
        def cast(leaf: Any) -> Any:
            if (
                not isinstance(leaf, KerasTensor)
                or not (self.autocast and is_float(leaf.dtype))
                or leaf.dtype == self._compute_dtype
            ):
                return leaf
            copy = KerasTensor(leaf.shape, self._compute_dtype, sparse=leaf.sparse, record_history=False)
            copy._keras_mask = leaf._keras_mask
            return copy

        return tree.map_structure(cast, x) if isinstance(x, (KerasTensor, list, tuple, dict)) else x

    def _check_inputs(self, inputs: Any) -> None:
        # shapes that passed once need no second look
        shape = getattr(inputs, "shape", None)
        key = (shape, inputs.dtype) if type(shape) is tuple else None
        if key is not None and key in self._accepted:
            return
        check_inputs(self.input_spec, inputs, self.name)
        if key is not None:
            self._accepted.add(key)

    def _with_training(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Arguments with the training flag: the one given, else the caller's, else the default."""
        signature = self._signature
        if len(args) > signature.names.index("training") or kwargs.get("training") is not None:
            return kwargs
        training = context.training if context.training is not None else signature.training_default
        return {**kwargs, "training": training}

    def _with_masks(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Arguments with the inputs' masks, for parameters that take them and were not given one."""
        signature = self._signature
        if not signature.takes_mask:
            return kwargs
        added = dict(kwargs)
        for i, (name, mask_name) in enumerate(zip(signature.names, signature.mask_names, strict=True)):
            if not mask_name or added.get(mask_name) is not None or len(args) > signature.names.index(mask_name):
                continue
            value = args[i] if i < len(args) else kwargs.get(name)
            if value is None:
                continue
            masks = tree.map_structure(get_mask, value)
            if any(mask is not None for mask in tree.flatten(masks)):
                added[mask_name] = masks
        return added

    def _set_masks(self, args: Sequence[Any], outputs: Any) -> None:
        """Give the outputs the masks that `compute_mask` derives from the inputs'."""
        inputs = args[0] if args else None
        previous = tree.map_structure(get_mask, inputs)
        has_mask = any(mask is not None for mask in tree.flatten(previous))
        if not self.supports_masking:
            if has_mask and not self._warned_mask:
                self.__dict__["_warned_mask"] = True
                warnings.warn(
                    f"layer {self.name!r} ({type(self).__name__}) got an input with a mask and does not support masking: the mask ends here",
                    stacklevel=4,
                )
            return
        if not has_mask and not self._overrides_mask:
            return
        flat = tree.flatten(outputs)
        if all(get_mask(x) is not None for x in flat):
            return
        masks = self.compute_mask(inputs, previous)
        if masks is None:
            return
        for x, mask in zip(flat, tree.flatten(masks), strict=False):
            if mask is not None:
                set_mask(x, mask)

    def add_loss(self, loss: Any) -> None:
        """Add scalar tensors to the losses of this call; use it inside ``call``.

        Parameters
        ----------
        loss : tensor or list of tensor
        """
        if self._losses_call != context.calls:
            self._losses.clear()
            self.__dict__["_losses_call"] = context.calls
        super().add_loss(loss)

    @property
    def losses(self) -> list[Any]:
        """Scalar losses added during the last call of this layer, and the penalties of regularized weights."""
        found = [
            loss for layer in self._flatten_layers() if layer._losses_call == self._last_call for loss in layer._losses
        ]
        for variable in self.trainable_weights:
            if variable.regularizer is not None:
                found.append(variable.regularizer(variable))
        return found

    # -- building --

    def _ensure_built(self, args: Sequence[Any], kwargs: Mapping[str, Any], backend: Backend) -> None:
        if self.built:
            return
        if self.__dict__["_path"] is None:
            self.__dict__["_path"] = scopes.current_path()
        arguments = arguments_by_name(self._signature, args, kwargs, f"{type(self).__name__} {self.name!r}")
        shapes = {name: _shapes(x) for name, x in arguments.items() if not _is_plain(x)}
        self.__dict__["_scope_open"] = True
        before = scopes.current.backend
        scopes.current.backend = backend
        try:
            self._build_on(shapes)
        except Exception as error:
            _explain(self, list(args), error)
            raise
        finally:
            scopes.current.backend = before
            self.__dict__["_scope_open"] = False

    def _build_on(self, shapes: Mapping[str, Any]) -> None:
        """Call `build` with the shapes it takes: the first argument's, or by the names of its parameters."""
        parameters = [p for p in inspect.signature(self.build).parameters.values() if p.kind is not p.VAR_KEYWORD]
        if not shapes:
            self.built = True
            return
        if len(parameters) == 1 and parameters[0].kind is not parameters[0].VAR_POSITIONAL:
            self.build(next(iter(shapes.values())))
            return
        named = {f"{name}_shape": shape for name, shape in shapes.items()}
        accepted = {p.name: named[p.name] for p in parameters if p.name in named}
        if not accepted:
            self.build(next(iter(shapes.values())))
        else:
            self.build(**accepted)

    def get_build_config(self) -> dict[str, Any] | None:
        """Shapes the layer was built with, for `build_from_config`; ``None`` if it is not built."""
        shapes = self._build_shapes
        if shapes is None:
            return None
        if len(shapes) == 1:
            return {"input_shape": next(iter(shapes.values()))}
        return {"shapes_dict": dict(shapes)}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build with the shapes of `get_build_config`.

        Parameters
        ----------
        config : dict
        """
        if not config:
            return
        if "input_shape" in config:
            self.build(_as_shapes(config["input_shape"]))
        elif "shapes_dict" in config:
            self.build(**{name: _as_shapes(shape) for name, shape in config["shapes_dict"].items()})

    # -- configuration --

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer; subclasses add their own.

        Raises
        ------
        NotImplementedError
            If a subclass takes arguments that have no automatic configuration and does not define ``get_config``.
        """
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": serialize_keras_object(self.dtype_policy),
        }
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = serialize_keras_object(self.activity_regularizer)
        if type(self).get_config is Layer.get_config and type(self).__init__ is not Layer.__init__:
            config.update(self._init_config())
        return config

    def _init_config(self) -> dict[str, Any]:
        """The arguments the layer was made with, if all of them can be written to a file."""
        args, kwargs = self._init_arguments
        bound = inspect.signature(type(self).__init__).bind(self, *args, **kwargs)
        arguments = dict(bound.arguments)
        arguments.pop("self", None)
        for parameter in bound.signature.parameters.values():
            if parameter.kind is parameter.VAR_KEYWORD:
                arguments.update(arguments.pop(parameter.name, {}))
            elif parameter.kind is parameter.VAR_POSITIONAL:
                arguments.pop(parameter.name, None)
        arguments.pop("name", None)
        arguments.pop("dtype", None)
        try:
            return {name: serialize_keras_object(value) for name, value in arguments.items()}
        except (TypeError, ValueError) as error:
            raise NotImplementedError(
                f"{type(self).__name__} takes arguments that cannot be written to a configuration ({error}): define get_config()"
            ) from error

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a layer from its configuration.

        Parameters
        ----------
        config : dict
            As `get_config` gives; nested configurations of objects are read by subclasses.

        Returns
        -------
        Layer

        Raises
        ------
        TypeError
            If the configuration does not fit the class.
        """
        try:
            return cls(**config)
        except TypeError as error:
            raise TypeError(f"{cls.__name__}.from_config(): {error}; configuration: {sorted(config)}") from error

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


Layer._signature = call_signature(Layer.call)


# -- helpers
# -------------------------------------------------------------------------------------------------------------


def _scoped_build(build: Callable[..., None]) -> Callable[..., None]:
    """`build` in the layer's name scope and backend, marking the layer as built."""

    @functools.wraps(build)
    def scoped(self: Layer, *args: Any, **kwargs: Any) -> None:
        state = self.__dict__
        if state["_building"]:
            # super().build() of a subclass
            return build(self, *args, **kwargs)
        state["_building"] = True
        scope = scopes.current
        names, backend = scope.names, scope.backend
        if not state.get("_scope_open"):
            scope.names = (*names, self.name)
        if state["_path"] is None:
            state["_path"] = scopes.current_path()
        scope.backend = self._backend or backend or current_backend()
        try:
            build(self, *args, **kwargs)
        finally:
            scope.names, scope.backend = names, backend
            state["_building"] = False
        names_of_shapes = [p for p in inspect.signature(build).parameters][1:]
        state["_build_shapes"] = {**dict(zip(names_of_shapes, args, strict=False)), **kwargs}
        state["built"] = True
        return None

    return scoped


Layer.build = _scoped_build(Layer.build)  # type: ignore[method-assign]  # as for subclasses


def _explain(layer: Layer, args: Sequence[Any], error: Exception) -> None:
    """Say in which layer, and on which shapes, an error happened; the innermost layer does."""
    if getattr(error, "_dl_layer", None) is not None:
        return
    shapes = ", ".join(_describe(x) for x in args)
    message = f"in layer {layer.path!r} ({type(layer).__name__}), called with {shapes or 'no inputs'}"
    try:
        error._dl_layer = layer.path  # type: ignore[attr-defined]  # a mark that it has been explained
    except AttributeError:
        return
    if type(error) in (ValueError, TypeError) and len(error.args) == 1 and isinstance(error.args[0], str):
        error.args = (f"{error.args[0]}\n  {message}",)
    else:
        error.add_note(message)


def _describe(x: Any) -> str:
    if isinstance(x, dict):
        return "{" + ", ".join(f"{name}: {_describe(item)}" for name, item in x.items()) + "}"
    if isinstance(x, (list, tuple)):
        return "[" + ", ".join(map(_describe, x)) + "]"
    return f"{getattr(x, 'dtype', type(x).__name__)}{tuple(x.shape)}" if hasattr(x, "shape") else repr(x)[:60]


def _same(x: Any) -> Any:
    return x


def _is_plain(x: Any) -> bool:
    """Whether an argument holds no tensor at all."""
    if type(x) in _NO_TENSORS:
        return True
    leaves = tree.flatten(x) if isinstance(x, (list, tuple, dict)) else [x]
    return not any(hasattr(leaf, "shape") for leaf in leaves)


def _shapes(x: Any) -> Any:
    return tree.map_structure(lambda leaf: static_shape(leaf) if hasattr(leaf, "shape") else None, x)


def _as_shapes(x: Any) -> Any:
    """Shapes from a configuration, where JSON has made lists of tuples."""
    if isinstance(x, dict):
        return {name: _as_shapes(item) for name, item in x.items()}
    if isinstance(x, (list, tuple)):
        return (
            tuple(x) if all(size is None or isinstance(size, int) for size in x) else [_as_shapes(item) for item in x]
        )
    return x


def _spec_or_same(x: Any) -> Any:
    if isinstance(x, KerasTensor):
        spec = KerasTensor(x.shape, x.dtype, sparse=x.sparse, ragged=x.ragged, record_history=False)
        spec._keras_mask = x._keras_mask
        return spec
    return spec_of(x) if hasattr(x, "shape") and hasattr(x, "dtype") else x


def _any_symbolic(values: Sequence[Any]) -> bool:
    for x in values:
        kind = type(x)
        if kind is KerasTensor:
            return True
        if kind in _NO_TENSORS:
            continue
        if isinstance(x, (list, tuple)) and _any_symbolic(x):
            return True
        if isinstance(x, dict) and _any_symbolic(tuple(x.values())):
            return True
        if isinstance(x, KerasTensor):
            return True
    return False


def _backend_of_inputs(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Backend | None:
    for x in tree.flatten((list(args), dict(kwargs))):
        if type(x) not in _NO_TENSORS and hasattr(x, "shape") and not isinstance(x, (KerasTensor, np.ndarray)):
            owner = backend_of(x)
            if owner is not None:
                return owner
    return None


__all__ = ["Layer", "LayerOptions", "Shape"]
