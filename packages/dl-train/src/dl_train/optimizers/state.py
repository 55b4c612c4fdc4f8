"""The state of an optimizer: its options, the learning rate, its variables, and how they are saved."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any, ClassVar, Self, TypeAlias, TypedDict

from dl_layers import initializers
from dl_ops import config as settings
from dl_ops import ops, scopes
from dl_ops.backend import Backend, backend_scope
from dl_ops.naming import auto_name
from dl_ops.objects import deserialize_keras_object, serialize_keras_object
from dl_ops.saveable import Saveable, load_variables, save_variables
from dl_ops.typing import Array, ShapeLike, TensorLike
from dl_ops.variable import Variable
from dl_train.optimizers.checks import is_number
from dl_train.optimizers.groups import VariableGroups
from dl_train.optimizers.plan import Plan
from dl_train.optimizers.schedules import LearningRateSchedule

LearningRate: TypeAlias = float | LearningRateSchedule | Variable | Callable[[], Any]


class OptimizerOptions(TypedDict, total=False):
    """Arguments that every optimizer takes; `Optimizer` documents them."""

    weight_decay: float | None
    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None


class OptimizerState(VariableGroups, Saveable):
    """Options, learning rate and variables of an optimizer."""

    built: bool
    name: str

    _by_variable: ClassVar[Sequence[str]] = ("_slots", "_averages", "_accumulators")
    """Attributes that are dictionaries by the identity of a variable."""

    def __init__(
        self,
        learning_rate: LearningRate,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if kwargs:
            raise ValueError(f"{type(self).__name__}() got unexpected arguments {sorted(kwargs)}")
        self.name = auto_name(type(self).__name__) if name is None else name
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum = bool(use_ema), ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self._check_options()
        super().__init__()
        self.built = False
        self._trainable_variables: list[Variable] = []
        self._variables: list[Variable] = []
        self._plans: dict[tuple[int, ...], Plan] = {}
        self._slots: dict[int, list[Variable]] = {}
        self._shared: list[Variable] = []
        self._averages: dict[int, Variable] = {}
        self._accumulators: dict[int, Variable] = {}
        self._iterations = self.add_variable((), dtype="int32", name="iteration")
        self._backend: Backend = self._iterations.backend
        self._learning_rate: LearningRateSchedule | Variable | Callable[[], Any]
        self._set_learning_rate(learning_rate)

    def _check_options(self) -> None:
        limits = {key: getattr(self, key) for key in ("clipnorm", "clipvalue", "global_clipnorm")}
        given = [f"{key}={value}" for key, value in limits.items() if value is not None]
        if len(given) > 1:
            raise ValueError(f"{type(self).__name__}({', '.join(given)}): only one kind of clipping can be chosen")
        for key in (*limits, "weight_decay", "loss_scale_factor"):
            value = getattr(self, key)
            if value is not None and not (is_number(value) and value >= 0):
                raise ValueError(f"{type(self).__name__}({key}={value!r}): expected a number that is not negative")
        if self.use_ema and not (is_number(self.ema_momentum) and 0 <= self.ema_momentum <= 1):
            raise ValueError(f"{type(self).__name__}(ema_momentum={self.ema_momentum!r}): expected a number in [0, 1]")
        for key, least in (("ema_overwrite_frequency", 1), ("gradient_accumulation_steps", 2)):
            value = getattr(self, key)
            if value is not None and not (isinstance(value, int) and value >= least):
                raise ValueError(
                    f"{type(self).__name__}({key}={value!r}): expected None or an integer of at least {least}"
                )

    # -- learning rate ------------------------------------------------------------------------------------------

    @property
    def learning_rate(self) -> Any:
        """The current learning rate: the variable that holds it, or what the schedule or callable gives now.

        Assigning a number changes the variable, so that compiled steps see it; assigning a schedule or callable
        replaces what there was.
        """
        rate = self._learning_rate
        if isinstance(rate, Variable):
            return rate
        return rate(self._iterations) if isinstance(rate, LearningRateSchedule) else rate()

    @learning_rate.setter
    def learning_rate(self, value: LearningRate) -> None:
        current = self._learning_rate
        if isinstance(value, Variable) or callable(value):
            self._variables = [variable for variable in self._variables if variable is not current]
            self._set_learning_rate(value)
        elif isinstance(current, Variable):
            current.assign(value)
        else:
            raise TypeError(
                f"{type(self).__name__}: the learning rate follows {current!r} and cannot be set to {value!r}; "
                "create the optimizer with a number to be able to, or set another schedule"
            )

    def _set_learning_rate(self, value: LearningRate) -> None:
        if isinstance(value, Variable):
            self._variables.insert(1, value)
            self._learning_rate = value
        elif isinstance(value, LearningRateSchedule) or callable(value):
            self._learning_rate = value
        elif is_number(value):
            self._learning_rate = self.add_variable(
                (), initializer=lambda shape, dtype: float(value), dtype=settings.floatx(), name="learning_rate"
            )
        else:
            raise ValueError(
                f"{type(self).__name__}(learning_rate={value!r}): expected a number, a LearningRateSchedule, "
                "a Variable or a callable without arguments"
            )

    # -- variables ----------------------------------------------------------------------------------------------

    @property
    def iterations(self) -> Any:
        """Number of updates so far: a variable, or with gradient accumulation a tensor."""
        if self.gradient_accumulation_steps:
            return ops.floor_divide(self._iterations, self.gradient_accumulation_steps)
        return self._iterations

    @property
    def variables(self) -> list[Variable]:
        """Step count, learning rate unless it is scheduled, and what is kept for each trained variable."""
        return list(self._variables)

    def add_variable(
        self,
        shape: ShapeLike,
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Create a variable of the optimizer.

        Parameters
        ----------
        shape : sequence of int
        initializer : str, dict or callable, default "zeros"
        dtype : str, optional
            By default the default float.
        aggregation, layout, name
            As for `Variable`.

        Returns
        -------
        Variable
        """
        with scopes.name_scope(self.name):
            variable = Variable(
                initializers.get(initializer),
                shape=shape,
                dtype=dtype,
                trainable=False,
                autocast=False,
                aggregation=aggregation,
                layout=layout,
                name=name,
            )
        self._variables.append(variable)
        return variable

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Create a variable with the shape and dtype of another.

        Parameters
        ----------
        reference_variable : Variable
        name : str, optional
            What it is to the reference; the name is the reference's path with this added.
        initializer : str, dict or callable, default "zeros"

        Returns
        -------
        Variable
        """
        prefix = reference_variable.path.replace("/", "_")
        with backend_scope(reference_variable.backend):
            return self.add_variable(
                reference_variable.shape,
                initializer=initializer,
                dtype=reference_variable._dtype,
                layout=reference_variable.layout,
                name=f"{prefix}_{name or 'var'}",
            )

    def add_optimizer_variables(
        self, trainable_variables: Iterable[Variable], name: str | Sequence[str], initializer: Any = "zeros"
    ) -> Any:
        """Create one or several variables for each of the given ones.

        Parameters
        ----------
        trainable_variables : iterable of Variable
        name : str or sequence of str
        initializer : str, dict or callable, or a sequence of as many as names

        Returns
        -------
        list of Variable, or tuple of such lists
            A list for each name.
        """
        names = [name] if isinstance(name, str) else list(name)
        kinds = list(initializer) if isinstance(initializer, (list, tuple)) else [initializer] * len(names)
        if len(kinds) != len(names):
            raise ValueError(f"add_optimizer_variables(): {len(names)} names and {len(kinds)} initializers")
        rows = [
            [self.add_variable_from_reference(variable, n, k) for n, k in zip(names, kinds, strict=True)]
            for variable in trainable_variables
        ]
        columns = tuple([row[i] for row in rows] for i in range(len(names)))
        return columns[0] if isinstance(name, str) else columns

    def _move(self, backend: Backend) -> None:
        """Belong to another backend, which is that of the variables to be trained."""
        if backend is self._backend:
            return
        for i, variable in enumerate(self._variables):
            with backend_scope(backend), scopes.name_scope(self.name):
                moved = Variable(variable.numpy(), trainable=False, autocast=False, name=variable.name)
            self._variables[i] = moved
            if variable is self._iterations:
                self._iterations = moved
            elif variable is self._learning_rate:
                self._learning_rate = moved
        self._backend = backend

    # -- copies and pickles -----------------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        """State with what is kept by variable in the variables' order: copies of them have other identities."""
        state = {**self.__dict__, "_plans": {}}
        for name in self._by_variable:
            state[name] = [state[name].get(id(variable)) for variable in self._trainable_variables]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for name in self._by_variable:
            pairs = zip(self._trainable_variables, state[name], strict=True)
            self.__dict__[name] = {id(variable): kept for variable, kept in pairs if kept is not None}

    # -- saving -------------------------------------------------------------------------------------------------

    def save_own_variables(self, store: MutableMapping[str, Array]) -> None:
        save_variables(self.variables, store)

    def load_own_variables(self, store: Mapping[str, Array]) -> None:
        """Assign the optimizer's variables from what `save_own_variables` stored.

        What an optimizer stored before it was built is all there was. Where the number of variables differs
        otherwise, as for weights of a model that was trained with another optimizer or not compiled, the optimizer
        stays as it is, with a warning.
        """
        variables, unbuilt = self.variables, self._unbuilt_variables()
        if len(store) == len(unbuilt):
            variables = unbuilt
        elif len(store) != len(variables):
            warnings.warn(
                f"the state of optimizer {self.name!r} is not loaded: it has {len(variables)} variables, "
                f"the file has {len(store)} for it",
                stacklevel=2,
            )
            return
        load_variables(variables, store, f"optimizer {self.name!r}")

    def _unbuilt_variables(self) -> list[Variable]:
        """Variables that there are before building."""
        return [v for v in self._variables if v is self._iterations or v is self._learning_rate]

    def set_weights(self, weights: Sequence[TensorLike]) -> None:
        """Assign all of the optimizer's variables.

        Parameters
        ----------
        weights : sequence of tensor_like
            In the order of `variables`.

        Raises
        ------
        ValueError
            If there are too many or too few, or one has another shape; nothing is changed then.
        """
        values = {str(i): ops.convert_to_numpy(weight) for i, weight in enumerate(weights)}
        load_variables(self.variables, values, f"optimizer {self.name!r}")

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        rate = self._learning_rate
        scales = [scale.config() for scale in self._rate_scales]
        return {
            **({"learning_rate_scales": scales} if scales else {}),
            "name": self.name,
            "learning_rate": float(rate) if isinstance(rate, Variable) else serialize_keras_object(rate),
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        """Make an optimizer from what `get_config` returned."""
        config = dict(config)
        rate, scales = config.get("learning_rate"), config.pop("learning_rate_scales", ())
        if isinstance(rate, dict):
            config["learning_rate"] = deserialize_keras_object(rate, custom_objects=custom_objects)
        optimizer = cls(**config)
        for scale in scales:
            optimizer.scale_learning_rate(**scale)
        return optimizer
