"""Several optimizers for the variables of one model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, Self

from dl_ops.objects import deserialize_keras_object, public, serialize_keras_object
from dl_ops.saveable import SavedChild
from dl_ops.variable import Variable
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.wrapping import WrappingOptimizer


@public("keras.optimizers.OptimizerMap")
class OptimizerMap(MutableMapping[str, Optimizer]):
    """Optimizers by the paths of variables.

    Keys are regular expressions that match the whole of a path; one that is the path itself comes before others.

    Parameters
    ----------
    default_optimizer : Optimizer
        For what no key matches.
    optimizer_map : mapping from str to Optimizer, optional

    Raises
    ------
    TypeError
        If `default_optimizer` or a value is no optimizer.
    ValueError
        If a key is no string or regular expression, or is there already; or, when a path is looked up, if several keys
        match it.

    Examples
    --------
    >>> from dl_train.optimizers import SGD, Adam
    >>> optimizers = OptimizerMap(SGD(), {"encoder/.*": Adam()})
    >>> type(optimizers["encoder/kernel"]).__name__, type(optimizers["head/kernel"]).__name__
    ('Adam', 'SGD')
    """

    def __init__(self, default_optimizer: Optimizer, optimizer_map: Mapping[str, Optimizer] | None = None) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise TypeError(f"OptimizerMap(default_optimizer={default_optimizer!r}): expected an optimizer")
        self._default = default_optimizer
        self._optimizers: dict[str, Optimizer] = {}
        self.update(optimizer_map or {})

    @property
    def default_optimizer(self) -> Optimizer:
        """Optimizer of what no key matches."""
        return self._default

    def __getitem__(self, key: str) -> Optimizer:
        if key in self._optimizers:
            return self._optimizers[key]
        matching = [pattern for pattern in self._optimizers if re.fullmatch(pattern, key)]
        if len(matching) > 1:
            raise ValueError(f"OptimizerMap: {', '.join(map(repr, matching))} all match {key!r}, expected one")
        return self._optimizers[matching[0]] if matching else self._default

    def __setitem__(self, key: str, value: Optimizer) -> None:
        if not isinstance(key, str):
            raise ValueError(f"OptimizerMap: the key {key!r} is no string")
        if key in self._optimizers:
            raise ValueError(f"OptimizerMap: {key!r} is there already, with {self._optimizers[key]!r}")
        if not isinstance(value, Optimizer):
            raise TypeError(f"OptimizerMap: {value!r} for {key!r}, expected an optimizer")
        try:
            re.compile(key)
        except re.error as error:
            raise ValueError(f"OptimizerMap: the key {key!r} is no regular expression: {error}") from error
        self._optimizers[key] = value

    def __delitem__(self, key: str) -> None:
        del self._optimizers[key]

    def __len__(self) -> int:
        return len(self._optimizers)

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizers)

    def __contains__(self, key: object) -> bool:
        return key in self._optimizers

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            "default_optimizer": serialize_keras_object(self._default),
            "optimizer_map": {key: serialize_keras_object(value) for key, value in self._optimizers.items()},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        """Make a map from what `get_config` returned."""
        return cls(**_deserialized(config, custom_objects))


@public("keras.optimizers.MultiOptimizer")
class MultiOptimizer(WrappingOptimizer):
    """Optimizer that leaves each variable to one of several others.

    What it has no place for, such as the learning rate, weight decay and clipping, is set on those.

    Parameters
    ----------
    optimizer_map : OptimizerMap or callable
        A function takes a variable and returns its optimizer.
    loss_scale_factor : float, optional
        What `scale_loss` multiplies losses by; it takes the place of the optimizers' own.
    name : str, optional

    Raises
    ------
    TypeError
        If `optimizer_map` is neither.
    ValueError
        When it is built, if the function returns no optimizer, or several keys of a map match one variable.

    Examples
    --------
    >>> from dl_ops import ops
    >>> from dl_train.optimizers import SGD
    >>> optimizer = MultiOptimizer(OptimizerMap(SGD(1.0), {"bias": SGD(0.5)}))
    >>> kernel, bias = Variable([0.0], name="kernel"), Variable([0.0], name="bias")
    >>> optimizer.apply([ops.ones(1), ops.ones(1)], [kernel, bias])
    >>> kernel.numpy().tolist(), bias.numpy().tolist()
    ([-1.0], [-0.5])
    """

    _by_variable = (*Optimizer._by_variable, "_of_variable")

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Variable], Optimizer],
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ) -> None:
        if not (isinstance(optimizer_map, OptimizerMap) or callable(optimizer_map)):
            raise TypeError(
                f"MultiOptimizer(optimizer_map={optimizer_map!r}): expected an OptimizerMap or a function of a variable"
            )
        self._map = optimizer_map
        self._own_scale: float | None = None
        given: list[Optimizer] = []
        if isinstance(optimizer_map, OptimizerMap):
            given = [*optimizer_map.values(), optimizer_map.default_optimizer]
        self._optimizers: list[Optimizer] = list({id(optimizer): optimizer for optimizer in given}.values())
        self._of_variable: dict[int, Optimizer] = {}
        super().__init__(loss_scale_factor=loss_scale_factor, name=name)

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers: the map's, the default one last; of a function, in the order of the variables."""
        return list(self._optimizers)

    @property
    def wrapped(self) -> Sequence[Optimizer]:
        return self._optimizers

    def saved_children(self) -> Mapping[str, SavedChild]:
        return {"optimizers": self._optimizers}

    @property
    def learning_rate(self) -> Any:
        """Not there, as each optimizer has its own: an ``AttributeError``."""
        raise AttributeError("a MultiOptimizer has no learning rate: each of its `optimizers` has one")

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise AttributeError(f"a MultiOptimizer has no learning rate to set to {value!r}: each of its `optimizers` has")

    @property
    def loss_scale_factor(self) -> float | None:
        """What losses are multiplied by, the same for all optimizers."""
        return self._own_scale

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: float | None) -> None:
        self._own_scale = value
        for optimizer in self._optimizers:
            optimizer.loss_scale_factor = value

    def _build_wrapped(self, variables: Sequence[Variable]) -> None:
        owned: dict[int, list[Variable]] = {id(optimizer): [] for optimizer in self._optimizers}
        for variable in variables:
            optimizer = self._map[variable.path] if isinstance(self._map, OptimizerMap) else self._map(variable)
            if not isinstance(optimizer, Optimizer):
                raise ValueError(
                    f"{self.name}: the function gave {optimizer!r} for {variable!r}, expected an optimizer"
                )
            if id(optimizer) not in owned:
                self._optimizers.append(optimizer)
            owned.setdefault(id(optimizer), []).append(variable)
            self._of_variable[id(variable)] = optimizer
        for optimizer in self._optimizers:
            optimizer.loss_scale_factor = self._own_scale
            optimizer.build(owned[id(optimizer)])

    def _update(self, grads: Sequence[Any], variables: Sequence[Variable]) -> None:
        shares: dict[int, tuple[list[Any], list[Variable]]] = {}
        for grad, variable in zip(grads, variables, strict=True):
            optimizer = self._of_variable.get(id(variable))
            if optimizer is None:
                raise ValueError(f"{self.name} was not built for {variable!r}; new variables need a new optimizer")
            share = shares.setdefault(id(optimizer), ([], []))
            share[0].append(grad)
            share[1].append(variable)
        for optimizer in self._optimizers:
            if id(optimizer) in shares:
                optimizer.apply(*shares[id(optimizer)])
        self._backend.add_all([self._iterations], [1])

    def get_config(self) -> dict[str, Any]:
        return {
            "optimizer_map": serialize_keras_object(self._map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        return cls(**_deserialized(config, custom_objects))


def _deserialized(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None) -> dict[str, Any]:
    """Config with objects in the places of their configs."""

    def made(value: Any) -> Any:
        if isinstance(value, dict) and "class_name" in value:
            return deserialize_keras_object(value, custom_objects=custom_objects)
        return {key: made(item) for key, item in value.items()} if isinstance(value, dict) else value

    return {key: made(value) for key, value in config.items()}
