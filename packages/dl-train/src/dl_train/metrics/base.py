"""The base class of metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from dl_layers import initializers
from dl_layers.layer.tracking import CONTAINER_TYPES, members
from dl_ops import config as settings
from dl_ops.backend import backend_scope, current_backend
from dl_ops.dtypes import standardize_dtype
from dl_ops.interchange import convert
from dl_ops.naming import auto_name
from dl_ops.objects import public
from dl_ops.scopes import StatelessScope, name_scope
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import ShapeLike, TensorLike
from dl_ops.variable import Variable


@public("keras.metrics.Metric", "keras.Metric")
class Metric:
    """Base class of metrics: state in variables, an update with each batch, and a result at any time.

    Subclasses create their variables in ``__init__`` with `add_variable` and override `update_state` and `result`. A
    metric belongs to the backend that was active when it was created.

    Parameters
    ----------
    dtype : str or DTypePolicy, optional
        Dtype of the computation and of the state, by default the default float.
    name : str, optional

    Examples
    --------
    >>> from dl_ops import ops
    >>> class Largest(Metric):
    ...     def __init__(self, name="largest"):
    ...         super().__init__(name=name)
    ...         self.largest = self.add_variable(shape=(), initializer="zeros", name="largest")
    ...
    ...     def update_state(self, values):
    ...         self.largest.assign(ops.maximum(self.largest, ops.max(values)))
    ...
    ...     def result(self):
    ...         return self.largest.value
    >>> metric = Largest()
    >>> metric.update_state([1.0, 3.0])
    >>> metric.update_state([2.0])
    >>> float(metric.result())
    3.0
    """

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = auto_name(type(self).__name__) if name is None else name
        self._dtype = settings.floatx() if dtype is None else standardize_dtype(getattr(dtype, "compute_dtype", dtype))
        self._variables: list[Variable] = []
        self._backend = current_backend()

    @property
    def dtype(self) -> str:
        """Dtype of the computation and of the state."""
        return self._dtype

    @property
    def variables(self) -> list[Variable]:
        """The metric's variables, and those of the metrics among its attributes."""
        found: dict[int, Variable] = {}
        for value in vars(self).values():
            if type(value) is Variable:
                found[id(value)] = value
            elif isinstance(value, (Variable, Metric, *CONTAINER_TYPES)):
                for part in members(value):
                    for variable in part.variables if isinstance(part, Metric) else [part]:
                        if isinstance(variable, Variable):
                            found[id(variable)] = variable
        return list(found.values())

    def add_variable(
        self,
        shape: ShapeLike,
        initializer: Any,
        dtype: Any = None,
        aggregation: str = "sum",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Create a variable of the metric.

        Parameters
        ----------
        shape : sequence of int
        initializer : str, dict or callable
            `reset_state` sets variables to zero, whatever they begin with.
        dtype : str, optional
            By default the metric's.
        aggregation, layout, name
            As for `Variable`.

        Returns
        -------
        Variable
        """
        with backend_scope(self._backend), name_scope(self.name.replace("/", ">")):
            variable = Variable(
                initializers.get(initializer),
                shape=shape,
                dtype=self._dtype if dtype is None else dtype,
                trainable=False,
                autocast=False,
                aggregation=aggregation,
                layout=layout,
                name=name,
            )
        self._variables.append(variable)
        return variable

    def add_weight(
        self, shape: ShapeLike = (), initializer: Any = "zeros", dtype: Any = None, name: str | None = None
    ) -> Variable:
        """Same as `add_variable`, with defaults."""
        return self.add_variable(shape, initializer, dtype=dtype, name=name)

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Take a batch into account."""
        raise NotImplementedError(f"{type(self).__name__} has no update_state()")

    def result(self) -> Any:
        """Value of the metric: a scalar tensor, or a dictionary of such."""
        raise NotImplementedError(f"{type(self).__name__} has no result()")

    def reset_state(self) -> None:
        """Forget all batches: set every variable to zero."""
        reset(self.variables)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """`update_state`, then `result`."""
        self.update_state(*args, **kwargs)
        return self.result()

    # -- as pure functions --------------------------------------------------------------------------------------

    def stateless_update_state(self, metric_variables: Sequence[TensorLike], *args: Any, **kwargs: Any) -> list[Any]:
        """Values of `variables` after an update, from values before, with nothing assigned.

        Parameters
        ----------
        metric_variables : sequence of tensor_like
        *args, **kwargs
            As for `update_state`.

        Returns
        -------
        list of tensor

        Raises
        ------
        ValueError
            If there are too many or too few values.
        """
        with self._holding(metric_variables, "stateless_update_state") as scope:
            self.update_state(*args, **kwargs)
        return [scope.get_current_value(variable) for variable in self.variables]

    def stateless_result(self, metric_variables: Sequence[TensorLike]) -> Any:
        """Result for values of `variables`."""
        with self._holding(metric_variables, "stateless_result"):
            result = self.result()
            return result.value if isinstance(result, Variable) else result

    def stateless_reset_state(self) -> list[Any]:
        """Values of `variables` after a reset, with nothing assigned."""
        with StatelessScope((variable, variable._value) for variable in self.variables) as scope:
            self.reset_state()
        return [scope.get_current_value(variable) for variable in self.variables]

    def _holding(self, values: Sequence[TensorLike], where: str) -> StatelessScope:
        variables = self.variables
        if len(values) != len(variables):
            raise ValueError(f"{self.name}.{where}(): {len(values)} metric_variables, expected {len(variables)}")
        return StatelessScope((v, convert(value, v.backend)) for v, value in zip(variables, values, strict=True))

    # -- configuration ------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {"name": self.name, "dtype": self._dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make a metric from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"

    # -- for subclasses here ------------------------------------------------------------------------------------

    def _add(self, *increments: tuple[Variable, Any]) -> None:
        """Add tensors of the metric's backend and dtype to variables, all at once; symbolic ones add nothing."""
        variables, values = zip(*increments, strict=True)
        for value in values:
            if isinstance(value, KerasTensor):
                return
        self._backend.add_all(variables, values)


def reset(variables: Sequence[Variable]) -> None:
    """Set variables of metrics to zero."""
    for backend in dict.fromkeys([variable.backend for variable in variables]):
        backend.zero_all([variable for variable in variables if variable.backend is backend])
