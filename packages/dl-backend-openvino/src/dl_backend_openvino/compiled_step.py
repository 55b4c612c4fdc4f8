"""Inference steps as compiled graphs."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dl_backend_openvino.program import Program, parameter
from dl_backend_openvino.tensors import GraphTensor, HostTensor
from dl_ops import tree
from dl_ops.backend import Backend, backend_scope
from dl_ops.backend.contract import Step
from dl_ops.scopes import StatelessScope

if TYPE_CHECKING:
    from dl_ops.variable import Variable


class _Traced(NamedTuple):
    program: Program
    assigned: Sequence[Variable]
    constants: Sequence[tuple[Variable, Any]]
    """Variables that are only read, with their values in the graph."""


class CompiledStep:
    """A step compiled for each signature of its arguments; see `Backend.compile_step`.

    Variables that the step assigns are inputs and outputs of the graph; the others are constants, with which the device
    does what it can beforehand, and the graph is made anew when one has changed.

    Parameters
    ----------
    backend : Backend
    step : callable
    state : sequence of Variable

    Raises
    ------
    ValueError
        When called, if `step` assigns a variable that is not in `state`: its value would be lost.
    UnsupportedOp
        When called, if OpenVINO's graphs have no node for an op.
    """

    def __init__(self, backend: Backend, step: Step, state: Sequence[Variable]) -> None:
        self._backend, self._step = backend, step
        self._state = list({id(variable): variable for variable in state}.values())
        self._traced: dict[Hashable, _Traced] = {}

    def __call__(self, *args: Any) -> Any:
        leaves = [self._backend.to_tensor(x) if isinstance(x, np.ndarray) else x for x in tree.flatten(args)]
        signature = tuple([(x.shape, x.dtype) if isinstance(x, HostTensor) else x for x in leaves])
        traced = self._traced.get(signature)
        if traced is None or any(variable._value is not value for variable, value in traced.constants):
            traced = self._traced[signature] = self._trace(args, leaves)
        tensors = [x for x in leaves if isinstance(x, HostTensor)]
        result, values = traced.program([*(variable._value for variable in traced.assigned), *tensors])
        for variable, value in zip(traced.assigned, values, strict=True):
            variable._value = value
        return result

    def _trace(self, args: Any, leaves: Sequence[Any]) -> _Traced:
        assigned: list[Variable] = []
        while True:
            state = [parameter(variable._value) for variable in assigned]
            inputs = [parameter(x) if isinstance(x, HostTensor) else x for x in leaves]
            with backend_scope(self._backend), StatelessScope(zip(assigned, state, strict=True)) as scope:
                result = self._step(*tree.pack_sequence_as(args, inputs))
                finals = [variable._value for variable in assigned]
            found = {id(variable): variable for variable in scope.written}
            found |= {id(variable): variable for variable in assigned}
            if len(found) == len(assigned):
                break
            # now that they are known they can be inputs
            assigned = list(found.values())
        known = {id(variable) for variable in self._state}
        if lost := [variable.path for variable in assigned if id(variable) not in known]:
            raise ValueError(
                f"the compiled step assigns {', '.join(map(repr, lost))}, not among the variables it was compiled for"
            )
        program = Program([*state, *(x for x in inputs if isinstance(x, GraphTensor))], (result, finals))
        return _Traced(program, assigned, [(v, v._value) for v in self._state if id(v) not in found])
