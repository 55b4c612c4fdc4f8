"""Steps compiled by Inductor, each as one program with its backward pass and its assignments.

``torch.compile`` would follow the Python code of ops and layers, of which it understands a part. Here the step runs
once on tensors without values, which record the kernels that are called, so any Python code will do.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch.fx.experimental.proxy_tensor import make_fx

from dl_backend_torch.tracing import tracing
from dl_ops import tree
from dl_ops.backend.contract import Backend, Step
from dl_ops.backend.registry import backend_scope
from dl_ops.scopes import StatelessScope

if TYPE_CHECKING:
    from dl_ops.variable import Variable


class _Program(NamedTuple):
    run: Callable[..., Sequence[Any]]
    structure: Any
    """What the step returns; its leaves that are tensors come from `run`."""


class CompiledStep:
    """A step compiled for each signature of its arguments; see `Backend.compile_step`.

    Parameters
    ----------
    backend : Backend
    step : callable
    state : sequence of Variable

    Raises
    ------
    ValueError
        When called, if `step` assigns a variable that is not in `state`: its value would be lost.

    Warns
    -----
    UserWarning
        When the step depends on values, such as the number of nonzero elements, or no compiler works here. It then runs
        eagerly.
    """

    def __init__(self, backend: Backend, step: Step, state: Sequence[Variable]) -> None:
        self._backend, self._step = backend, step
        self._state = list({id(variable): variable for variable in state}.values())
        self._programs: dict[Hashable, _Program | None] = {}

    def __call__(self, *args: Any) -> Any:
        leaves = [self._backend.to_tensor(x) if isinstance(x, np.ndarray) else x for x in tree.flatten(args)]
        tensors = [x.contiguous() for x in leaves if isinstance(x, torch.Tensor)]
        signature = tuple([(x.shape, x.dtype, x.device) if isinstance(x, torch.Tensor) else x for x in leaves])
        if signature not in self._programs:
            self._programs[signature] = self._compile(args, leaves, tensors)
        program = self._programs[signature]
        if program is None:
            return self._step(*args)
        with torch.no_grad():
            results = iter(program.run(*[variable._value for variable in self._state], *tensors))
        return tree.map_structure(lambda x: next(results) if x is _TENSOR else x, program.structure)

    def _compile(self, args: Any, leaves: Sequence[Any], tensors: Sequence[torch.Tensor]) -> _Program | None:
        structure: list[Any] = []

        def flat(*values: torch.Tensor) -> list[torch.Tensor]:
            state, rest = values[: len(self._state)], iter(values[len(self._state) :])
            inputs = [next(rest) if isinstance(x, torch.Tensor) else x for x in leaves]
            with StatelessScope(zip(self._state, state, strict=True)) as scope:
                result = self._step(*tree.pack_sequence_as(args, inputs))
                finals = [variable._value for variable in self._state]
            self._check(scope.written)
            for before, after in zip(state, finals, strict=True):
                if after is not before:
                    before.copy_(after.detach())
            structure[:] = [tree.map_structure(lambda x: _TENSOR if isinstance(x, torch.Tensor) else x, result)]
            return [x.detach() for x in tree.flatten(result) if isinstance(x, torch.Tensor)]

        examples = [*(variable._value.detach() for variable in self._state), *tensors]
        try:
            with backend_scope(self._backend), torch.no_grad(), tracing():
                # variables that are only read, and numbers, are constants of the program
                graph = make_fx(flat, tracing_mode="fake", _allow_non_fake_inputs=True)(*examples)
            with torch.no_grad(), warnings.catch_warnings():
                # PyTorch's compiler uses what PyTorch deprecates
                warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"torch\.")
                return _Program(torch._inductor.compile(graph, examples), structure[0])
        except _CANNOT as error:
            reason = f"{type(error).__name__}: {error}".partition("\n")[0]
            warnings.warn(f"the step runs eagerly, since it cannot be compiled: {reason}", stacklevel=4)
            return None

    def _check(self, written: Sequence[Variable]) -> None:
        known = {id(variable) for variable in self._state}
        if lost := [variable.path for variable in written if id(variable) not in known]:
            raise ValueError(
                f"the compiled step assigns {', '.join(map(repr, lost))}, not among the variables it was compiled for"
            )


class _Tensor:
    """Stands for a tensor in the structure of a step's results."""


_TENSOR = _Tensor()

# what PyTorch raises where values are asked for, and where no compiler works
_CANNOT = (
    torch._subclasses.fake_tensor.DataDependentOutputException,
    torch._subclasses.fake_tensor.DynamicOutputShapeException,
    torch._dynamo.exc.TorchDynamoException,
    NotImplementedError,
    RuntimeError,
)
