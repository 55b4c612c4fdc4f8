"""The state of a layer: its variables and sublayers, weights in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

from dl_layers import constraints, initializers, regularizers
from dl_layers.layer.conversion import Casters
from dl_layers.layer.rematerialization import RematMode
from dl_layers.layer.signature import CallSignature
from dl_layers.layer.structure import all_variables, structure_of, trained_first
from dl_layers.layer.tracking import CONTAINER_TYPES, PLAIN_TYPES, Tracker, members
from dl_ops import ops, scopes
from dl_ops.backend import Backend, backend_scope, current_backend
from dl_ops.changes import changes
from dl_ops.random import SeedGenerator
from dl_ops.saveable import Saveable, SavedChild, in_keras_order, load_variables, save_variables
from dl_ops.symbolic import KerasTensor, Operation
from dl_ops.typing import Array
from dl_ops.variable import Variable

if TYPE_CHECKING:
    from dl_layers.layer.base import Layer
    from dl_layers.layer.programs import Programs


class LayerState(Saveable, Operation):
    """Variables, sublayers, seed generators, metrics and losses of a layer."""

    _signature: ClassVar[CallSignature]
    _overrides_mask: ClassVar[bool] = False
    _makes_masks: ClassVar[bool] = False
    """Whether outputs may have a mask though no input has."""
    _overrides_shape: ClassVar[bool] = False
    _keeps_dtype: ClassVar[bool] = False
    """Whether outputs have the dtype of the inputs, integers too; else they are inferred in the compute dtype."""

    name: str
    built: bool
    autocast: bool
    supports_masking: bool = False
    """Whether masks of the inputs are handed on, by `compute_mask`; by default if a class defines that."""
    input_spec: Any = None
    """`InputSpec`, or structure of them, that inputs are checked against; ``None`` if anything goes."""
    activity_regularizer: Any
    dtype_policy: Any
    variable_dtype: Any
    _apply_policy: Callable[[], None]
    _tracker: Tracker
    _trainable: bool
    _backend: Backend | None
    _losses: list[Any]
    _losses_call: int
    _last_call: int
    _path: str | None
    _settled: bool = False
    """Whether the layer has been called and all below it is built, so that calls can go the short way."""
    _remat_mode: RematMode | None = None
    _changed: int = 0
    """When an attribute changed last, by the count of `changes.settings`."""
    _replays: ClassVar[bool] = False
    """Whether calls of the class, not of those derived from it, may be done by programs."""
    _programs: Programs | None = None
    _building: bool
    _warned_mask: bool
    _build_shapes: dict[str, Any] | None
    _casts: Casters
    _accepted: set[Any]
    _compute_dtype: str
    _autocast_dtype: str | None
    _init_arguments: tuple[tuple[Any, ...], dict[str, Any]]

    def __setattr__(self, name: str, value: Any) -> None:
        if type(value) not in PLAIN_TYPES and not isinstance(getattr(type(self), name, None), property):
            self._tracker.note(name, value)
            if name == "input_spec":
                self._accepted.clear()
        state = self.__dict__
        if state.get("built") and state.get(name, state) is not value:
            changes.settings = state["_changed"] = changes.settings + 1
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        self._tracker.forget(name)
        changes.settings = self.__dict__["_changed"] = changes.settings + 1
        object.__delattr__(self, name)

    def _untracked(self, name: str, value: Any) -> None:
        """Set an attribute that does not make `value` a part of the layer."""
        self._tracker.untracked.add(name)
        self._tracker.forget(name)
        object.__setattr__(self, name, value)
        changes.count += 1

    @property
    def path(self) -> str:
        """Names of the enclosing models and layers and its own, joined by ``/``; its name while it is not built."""
        return self._path or self.name

    # -- creation --

    def add_weight(
        self,
        shape: Sequence[int] | None = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """Create a variable of this layer.

        Parameters
        ----------
        shape : sequence of int, default ()
        initializer : str, dict, callable or Initializer, optional
            By default Glorot's uniform for floats and zeros for the rest.
        dtype : str, optional
            By default the policy's variable dtype.
        trainable, autocast, aggregation, name
            As for `Variable`.
        regularizer, constraint : str, dict, callable or object, optional
            Penalty added to the losses; projection applied after each update.
        overwrite_with_gradient : bool, default False
            Whether an optimizer assigns the gradient instead of applying it.

        Returns
        -------
        Variable
        """
        shape = () if shape is None else tuple(shape)
        dtype = dtype or self.variable_dtype
        if initializer is None:
            initializer = "glorot_uniform" if "float" in str(dtype) else "zeros"
        with backend_scope(self._own_backend()):
            variable = Variable(
                initializers.get(initializer),
                shape=shape,
                dtype=dtype,
                trainable=trainable,
                autocast=autocast,
                aggregation=aggregation,
                name=name,
            )
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        if not self._trainable:
            variable.trainable = False
        # named attributes keep it too; this makes it a part even if the caller drops the reference
        self._tracker.keep(variable)
        return variable

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Create a variable of this layer; `add_weight` with fewer options."""
        return self.add_weight(
            shape, initializer, dtype, trainable, autocast, regularizer=regularizer, constraint=constraint, name=name
        )

    def _own_backend(self) -> Backend:
        """The layer's backend, from now on the active one if it had none."""
        if self._backend is None:
            object.__setattr__(self, "_backend", current_backend())
        backend = self._backend
        assert backend is not None
        return backend

    # -- parts --

    def _own_variables(self) -> list[Variable]:
        """Variables that are not a sublayer's: trainable ones first."""
        return trained_first([part for part in self._tracker.parts() if isinstance(part, Variable)])

    def _sublayers(self) -> list[Layer]:
        from dl_layers.layer.base import Layer

        return [part for part in self._tracker.parts() if isinstance(part, Layer)]

    def _own_seed_generators(self) -> list[SeedGenerator]:
        return [part for part in self._tracker.parts() if isinstance(part, SeedGenerator)]

    def _own_metrics(self) -> list[Any]:
        from dl_layers.layer.base import Layer

        # an optimizer, too, is a part with variables
        return [p for p in self._tracker.parts() if hasattr(type(p), "update_state") and not isinstance(p, Layer)]

    def _flatten_layers(self, include_self: bool = True, recursive: bool = True) -> list[Layer]:
        layer: Any = self
        found = structure_of(layer).layers if recursive else [layer, *self._sublayers()]
        return found[0 if include_self else 1 :]

    @property
    def variables(self) -> list[Variable]:
        """All variables of the layer and its sublayers, those of seed generators and metrics included."""
        layer: Any = self
        return all_variables(structure_of(layer))

    def _hidden_state(self) -> Sequence[Variable]:
        """Variables that a call reads and assigns and that are no weights: they are not saved or counted."""
        return ()

    @property
    def weights(self) -> list[Variable]:
        """Variables of the layer and its sublayers, without those of seed generators and metrics."""
        found: dict[int, Variable] = {}
        for layer in self._flatten_layers():
            for variable in layer._own_variables():
                found.setdefault(id(variable), variable)
        return list(found.values())

    @property
    def trainable_variables(self) -> list[Variable]:
        """Variables that training changes; none if the layer is not trainable."""
        return [v for v in self.variables if v.trainable] if self._trainable else []

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """Variables that training does not change by gradients."""
        return [v for v in self.variables if not v.trainable] if self._trainable else self.variables

    @property
    def trainable_weights(self) -> list[Variable]:
        """Weights that training changes; none if the layer is not trainable."""
        return [v for v in self.weights if v.trainable] if self._trainable else []

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """Weights that training does not change by gradients."""
        return [v for v in self.weights if not v.trainable] if self._trainable else self.weights

    @property
    def metrics(self) -> list[Any]:
        """Metrics of the layer and its sublayers."""
        layer: Any = self
        return list(structure_of(layer).metrics)

    @property
    def metrics_variables(self) -> list[Variable]:
        """Variables of all metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    @property
    def trainable(self) -> bool:
        """Whether training changes the layer's weights; setting it sets it for every sublayer."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        value = bool(value)
        self._trainable = value
        changes.count += 1
        for variable in self._own_variables():
            if variable._trained_at_creation:
                variable.trainable = value
        for layer in self._sublayers():
            layer.trainable = value

    def add_metric(self, *args: Any, **kwargs: Any) -> None:
        """Raise an error: of former versions of Keras.

        Raises
        ------
        NotImplementedError
            Always; it says what to use instead.
        """
        raise NotImplementedError(
            f"{type(self).__name__}.add_metric() is no longer there: give metrics to compile(metrics=[...]), or make a "
            "metric an attribute of the layer and call its update_state() in call()"
        )

    def count_params(self) -> int:
        """Number of scalars in the weights.

        Raises
        ------
        ValueError
            If the layer is not built yet.
        """
        if not self.built:
            raise ValueError(f"{self!r} is not built, so its weights are not known: call build() or the layer first")
        return sum(int(np.prod(v.shape)) for v in self.weights)

    # -- losses --

    def add_loss(self, loss: Any) -> None:
        """Add scalar tensors to the losses of this call; use it inside ``call``.

        Parameters
        ----------
        loss : tensor or list of tensor
        """
        for x in loss if isinstance(loss, (list, tuple)) else [loss]:
            if x is None or (getattr(x, "shape", ()) not in ((), []) and tuple(x.shape) != ()):
                raise ValueError(f"{self!r}.add_loss(): expected a scalar tensor, got {x!r}")
            self._losses.append(x)
            scope = scopes.current.stateless
            if scope is not None and scope.collect_losses and not isinstance(x, KerasTensor):
                scope.add_loss(x)

    # -- weights in and out --

    def get_weights(self) -> list[Array]:
        """Copies of the weights as NumPy arrays."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Assign the weights.

        Parameters
        ----------
        weights : sequence of array_like
            As many, of the same shapes and in the same order, as `get_weights` gives.

        Raises
        ------
        ValueError
            If number or shapes differ; nothing is assigned then.
        """
        variables = self.weights
        if len(weights) != len(variables):
            raise ValueError(
                f"{self!r}.set_weights(): got {len(weights)} arrays, the layer has {len(variables)} weights"
            )
        arrays = [ops.convert_to_numpy(x) for x in weights]
        for variable, array in zip(variables, arrays, strict=True):
            if array.shape != variable.shape:
                raise ValueError(
                    f"{self!r}.set_weights(): got an array of shape {array.shape} for {variable.path!r} "
                    f"of shape {variable.shape}"
                )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)

    def saved_children(self) -> Mapping[str, SavedChild]:
        """Return sublayers, optimizers and containers of them by attribute name."""

        def is_child(x: Any) -> bool:
            return isinstance(x, Saveable) and not isinstance(x, SeedGenerator)

        children: dict[str, SavedChild] = {}
        for name, value in self._tracker.attributes.items():
            if is_child(value) or (isinstance(value, CONTAINER_TYPES) and any(map(is_child, members(value)))):
                # a public property for a private attribute lends its name to the group
                children[name.lstrip("_") if hasattr(type(self), name.lstrip("_")) else name] = cast(
                    "SavedChild", value
                )
        return in_keras_order(children)

    def save_own_variables(self, store: MutableMapping[str, Array]) -> None:
        """Put the layer's own weights, without its sublayers', into `store` under ``"0"``, ``"1"``, …"""
        save_variables(self._own_variables(), store)

    def load_own_variables(self, store: Mapping[str, Array]) -> None:
        """Assign the layer's own weights from what `save_own_variables` stored; all of them or, if they do not fit,
        none.
        """
        hint = "" if self.built else " (not built: build it or call it once first)"
        load_variables(self._own_variables(), store, f"layer {self.name!r}{hint}")
