"""The plans of one op, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from dl_ops import scopes
from dl_ops.backend.contract import Backend
from dl_ops.backend.registry import backend_of_type, current_backend
from dl_ops.dispatch.eager import Plan, common_dtype, eager_plan, kernel_or_default, reraise, tensor_positions
from dl_ops.dispatch.general import general_call
from dl_ops.dispatch.ownership import NEUTRAL, common_backend, mixed_backends
from dl_ops.op import CONDITION, INDICES, OPERAND, OPERANDS, VALUE, Op
from dl_ops.rules import nothing_wanted
from dl_ops.symbolic.inference import symbolic_call
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.variable import Variable

_LEAF_ROLES: Final = (OPERAND, INDICES, CONDITION, VALUE)


class Plans:
    """Plans of one op: by types, and below that, for what belongs to any backend, by backend."""

    def __init__(self, op: Op) -> None:
        self.op = op
        self.by_types: dict[tuple[type, ...], Plan] = {}
        self.by_backend: dict[Backend, dict[tuple[type, ...], Plan]] = {}

    def make(self, args: Sequence[Any]) -> Plan:
        """Work out and keep the plan for arguments of these types."""
        self.op.bind(tuple(args), {})
        plan = self.by_types[tuple(map(type, args))] = self._make(args)
        return plan

    def _make(self, args: Sequence[Any]) -> Plan:
        op = self.op
        tensors = tensor_positions(op, args)
        if len(tensors) == 1 and tensors[0][1] == OPERANDS and isinstance(args[tensors[0][0]], (list, tuple)):
            return self._sequence_plan(tensors[0][0])
        looks_at_arguments = op.dtype_rule is not None and op.dtype_rule.wanted is not nothing_wanted
        if looks_at_arguments or any(
            role not in _LEAF_ROLES or isinstance(args[i], (list, tuple)) for i, role in tensors
        ):
            return lambda args: general_call(op, args, {})
        if any(isinstance(args[i], KerasTensor) for i, _ in tensors):
            return lambda args: symbolic_call(op, args, {})
        variables = [i for i, _ in tensors if isinstance(args[i], Variable)]
        native = {type(args[i]) for i, _ in tensors if not isinstance(args[i], (Variable, *NEUTRAL))}
        if variables:
            return self._variables_plan(variables, common_backend(op, native) if native else None)
        if native:
            return eager_plan(op, common_backend(op, native), args)
        return self._neutral_plan()

    def _sequence_plan(self, position: int) -> Plan:
        """A list of tensors: the kernel at once if they are of one type and dtype that needs no cast."""
        op = self.op
        ready: dict[tuple[Backend, type, Any], Any] = {}

        def work_out(backend: Backend, kind: type, dtype: Any) -> Any:
            name = backend.dtype_name(dtype)
            common = None if op.dtype_rule is None else common_dtype(op, [name])
            return kernel_or_default(op, backend, frozenset((kind,))) if common in (None, name) else None

        def plan(args: Sequence[Any]) -> Any:
            xs = args[position]
            kinds = set(map(type, xs))
            if len(kinds) == 1 and not scopes.current.symbolic:
                (kind,) = kinds
                backend = current_backend() if issubclass(kind, NEUTRAL) else backend_of_type(kind)
                if backend is not None and issubclass(kind, backend.tensor_types):
                    dtype = xs[0].dtype
                    if all(x.dtype == dtype for x in xs):
                        key = (backend, kind, dtype)
                        if key not in ready:
                            ready[key] = work_out(*key)
                        kernel = ready[key]
                        if kernel is not None:
                            try:
                                return kernel(*args)
                            except Exception as error:
                                reraise(op, args, {}, error)
            return general_call(op, args, {})

        return plan

    def _variables_plan(self, variables: Sequence[int], backend: Backend | None) -> Plan:
        op = self.op
        first = variables[0]
        by_backend = self.by_backend

        def plan(args: Sequence[Any]) -> Any:
            values = list(args)
            owner = backend or values[first].backend
            for i in variables:
                variable = values[i]
                if variable.backend is not owner:
                    raise mixed_backends(f"{op.name}()", owner.name, variable.backend.name)
                values[i] = variable.value
            plans = by_backend.get(owner)
            eager = None if plans is None else plans.get(tuple(map(type, values)))
            return self._on(owner, values) if eager is None else eager(values)

        return plan

    def _neutral_plan(self) -> Plan:
        """Nothing but NumPy arrays and numbers, or no tensor at all: the active backend."""
        op = self.op
        by_backend: dict[Backend, Plan] = {}
        scope = scopes.current

        def plan(args: Sequence[Any]) -> Any:
            if scope.symbolic:
                return symbolic_call(op, args, {})
            backend = scope.backend or current_backend()
            eager = by_backend.get(backend)
            if eager is None:
                eager = by_backend[backend] = eager_plan(op, backend, args)
            return eager(args)

        return plan

    def _on(self, backend: Backend, args: Sequence[Any]) -> Any:
        plans = self.by_backend.get(backend)
        if plans is None:
            plans = self.by_backend[backend] = {}
        types = tuple(map(type, args))
        plan = plans.get(types)
        if plan is None:
            if KerasTensor in types:  # where variables stand for symbolic values
                return symbolic_call(self.op, args, {})
            plan = plans[types] = eager_plan(self.op, backend, args)
        return plan(args)
