"""From one pure step for one variable to new values of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dl_ops import config as settings
from dl_ops import ops
from dl_ops.interchange import convert
from dl_ops.scopes import StatelessScope
from dl_ops.variable import Variable
from dl_train.optimizers.algorithm import OptimizerAlgorithm
from dl_train.optimizers.choosing import choose
from dl_train.optimizers.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from dl_train.optimizers.plan import Group, Plan, Traits, make_plan

Gradients = Sequence[Any]
Values = tuple[list[Any], list[Any]]


class OptimizerUpdates(OptimizerAlgorithm):
    """How an algorithm is applied to the variables of a plan."""

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
        count = self._backend.read_storage(self._iterations._value)
        shared = self._advanced(plan, count)
        values, slots = self._update_groups(plan, [gradient], self._read([variable]), count, learning_rate, shared)
        # what is shared advances once for all variables
        self._backend.assign_all([variable, *plan.slots[: len(slots)]], [*values, *slots])

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
                self._shared,
                self._traits,
                (lambda variable: self._averages[id(variable)]) if self.use_ema else None,
                (lambda variable: self._accumulators[id(variable)]) if self.gradient_accumulation_steps else None,
            )
            if self._assigns:
                kept = {id(v) for v in (*self._averages.values(), *self._accumulators.values(), self._iterations)}
                own = [v for v in self._variables if id(v) not in kept and v is not self._learning_rate]
                plan = self._plans[key] = plan._replace(slots=own, plain=False)
        return plan

    def _traits(self, variable: Variable) -> Traits:
        kind = self.kind_of(variable)
        decays = bool(self.weight_decay_of(kind)) and not self._is_undecayed(variable)
        return Traits(kind, decays, self._rate_scale(variable), variable.overwrite_with_gradient)

    def _update(self, grads: Gradients, variables: Sequence[Variable]) -> None:
        """Update variables by gradients, of which there is one for each."""
        backend, plan = self._backend, self._plan(variables)
        count = backend.read_storage(self._iterations._value)
        values = self._read(plan.variables)
        if plan.order is not None:
            grads = [grads[i] for i in plan.order]
        grads = [
            g if g.dtype == x.dtype and g.shape == variable._shape else self._fitted(g, variable)
            for g, x, variable in zip(grads, values, plan.variables, strict=True)
        ]
        if plan.plain and not (self.loss_scale_factor or self.clipnorm or self.global_clipnorm or self.clipvalue):
            # what most training comes to, without looking for what it does not need
            columns = self._updated_group(plan.groups[0], grads, values, count, self._rate(), ())
            if columns[0] is not values:  # else the backend's step has changed all in place
                backend.assign_all(plan.touched, [x for column in columns for x in column])
            backend.add_all([self._iterations], [1])
            return
        if self.loss_scale_factor:
            grads = [grad / self.loss_scale_factor for grad in grads]
        if plan.accumulators:
            values, rest = self._accumulated(plan, grads, values, count)
        else:
            values, rest = self._updated(plan, grads, values, count)
        touched = plan.touched + plan.accumulators
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
        return self._backend.read_all(variables)

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
        shared = self._advanced(plan, count)
        new_values, new_slots = self._update_groups(plan, grads, values, count, rate, shared)
        new_slots += [convert(x, self._backend, v._dtype) for x, v in zip(shared, plan.shared, strict=True)]
        return new_values, new_slots

    def _advanced(self, plan: Plan, count: Any) -> Sequence[Any]:
        """New values of what is shared: numbers where that costs nothing."""
        if not plan.shared:
            return ()
        dtype = plan.shared[0]._dtype
        return self.advance_shared(
            [self._number(x, dtype) for x in self._read(plan.shared)], self._number(count, dtype) + 1
        )

    def _update_groups(
        self,
        plan: Plan,
        grads: Gradients,
        values: Sequence[Any],
        count: Any,
        rate: Any,
        shared: Sequence[Any],
    ) -> Values:
        new_values: list[Any] = []
        new_slots: list[Any] = []
        for group in plan.groups:
            if group.traits.overwrites:
                new_values += grads[group.span]
                continue
            if group.traits.rate_scale == 0.0:
                new_values += values[group.span]
                new_slots += [x for column in group.columns for x in self._read(column)]
                continue
            columns = self._updated_group(group, grads[group.span], values[group.span], count, rate, shared)
            new_values += columns[0]
            for column in columns[1:]:
                new_slots += column
        return new_values, new_slots

    def _updated_group(
        self, group: Group, grads: Gradients, values: Sequence[Any], count: Any, rate: Any, shared: Sequence[Any]
    ) -> Sequence[Sequence[Any]]:
        """New values and columns of state of a group."""
        backend, dtype = self._backend, group.compute_dtype
        columns = [self._read(column) for column in group.columns]
        narrow = group.dtype != dtype
        if narrow:
            grads, values, *columns = ([backend.cast(x, dtype) for x in column] for column in (grads, values, *columns))
        t, rate = self._number(count, dtype) + 1, self._number(rate, dtype)
        size = self.step_size(t, rate)
        if group.traits.rate_scale != 1.0:
            rate, size = rate * group.traits.rate_scale, size * group.traits.rate_scale
        weight_decay = self.weight_decay_of(group.traits.kind)
        decay = weight_decay * rate if group.traits.decays and weight_decay else None
        shared = [x if isinstance(x, float) else backend.cast(x, dtype) for x in shared]
        new_columns: Sequence[Sequence[Any]] | None = None
        native = self.native_step
        if native is not None and native.name in backend.optimizer_steps:
            options = {name: getattr(self, name) for name in native.options}
            new_columns = backend.optimizer_steps[native.name](
                values, grads, *columns, size=size, decay=decay, **options
            )
        if new_columns is None:

            def stepped(grad: Any, value: Any, *slots: Any) -> tuple[Any, ...]:
                """New value and state of one variable, or of many as a batch."""
                if decay is not None:
                    value = value - value * decay
                update, state = self.step(grad, value, self.state_of([*slots, *shared]), t, size)
                return (value - update, *[x for x in state if x is not None][: len(slots)])

            rows = (grads, values, *columns)
            batches = [backend.batch_tensors(row) for row in rows] if self.is_elementwise(group.traits.kind) else [None]
            if any(batch is None for batch in batches):
                new_columns = list(zip(*map(stepped, *rows), strict=True))
            else:
                new_columns = [backend.unbatch_tensors(column, values) for column in stepped(*batches)]
        if narrow:
            new_columns = [[backend.cast(x, group.dtype) for x in column] for column in new_columns]
        return new_columns

    def _assigned(self, plan: Plan, grads: Gradients, values: Sequence[Any], rate: Any) -> Values:
        """Like `_updated` for a subclass whose `update_step` assigns variables, here kept apart from their storage."""
        state = self._variables
        with StatelessScope(
            [*zip(plan.variables, values, strict=True), *((v, self._read([v])[0]) for v in state)]
        ) as scope:
            for group in plan.groups:
                for grad, variable in zip(grads[group.span], plan.variables[group.span], strict=True):
                    if group.traits.overwrites:
                        variable.assign(grad)
                        continue
                    own_rate = rate if group.traits.rate_scale == 1.0 else rate * group.traits.rate_scale
                    if group.traits.decays:
                        variable.assign_sub(ops.multiply(variable, self.weight_decay * own_rate))
                    self.update_step(grad, variable, own_rate)
        return [scope.get_current_value(v) for v in plan.variables], [scope.get_current_value(v) for v in plan.slots]

    def _accumulated(self, plan: Plan, grads: Gradients, values: Sequence[Any], count: Any) -> Values:
        """Like `_updated`, but only every so many calls, with the mean of the gradients since the last one."""
        backend, steps = self._backend, self.gradient_accumulation_steps
        assert steps is not None
        slots = self._read(plan.slots)
        sums = [total + grad for total, grad in zip(self._read(plan.accumulators), grads, strict=True)]
        due = (count + 1) % steps == 0

        def update() -> list[Any]:
            new_values, new_slots = self._updated(plan, [total / steps for total in sums], values, count // steps)
            return [*new_values, *new_slots, *(ops.zeros_like(total) for total in sums)]

        def keep() -> list[Any]:
            return [*values, *slots, *sums]

        if backend.is_concrete(count):
            chosen = update() if bool(due) else keep()
        else:
            chosen = choose(backend, due, update, keep)
        return chosen[: len(values)], chosen[len(values) :]

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
