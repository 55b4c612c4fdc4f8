"""A training step over variables as a jitted pure function of their values."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import jaxpr_as_fun

from dl_ops.backend import Backend, backend_scope
from dl_ops.backend.contract import Step
from dl_ops.scopes import StatelessScope
from dl_ops.variable import Variable

_value = operator.attrgetter("_value")


@jax.jit
def _copies(arrays: list[Any]) -> list[Any]:
    """Copies in one call: every epoch begins with metrics that were reset."""
    return [jnp.copy(array) for array in arrays]


class _WritesMore(Exception):  # a signal, not an error
    """A retracing found that the step assigns variables that it left alone before."""


class CompiledStep:
    """Jitted form of `step`; see `Backend.compile_step`.

    The first call traces `step` to learn which variables it assigns. Their arrays are donated, so that XLA updates
    them in place; the others are only read. Python's share of a call is to collect the arrays and to store the new
    ones.

    Parameters
    ----------
    backend : Backend
    step : callable
    state : sequence of Variable
    steps_per_call : int

    Raises
    ------
    ValueError
        When called, if `step` assigns a variable that is not in `state`: its value would be lost.
    """

    def __init__(self, backend: Backend, step: Step, state: Sequence[Variable], steps_per_call: int) -> None:
        self._backend, self._step, self._steps_per_call = backend, step, steps_per_call
        self._state = list({id(variable): variable for variable in state}.values())
        self._assigned: set[int] = set()
        self._donated: list[Variable] = []
        self._read: list[Variable] = []
        self._stored: list[Any] = []
        self._run: Callable[..., Any] | None = None

    def __call__(self, *args: Any) -> Any:
        run = self._run or self._build(args)
        donated = list(map(_value, self._donated))
        # what this step did not store itself, somebody else may hold, and would find deleted
        if any(map(operator.is_not, donated, self._stored)):
            foreign = [i for i, (new, old) in enumerate(zip(donated, self._stored, strict=True)) if new is not old]
            for i, copy in zip(foreign, _copies([donated[i] for i in foreign]), strict=True):
                donated[i] = copy
        results: list[Any] = []
        try:
            # an interrupt comes between bytecodes: by then `extend` has the new arrays, while an assignment would
            # have lost them, and the old ones are gone
            results.extend(map(run, (donated,), (list(map(_value, self._read)),), (args,)))
        except _WritesMore:
            self._run = None
            return self(*args)
        finally:
            if results:
                self._store(results[0][1])
        return results[0][0]

    def over(self, batches: Iterable[Sequence[Any]]) -> tuple[int, Any]:
        """Call it with one batch after another, handing the arrays on without storing them; see `Loop`."""
        rest = iter(batches)
        count, result = 0, None
        while (args := next(rest, None)) is not None:
            # the first call by the long way: it builds the program, and copies what somebody else may hold
            result = self(*args)
            count += 1
            run, read = self._run, list(map(_value, self._read))
            assert run is not None
            results = [(result, self._stored)]
            try:
                for args in rest:
                    # in one bytecode, as above
                    results[:] = map(run, (results[0][1],), (read,), (args,))
                    count += 1
            except _WritesMore:
                self._run = None
                rest = chain((args,), rest)
            finally:
                self._store(results[0][1])
            result = results[0][0]
        return count, result

    def _store(self, arrays: list[Any]) -> None:
        self._stored = arrays
        for variable, value in zip(self._donated, arrays, strict=True):
            variable._value = value

    def _build(self, args: tuple[Any, ...]) -> Callable[..., Any]:
        values = [variable._value for variable in self._state]
        program, outputs = jax.make_jaxpr(self._pure, return_shape=True)(values, args)
        structure = jax.tree.structure(outputs)
        assigned = sorted(self._assigned)
        self._donated = [self._state[i] for i in assigned]
        self._read = [variable for i, variable in enumerate(self._state) if i not in self._assigned]
        self._stored = [None] * len(assigned)
        traced: list[Any] = [program]

        def run(donated: list[Any], read: list[Any], args: tuple[Any, ...]) -> tuple[Any, list[Any]]:
            rest, written = iter(read), iter(donated)
            values = [next(written if i in assigned else rest) for i in range(len(self._state))]
            if traced:
                # the first tracing follows at once, with the same types: Python need not run the step again
                flat = jaxpr_as_fun(traced.pop())(*jax.tree.leaves((values, args)))
                result, values = jax.tree.unflatten(structure, flat)
            else:
                result, values = self._pure(values, args)
                if len(self._assigned) > len(assigned):
                    raise _WritesMore
            return result, [values[i] for i in assigned]

        self._run = jax.jit(run, donate_argnums=0)
        return self._run

    def _pure(self, values: list[Any], args: tuple[Any, ...]) -> tuple[Any, list[Any]]:
        if self._steps_per_call == 1:
            return self._once(values, args)

        def body(values: list[Any], args: tuple[Any, ...]) -> tuple[list[Any], Any]:
            result, values = self._once(values, args)
            return values, result

        values, results = lax.scan(body, values, args, length=self._steps_per_call)
        return jax.tree.map(lambda x: x[-1], results), values

    def _once(self, values: list[Any], args: tuple[Any, ...]) -> tuple[Any, list[Any]]:
        with backend_scope(self._backend), StatelessScope(zip(self._state, values, strict=True)) as scope:
            result = self._step(*args)
        written = {id(variable): variable for variable in scope.written}
        for i, variable in enumerate(self._state):
            if written.pop(id(variable), None) is not None:
                self._assigned.add(i)
        if written:
            paths = ", ".join(repr(variable.path) for variable in written.values())
            raise ValueError(f"the compiled step assigns {paths}, not among the variables it was compiled for")
        # weakly typed values, as of constants, would make the next call another signature
        return result, [
            lax.convert_element_type(scope.get_current_value(variable), value.dtype)
            for variable, value in zip(self._state, values, strict=True)
        ]
