"""From one pure step for one variable to new values of many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

from dl_ops import config as settings
from dl_ops import ops
from dl_ops.interchange import convert
from dl_ops.scopes import StatelessScope
from dl_ops.typing import Tensor
from dl_ops.variable import Variable
from dl_train.optimizers.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from dl_train.optimizers.plan import Group, Plan, make_plan
from dl_train.optimizers.state import OptimizerState

Gradients = Sequence[Any]
Values = tuple[list[Any], list[Any]]


class NoState(NamedTuple):
    """State of an optimizer that keeps none for a variable."""


class NativeStep(NamedTuple):
    """What backends that have it call an optimizer's `step`."""

    name: str
    options: tuple[str, ...] = ()
    """The optimizer's attributes that it depends on."""


class OptimizerUpdates(OptimizerState):
    """What a subclass says of its algorithm, and how it is applied to the variables of a plan."""

    state_type: ClassVar[Callable[..., Any]] = NoState
    """NamedTuple in which `step` gets and returns the state, its fields in the order of `slots`."""

    native_step: ClassVar[NativeStep | None] = None
    """`step` among ``Backend.optimizer_steps``."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "step" in vars(cls) and "native_step" not in vars(cls):
            cls.native_step = None  # the base's, and not of this step

    # -- what a subclass says -----------------------------------------------------------------------------------

    def slots(self) -> Sequence[Sequence[str]]:
        """Names of the state that is kept for each variable.

        Returns
        -------
        sequence of sequence of str
            The first sequence's are created for all variables, then the next one's: an order that files depend on.
        """
        return ()

    def step(self, grad: Tensor, value: Tensor, state: Any, t: Tensor, rate: Tensor) -> tuple[Tensor, Any]:
        """What to subtract from a variable, and its new state: a pure function.

        It is written with operators and element-wise ops. All tensors have one dtype, float32 or wider; on some
        backends they stand for many variables at once.

        Parameters
        ----------
        grad, value : tensor, shape (...)
            Of the variable.
        state : state_type
        t : float, or tensor of shape ()
            Number of the step, counted from 1.
        rate : float, or tensor of shape ()
            Learning rate, or what `step_size` makes of it.

        Returns
        -------
        update : tensor, shape (...)
        state : state_type
        """
        raise NotImplementedError(f"{type(self).__name__} has neither step() nor update_step()")

    def step_size(self, t: Tensor, rate: Tensor) -> Tensor:
        """What `step` gets as its rate: for what depends on `t` and `rate` alone, the same for all variables."""
        return rate

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one variable by its gradient; a subclass may override this instead of `step`, with assignments.

        Parameters
        ----------
        gradient : tensor
        variable : Variable
            One that the optimizer was built for.
        learning_rate : tensor, shape ()
        """
        plan = self._plan([variable])
        new: Values = [], []
        for group in plan.groups:
            count = self._backend.read_storage(self._iterations._value)
            self._update_group(group, [gradient], self._read([variable]), count, learning_rate, *new)
        self._backend.assign_all([variable, *plan.slots], [*new[0], *new[1]])

    @property
    def _assigns(self) -> bool:
        """Whether the subclass is written in Keras's way, with an `update_step`."""
        return type(self).update_step is not OptimizerUpdates.update_step

    # -- mechanics -----------------------------------------------------------------------------------------------

    def _plan(self, variables: Sequence[Variable]) -> Plan:
        key = tuple(map(id, variables))
        plan = self._plans.get(key)
        if plan is None:
            for variable in variables:
                if id(variable) not in self._slots:
                    raise ValueError(
                        f"{self.name} was not built for {variable!r}; a new set of variables needs a new optimizer"
                    )
            plan = self._plans[key] = make_plan(
                variables,
                lambda variable: self._slots[id(variable)],
                self._decays,
                (lambda variable: self._averages[id(variable)]) if self.use_ema else None,
                (lambda variable: self._accumulators[id(variable)]) if self.gradient_accumulation_steps else None,
            )
            if self._assigns:
                kept = {id(v) for v in (*self._averages.values(), *self._accumulators.values(), self._iterations)}
                own = [v for v in self._variables if id(v) not in kept and v is not self._learning_rate]
                plan = self._plans[key] = plan._replace(slots=own)
        return plan

    def _apply(self, plan: Plan, grads: Gradients) -> None:
        backend = self._backend
        count = backend.read_storage(self._iterations._value)
        values = self._read(plan.variables)
        if plan.order is not None:
            grads = [grads[i] for i in plan.order]
        grads = [
            g if g.dtype == x.dtype and g.shape == x.shape else self._fitted(g, variable)
            for g, x, variable in zip(grads, values, plan.variables, strict=True)
        ]
        if self.loss_scale_factor:
            grads = [grad / self.loss_scale_factor for grad in grads]
        if plan.accumulators:
            values, rest = self._accumulated(plan, grads, values, count)
        else:
            values, rest = self._updated(plan, grads, values, count)
        touched = plan.variables + plan.slots + plan.accumulators
        if plan.averages:
            values, averages = self._averaged(plan, values, count)
            touched, rest = touched + plan.averages, rest + averages
        if plan.constrained:
            values = [
                x if v.constraint is None else v.constraint(x) for v, x in zip(plan.variables, values, strict=True)
            ]
        backend.assign_all(touched, [*values, *rest])
        backend.add_all([self._iterations], [1])

    def _read(self, variables: Sequence[Variable]) -> list[Any]:
        """Values, whatever the autocast scope says."""
        read = self._backend.read_storage
        return [read(variable._value) for variable in variables]

    def _number(self, x: Any, dtype: str) -> Any:
        """Scalar tensor as a Python float where that costs nothing, else in a dtype."""
        number = self._backend.number(x)
        return float(number) if isinstance(number, (int, float)) else self._backend.cast(x, dtype)

    def _fitted(self, grad: Any, variable: Variable) -> Any:
        """Gradient as a tensor of the variable's backend and dtype."""
        grad = convert(grad, self._backend, variable._dtype)
        shape = self._backend.shape(grad)
        if shape != variable.shape and (len(shape) != variable.ndim or None not in shape):
            raise ValueError(f"{self.name}.apply(): a gradient of shape {shape} for {variable!r}")
        return grad

    def _rate(self) -> Any:
        rate = self._learning_rate
        if isinstance(rate, Variable):
            return self._backend.read_storage(rate._value)
        return convert(self.learning_rate, self._backend, settings.floatx())

    def _updated(self, plan: Plan, grads: Gradients, values: Sequence[Any], count: Any) -> Values:
        """New values of the plan's variables and slots."""
        if self.clipnorm:
            grads = clip_by_norm(grads, self.clipnorm)
        elif self.global_clipnorm:
            grads = clip_by_global_norm(grads, self.global_clipnorm)
        elif self.clipvalue:
            grads = clip_by_value(grads, self.clipvalue)
        rate = self._rate()
        if self._assigns:
            return self._assigned(plan, grads, values, rate)
        new_values: list[Any] = []
        new_slots: list[Any] = []
        for group in plan.groups:
            if group.overwrites:
                new_values += grads[group.span]
            else:
                self._update_group(group, grads[group.span], values[group.span], count, rate, new_values, new_slots)
        return new_values, new_slots

    def _update_group(
        self,
        group: Group,
        grads: Gradients,
        values: Sequence[Any],
        count: Any,
        rate: Any,
        new_values: list[Any],
        new_slots: list[Any],
    ) -> None:
        backend, dtype = self._backend, group.compute_dtype
        columns = [self._read(column) for column in group.columns]
        narrow = group.dtype != dtype
        if narrow:
            grads, values, *columns = ([backend.cast(x, dtype) for x in column] for column in (grads, values, *columns))
        t, rate = (self._number(x, dtype) for x in (count, rate))
        t = t + 1
        decay = self.weight_decay * rate if group.decays and self.weight_decay else None
        size = self.step_size(t, rate)
        new_columns: Sequence[Sequence[Any]] | None = None
        native = self.native_step
        if native is not None and native.name in backend.optimizer_steps:
            options = {name: getattr(self, name) for name in native.options}
            new_columns = backend.optimizer_steps[native.name](
                values, grads, *columns, size=size, decay=decay, **options
            )
        if new_columns is None:
            new_columns = self._stepped_all(values, grads, columns, t, size, decay)
        if narrow:
            new_columns = [[backend.cast(x, group.dtype) for x in column] for column in new_columns]
        new_values += new_columns[0]
        for column in new_columns[1:]:
            new_slots += column

    def _stepped_all(
        self, values: Sequence[Any], grads: Gradients, columns: Sequence[Sequence[Any]], t: Any, size: Any, decay: Any
    ) -> Sequence[Sequence[Any]]:
        """New values and columns of state, by `step`: of all at once where the backend has something for that."""
        backend = self._backend
        batches = [backend.batch_tensors(column) for column in (grads, values, *columns)]
        if not any(batch is None for batch in batches):
            grad, value, *slots = batches
            result = self._stepped(grad, value, slots, t, size, decay)
            return [backend.unbatch_tensors(column, values) for column in result]
        rows = zip(grads, values, *columns, strict=True)
        return list(
            zip(*[self._stepped(grad, value, slots, t, size, decay) for grad, value, *slots in rows], strict=True)
        )

    def _stepped(self, grad: Any, value: Any, slots: Sequence[Any], t: Any, size: Any, decay: Any) -> tuple[Any, ...]:
        """New value and state of one variable, or of many as a batch."""
        if decay is not None:
            value = value - value * decay
        update, state = self.step(grad, value, self.state_type(*slots), t, size)
        return (value - update, *state[: len(slots)])

    def _assigned(self, plan: Plan, grads: Gradients, values: Sequence[Any], rate: Any) -> Values:
        """Like `_updated` for a subclass whose `update_step` assigns variables, here kept apart from their storage."""
        state = self._variables
        with StatelessScope(
            [*zip(plan.variables, values, strict=True), *((v, self._read([v])[0]) for v in state)]
        ) as scope:
            for group in plan.groups:
                for grad, variable in zip(grads[group.span], plan.variables[group.span], strict=True):
                    if group.overwrites:
                        variable.assign(grad)
                        continue
                    if group.decays:
                        variable.assign_sub(ops.multiply(variable, self.weight_decay * rate))
                    self.update_step(grad, variable, rate)
        return [scope.get_current_value(v) for v in plan.variables], [scope.get_current_value(v) for v in plan.slots]

    def _accumulated(self, plan: Plan, grads: Gradients, values: Sequence[Any], count: Any) -> Values:
        """Like `_updated`, but only every so many calls, with the mean of the gradients since the last one."""
        backend, steps = self._backend, self.gradient_accumulation_steps
        assert steps is not None
        slots = self._read(plan.slots)
        sums = [total + grad for total, grad in zip(self._read(plan.accumulators), grads, strict=True)]
        due = (count + 1) % steps == 0

        def update() -> Values:
            new_values, new_slots = self._updated(plan, [total / steps for total in sums], values, count // steps)
            return new_values, [*new_slots, *(ops.zeros_like(total) for total in sums)]

        def keep() -> Values:
            return list(values), [*slots, *sums]

        if backend.is_concrete(count):
            return update() if bool(due) else keep()
        return ops.cond(due, update, keep)  # type: ignore[no-any-return]  # a structure like what the functions return

    def _averaged(self, plan: Plan, values: Sequence[Any], count: Any) -> Values:
        """Variables, which may be due to be overwritten by their averages, and the new averages."""
        count = count // (self.gradient_accumulation_steps or 1)
        begun = ops.not_equal(count, 0)
        averages = []
        for value, average in zip(values, self._read(plan.averages), strict=True):
            # the first average is the variable itself
            mixed = self.ema_momentum * average + (1 - self.ema_momentum) * value
            averages.append(ops.where(begun, mixed, value))
        if self.ema_overwrite_frequency:
            due = ops.equal((count + 1) % self.ema_overwrite_frequency, 0)
            values = [ops.where(due, average, x) for average, x in zip(averages, values, strict=True)]
        return list(values), averages
