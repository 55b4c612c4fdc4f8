"""The base class of layers."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from dl_layers import dtype_policies, regularizers
from dl_layers.layer.arguments import dtypes_of, is_plain, shapes_of, spec_or_same
from dl_layers.layer.building import scoped_build
from dl_layers.layer.calling import LayerCall
from dl_layers.layer.precision import LayerPrecision
from dl_layers.layer.rematerialization import current_remat_mode
from dl_layers.layer.signature import call_signature
from dl_layers.layer.tracking import Tracker
from dl_ops import scopes, tree
from dl_ops.dtypes import promote
from dl_ops.objects import public
from dl_ops.symbolic import KerasTensor, Operation
from dl_ops.typing import Shape


class CommonOptions(TypedDict, total=False):
    """Keyword arguments that every layer hands to `Layer`."""

    trainable: bool
    dtype: Any
    autocast: bool
    name: str | None
    input_shape: Sequence[int | None]
    batch_size: int


class LayerOptions(CommonOptions, total=False):
    """The same with those that some layers name in their own signature."""

    activity_regularizer: Any
    input_dim: int


@public("keras.layers.Layer", "keras.Layer")
class Layer(LayerPrecision, LayerCall):
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
        cls._makes_masks = cls._overrides_mask and not hasattr(cls.compute_mask, "of_input_masks")
        if "compute_mask" in cls.__dict__ and "supports_masking" not in cls.__dict__:
            cls.supports_masking = True
        cls._overrides_shape = cls.compute_output_shape is not Layer.compute_output_shape
        if "build" in cls.__dict__:
            cls.build = scoped_build(cls.__dict__["build"])  # type: ignore[method-assign]  # the same method, in its scopes

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
        state["_trainable"] = bool(trainable)
        state["_losses"] = []
        state["_losses_call"] = state["_last_call"] = 0
        state["_path"] = None
        # a layer made inside a backend_scope stays with that backend even if it is built later
        state["_backend"] = scopes.current.backend
        state["_building"] = state["_warned_mask"] = False
        state["_build_shapes"] = None
        state["_casts"] = {}
        state["_accepted"] = set()
        mode = current_remat_mode()
        if mode is not None:
            state["_remat_mode"] = mode
        self.dtype_policy = dtype_policies.get(dtype)
        self.activity_regularizer = regularizers.get(activity_regularizer)

    # -- what subclasses define --

    def build(self, *args: Any, **kwargs: Any) -> None:
        """Create the variables; by default builds sublayers by running `call` symbolically.

        Parameters
        ----------
        *args, **kwargs : tuple of int or None, or structure of them
            Subclasses take the shapes of what `call` takes: one ``input_shape``, or for several arguments parameters
            named after them, ``query_shape`` and ``value_shape``.
        """
        shapes = [*args, *kwargs.values()]
        if not shapes or all(layer.built for layer in self._sublayers()):
            return
        inputs = [tree.map_shape_structure(self._spec_of_shape, shape) for shape in shapes]
        try:
            with scopes.symbolic_scope():
                self.call(*inputs)
        except Exception:  # a call that cannot run on shapes builds its sublayers when it runs
            return

    def _spec_of_shape(self, shape: Shape) -> KerasTensor:
        return KerasTensor(shape, self.compute_dtype, record_history=False)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; defined by subclasses."""
        raise NotImplementedError(f"{type(self).__name__} does not define call()")

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """Shapes of the outputs for shapes of the inputs, ``None`` for unknown sizes."""
        to_tensor = functools.partial(tree.map_shape_structure, self._spec_of_shape)
        names = {name.removesuffix("_shape"): to_tensor(shape) for name, shape in kwargs.items()}
        outputs = self.compute_output_spec(*map(to_tensor, args), **names)
        return tree.map_structure(lambda x: x.shape, outputs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs, without history, for symbolic inputs."""
        if self._overrides_shape:
            shapes = self.compute_output_shape(*(shapes_of(x) for x in args if not is_plain(x)))
            dtype = promote(*dtypes_of(args)) if self._keeps_dtype else self.compute_dtype
            return tree.map_shape_structure(lambda shape: KerasTensor(shape, dtype, record_history=False), shapes)
        return self._spec_by_call(args, kwargs)

    def _spec_by_call(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Symbolic outputs of `call`, which runs on shapes and dtypes alone."""
        specs = [tree.map_structure(spec_or_same, x) for x in args]
        options = {name: tree.map_structure(spec_or_same, x) for name, x in kwargs.items()}
        with scopes.symbolic_scope():
            outputs = self.call(*specs, **options)
        return tree.map_structure(spec_or_same, outputs)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


# `Layer` itself is no subclass, so it is prepared by hand
Layer._signature = call_signature(Layer.call)
Layer.build = scoped_build(Layer.build)  # type: ignore[method-assign]  # the same method, in its scopes
