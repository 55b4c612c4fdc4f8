"""The base class of optimizers."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from dl_layers import initializers
from dl_ops import scopes
from dl_ops.backend import backend_scope
from dl_ops.interchange import convert
from dl_ops.objects import public
from dl_ops.scopes import StatelessScope
from dl_ops.typing import TensorLike
from dl_ops.variable import Variable
from dl_train.optimizers.update import OptimizerUpdates


@public("keras.optimizers.Optimizer", "keras.Optimizer")
class Optimizer(OptimizerUpdates):
    """Base class of optimizers.

    A subclass has a pure function `step` of one variable and names the state that it keeps in `slots`; or, as in Keras,
    it overrides `build` and `update_step`, which assigns.

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule, Variable or callable
        A callable takes no arguments.
    weight_decay : float, optional
        Before each update, variables are multiplied by ``1 - weight_decay * learning_rate``.
    clipnorm : float, optional
        Highest Euclidean norm of each gradient.
    clipvalue : float, optional
        Highest absolute value of each gradient's elements.
    global_clipnorm : float, optional
        Highest norm of all gradients together.
    use_ema : bool, default False
        Keep an exponential moving average of each variable.
    ema_momentum : float, default 0.99
        ``average = ema_momentum * average + (1 - ema_momentum) * variable``
    ema_overwrite_frequency : int, optional
        Number of steps after which variables are set to their averages, again and again; by default only
        `finalize_variable_values` does so.
    loss_scale_factor : float, optional
        What `scale_loss` multiplies losses by; gradients are divided by it.
    gradient_accumulation_steps : int, optional
        Number of calls over which gradients are averaged before the variables are updated.
    name : str, optional

    Raises
    ------
    ValueError
        If an argument is out of range, more than one kind of clipping is asked for, or an argument is unknown.

    Examples
    --------
    >>> from dl_ops import ops
    >>> class SignDescent(Optimizer):
    ...     def step(self, grad, value, state, t, rate):
    ...         return rate * ops.sign(grad), state
    >>> optimizer, v = SignDescent(0.5), Variable([1.0, 2.0])
    >>> optimizer.apply([ops.convert_to_tensor([3.0, -4.0])], [v])
    >>> v.numpy().tolist(), int(optimizer.iterations)
    ([0.5, 2.5], 1)
    """

    # -- building -----------------------------------------------------------------------------------------------

    def build(self, variables: Iterable[Variable]) -> None:
        """Create the optimizer's state for variables.

        Parameters
        ----------
        variables : iterable of Variable
            The ones that `apply` will be called for, all of one backend.
        """
        if self.built:
            return
        variables = list(variables)
        if variables:
            self._move(variables[0].backend)
        self._trainable_variables = variables
        with backend_scope(self._backend):
            self._averages = dict(self._each(variables, "average")) if self.use_ema else {}
            self._accumulators = (
                dict(self._each(variables, "gradient_accumulator")) if self.gradient_accumulation_steps else {}
            )
            self._slots: dict[int, list[Variable]] = {id(variable): [] for variable in variables}
            for names in self.slots():
                for variable in variables:
                    self._slots[id(variable)] += self.create_slots(variable, names)
            self._shared = [
                self.add_variable((), initializer=initializers.Constant(value), name=name)
                for name, value in self.shared_slots().items()
            ]
        self.built = True

    def _each(self, variables: Sequence[Variable], name: str) -> Iterable[tuple[int, Variable]]:
        return [(id(variable), self.add_variable_from_reference(variable, name)) for variable in variables]

    # -- applying -----------------------------------------------------------------------------------------------

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable] | None = None) -> None:
        """Update variables by their gradients.

        Parameters
        ----------
        grads : iterable of tensor or None
            A variable whose gradient is ``None`` stays as it is.
        trainable_variables : iterable of Variable, optional
            Of the gradients, in order; by default those that the optimizer was built with. The first call builds it.

        Raises
        ------
        ValueError
            If gradients do not fit the variables, or none is given.
        """
        grads = list(grads)
        if not grads:
            return
        if trainable_variables is None:
            if not self.built:
                raise ValueError(
                    f"{self.name}.apply() without variables needs a built optimizer: call build(trainable_variables)"
                )
            variables = self._trainable_variables
        else:
            variables = list(trainable_variables)
            if not self.built:
                self.build(variables)
        if len(grads) != len(variables):
            raise ValueError(f"{self.name}.apply(): {len(grads)} gradients for {len(variables)} variables")
        if any(grad is None for grad in grads):
            grads, variables = self._with_gradient(grads, variables)
        if scopes.current.backend is self._backend:
            self._update(grads, variables)
        else:
            with backend_scope(self._backend):
                self._update(grads, variables)

    def _with_gradient(self, grads: list[Any], variables: list[Variable]) -> tuple[list[Any], list[Variable]]:
        missing = [v.path for g, v in zip(grads, variables, strict=True) if g is None]
        if len(missing) == len(variables):
            raise ValueError(f"{self.name}.apply(): no variable has a gradient")
        warnings.warn(f"the loss does not depend on {', '.join(missing)}: they stay as they are", stacklevel=3)
        kept = [(g, v) for g, v in zip(grads, variables, strict=True) if g is not None]
        return [g for g, _ in kept], [v for _, v in kept]

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Any:
        """Like `apply`, with pairs of a gradient and its variable.

        Parameters
        ----------
        grads_and_vars : iterable of (tensor, Variable)

        Returns
        -------
        Variable
            `iterations`.
        """
        pairs = list(grads_and_vars)
        self.apply([grad for grad, _ in pairs], [variable for _, variable in pairs])
        return self.iterations

    def stateless_apply(
        self, optimizer_variables: Sequence[TensorLike], grads: Sequence[Any], trainable_variables: Sequence[TensorLike]
    ) -> tuple[list[Any], list[Any]]:
        """Updated values, from values, with nothing assigned.

        Parameters
        ----------
        optimizer_variables : sequence of tensor_like
            Values of `variables`.
        grads : sequence of tensor
        trainable_variables : sequence of tensor_like
            Values of the variables that the optimizer was built with.

        Returns
        -------
        trainable_variables, optimizer_variables : list of tensor
            The new values.

        Raises
        ------
        ValueError
            If the optimizer is not built, or there are too many or too few values.

        Examples
        --------
        >>> from dl_ops import ops
        >>> from dl_train.optimizers import SGD
        >>> optimizer, v = SGD(0.5), Variable([1.0, 2.0])
        >>> optimizer.build([v])
        >>> state = [variable.value for variable in optimizer.variables]
        >>> (new,), state = optimizer.stateless_apply(state, [ops.ones(2)], [v.value])
        >>> new.tolist(), v.numpy().tolist()
        ([0.5, 1.5], [1.0, 2.0])
        """
        if not self.built:
            raise ValueError(f"{self.name}.stateless_apply() needs a built optimizer: call build(trainable_variables)")
        own = self.variables
        variables = [*self._trainable_variables, *own]
        given = {"trainable_variables": trainable_variables, "optimizer_variables": optimizer_variables}
        for (name, values), expected in zip(given.items(), (self._trainable_variables, own), strict=True):
            if len(values) != len(expected):
                raise ValueError(f"{self.name}.stateless_apply(): {len(values)} {name}, expected {len(expected)}")
        values = [convert(value, self._backend) for value in (*trainable_variables, *optimizer_variables)]
        with StatelessScope(zip(variables, values, strict=True)) as scope:
            self.apply(grads)
        new = [scope.get_current_value(variable) for variable in variables]
        return new[: len(self._trainable_variables)], new[len(self._trainable_variables) :]

    def scale_loss(self, loss: Any) -> Any:
        """Return a loss times `loss_scale_factor`."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        """Set variables to their moving averages, at the end of training; does nothing without `use_ema`.

        Parameters
        ----------
        var_list : iterable of Variable
        """
        if self.use_ema:
            for variable in var_list:
                if id(variable) in self._averages:
                    variable.assign(self._averages[id(variable)])

    def assign(self, variable: Variable, value: TensorLike) -> None:
        """Assign a variable, as an `update_step` does."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: TensorLike) -> None:
        """Add to a variable."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: TensorLike) -> None:
        """Subtract from a variable."""
        variable.assign_sub(value)
