"""Dynamic loss scaling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from dl_layers import initializers
from dl_ops import ops
from dl_ops.dtypes import standardize_dtype
from dl_ops.objects import deserialize_keras_object, public, serialize_keras_object
from dl_ops.saveable import SavedChild
from dl_ops.scopes import StatelessScope
from dl_ops.variable import Variable
from dl_train.optimizers.base import Optimizer
from dl_train.optimizers.checks import is_number
from dl_train.optimizers.choosing import choose
from dl_train.optimizers.wrapping import WrappingOptimizer


@public("keras.optimizers.LossScaleOptimizer", "keras.mixed_precision.LossScaleOptimizer")
class LossScaleOptimizer(WrappingOptimizer):
    """Optimizer for losses that are scaled so that gradients in float16 neither vanish nor overflow.

    The scale is halved, and the step left out, when a gradient is not finite; it is doubled after so many steps in a
    row in which all were. Whether they are is decided where they are computed: no step waits for it.

    Parameters
    ----------
    inner_optimizer : Optimizer
        What updates the variables; its own `loss_scale_factor` has no part in it.
    initial_scale : float, default 32768.0
        Better too high than too low, as it falls faster than it rises.
    dynamic_growth_steps : int, default 2000
        Number of steps after which the scale is doubled.
    name : str, optional

    Raises
    ------
    TypeError
        If `inner_optimizer` is no optimizer.
    ValueError
        If an argument is out of range, or is one that the inner optimizer is to have.

    References
    ----------
    Micikevicius et al., "Mixed Precision Training", arXiv:1710.03740.

    Examples
    --------
    >>> from dl_train.optimizers import SGD
    >>> optimizer, v = LossScaleOptimizer(SGD(1.0), initial_scale=8.0), Variable([1.0])
    >>> float(optimizer.scale_loss(ops.convert_to_tensor(2.0)))
    16.0
    >>> optimizer.apply([ops.convert_to_tensor([4.0])], [v])
    >>> v.numpy().tolist()
    [0.5]
    >>> optimizer.apply([ops.convert_to_tensor([float("inf")])], [v])
    >>> v.numpy().tolist(), float(optimizer.dynamic_scale)
    ([0.5], 4.0)
    """

    def __init__(
        self,
        inner_optimizer: Optimizer,
        initial_scale: float = 32768.0,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(inner_optimizer, Optimizer):
            raise TypeError(f"LossScaleOptimizer(inner_optimizer={inner_optimizer!r}): expected an optimizer")
        if given := sorted(key for key, value in kwargs.items() if value not in (None, False)):
            raise ValueError(
                f"LossScaleOptimizer() has no {', '.join(given)}: give that to the optimizer that is inner_optimizer"
            )
        if not (is_number(initial_scale) and initial_scale > 0):
            raise ValueError(f"LossScaleOptimizer(initial_scale={initial_scale!r}): expected a positive number")
        if not (is_number(dynamic_growth_steps) and int(dynamic_growth_steps) == dynamic_growth_steps > 0):
            raise ValueError(
                f"LossScaleOptimizer(dynamic_growth_steps={dynamic_growth_steps!r}): expected a positive integer"
            )
        super().__init__(name=name)
        self.inner_optimizer = inner_optimizer
        self.initial_scale, self.dynamic_growth_steps = float(initial_scale), dynamic_growth_steps
        self.add_variable((), dtype="int32", name="step_counter")
        scale = initializers.Constant(self.initial_scale)
        self.add_variable((), initializer=scale, dtype="float32", name="dynamic_scale")

    @property
    def wrapped(self) -> Sequence[Optimizer]:
        return [self.inner_optimizer]

    def saved_children(self) -> Mapping[str, SavedChild]:
        return {"inner_optimizer": self.inner_optimizer}

    @property
    def learning_rate(self) -> Any:
        """The inner optimizer's."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    @property
    def iterations(self) -> Any:
        """Number of updates so far, without those that were left out."""
        return self.inner_optimizer.iterations

    @property
    def step_counter(self) -> Variable:
        """Steps since the scale changed."""
        return self._variables[2]

    @property
    def dynamic_scale(self) -> Variable:
        """What losses are multiplied by."""
        return self._variables[3]

    def _build_wrapped(self, variables: Sequence[Variable]) -> None:
        self.inner_optimizer.build(variables)

    def scale_loss(self, loss: Any) -> Any:
        """Return a loss times the scale."""
        return ops.multiply(loss, ops.cast(self.dynamic_scale, standardize_dtype(loss.dtype)))

    def _update(self, grads: Sequence[Any], variables: Sequence[Variable]) -> None:
        finite = self.check_finite(grads)
        known = self._backend.number(finite)
        if isinstance(known, (bool, np.bool_)):
            if known:
                self._apply_unscaled(grads, variables)
                self._grow()
            else:
                self._shrink()
            return
        touched = [*variables, *self.variables]
        before = self._read(touched)

        def after(update: Any) -> list[Any]:
            with StatelessScope(zip(touched, before, strict=True)) as scope:
                update()
            return [scope.get_current_value(v) for v in touched]

        def stepped() -> list[Any]:
            def update() -> None:
                self._apply_unscaled(grads, variables)
                self._grow()

            return after(update)

        values = choose(self._backend, finite, stepped, lambda: after(self._shrink))
        self._backend.assign_all(touched, values)

    def _apply_unscaled(self, grads: Sequence[Any], variables: Sequence[Variable]) -> None:
        scale = self.dynamic_scale.value
        own, self.inner_optimizer.loss_scale_factor = self.inner_optimizer.loss_scale_factor, None
        try:
            unscaled = [ops.divide(g, ops.cast(scale, standardize_dtype(g.dtype))) for g in grads]
            self.inner_optimizer.apply(unscaled, variables)
        finally:
            self.inner_optimizer.loss_scale_factor = own

    def _grow(self) -> None:
        count = ops.add(self.step_counter, 1)
        due = ops.greater_equal(count, self.dynamic_growth_steps)
        scale = self.dynamic_scale.value
        self.step_counter.assign(ops.where(due, 0, count))
        self.dynamic_scale.assign(ops.where(due, scale * 2.0, scale))

    def _shrink(self) -> None:
        self.step_counter.assign(0)
        self.dynamic_scale.assign(self.dynamic_scale.value * 0.5)

    def check_finite(self, grads: Iterable[Any]) -> Any:
        """Whether all elements of all gradients are finite.

        Parameters
        ----------
        grads : iterable of tensor or None

        Returns
        -------
        tensor of bool, shape ()
        """
        return ops.all(ops.stack([ops.all(ops.isfinite(g)) for g in grads if g is not None]))

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "inner_optimizer": serialize_keras_object(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        inner = config["inner_optimizer"]
        if isinstance(inner, dict):
            inner = deserialize_keras_object(inner, custom_objects=custom_objects)
        return cls(**{**config, "inner_optimizer": inner})
