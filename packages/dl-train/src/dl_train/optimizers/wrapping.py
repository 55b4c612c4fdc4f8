"""Optimizers that leave the updates to others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dl_ops.variable import Variable
from dl_train.optimizers.base import Optimizer


class WrappingOptimizer(Optimizer):
    """Base of optimizers whose state is theirs and that of others.

    A subclass has `wrapped`, `_build_wrapped` and `_update`. As in Keras it has a step count and a learning rate of its
    own among its variables, which files depend on.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(0.0, **options)

    @property
    def wrapped(self) -> Sequence[Optimizer]:
        """The optimizers that update variables."""
        raise NotImplementedError

    def _build_wrapped(self, variables: Sequence[Variable]) -> None:
        """Build the optimizers for their variables."""
        raise NotImplementedError

    def build(self, variables: Iterable[Variable]) -> None:
        if self.built:
            return
        self._trainable_variables = list(variables)
        self._build_wrapped(self._trainable_variables)
        if self._trainable_variables:
            self._move(self._trainable_variables[0].backend)
        self.built = True

    @property
    def variables(self) -> list[Variable]:
        """Own variables, then those of each wrapped optimizer."""
        return [*self._variables, *(variable for optimizer in self.wrapped for variable in optimizer.variables)]

    def _unbuilt_variables(self) -> list[Variable]:
        return [*self._variables, *(v for optimizer in self.wrapped for v in optimizer._unbuilt_variables())]

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        raise NotImplementedError(f"{type(self).__name__} has no update_step(): the optimizers in it have")

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        variables = list(var_list)
        for optimizer in self.wrapped:
            optimizer.finalize_variable_values(variables)

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        variables, names = (None if given is None else list(given) for given in (var_list, var_names))
        for optimizer in self.wrapped:
            optimizer.exclude_from_weight_decay(variables, names)  # type: ignore[arg-type]  # mypy joins the two lists

    def scale_learning_rate(
        self, factor: float, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        variables, names = (None if given is None else list(given) for given in (var_list, var_names))
        for optimizer in self.wrapped:
            optimizer.scale_learning_rate(factor, variables, names)  # type: ignore[arg-type]  # mypy joins the two lists
