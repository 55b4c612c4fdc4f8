"""The contract between `dl` and a framework: tensors, kernels, engine.

A backend subclasses `Backend` in a package of its own and names a factory in the entry-point group ``dl.backends``.
What has a body here is a default that is right on every framework, and is overridden only where the framework does
better.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, runtime_checkable

import numpy as np

from dl_ops import config, scopes
from dl_ops.backend.kernels import Kernels
from dl_ops.dtypes import numpy_dtype
from dl_ops.scopes import StatelessScope
from dl_ops.typing import Array

if TYPE_CHECKING:
    from dl_ops.sparse import Entries
    from dl_ops.variable import Variable

CONTRACT_VERSION: Final = 1

Step = Callable[..., Any]

Pullback = Callable[[Sequence[Any]], list[Any]]
"""From gradients with respect to a function's outputs to those with respect to its inputs."""

OptimizerStep = Callable[..., Sequence[Sequence[Any]] | None]
"""An optimizer's step for many variables of one dtype, float32 or wider, that are alike in all but shape.

It is called with a list of values, one of gradients, and one for each kind of state; then, by keyword, with ``size``,
what the optimizer's `step_size` gave, ``decay``, the fraction that values shrink by before, or ``None``, and the
optimizer's own numbers. It gives lists of new values and state; the very lists that it was given where it has changed
all of the tensors in place; or ``None`` if these tensors are none that it can take.
"""


@runtime_checkable
class Loop(Protocol):
    """What a compiled step may be as well: one that gets along without bringing the variables up to date each time."""

    def over(self, batches: Iterable[Sequence[Any]]) -> tuple[int, Any]:
        """Call the step with one batch after another; gives their number, and what the last call gave.

        The variables have their new values when it returns or raises. What makes the batches must not look at them.
        """


class UnsupportedOp(NotImplementedError):
    """An op has neither a kernel on a backend nor a default composed of other ops."""


class Backend(abc.ABC):
    """One framework's tensors, kernels and engine."""

    name: ClassVar[str]
    contract_version: ClassVar[int] = CONTRACT_VERSION
    trainable: ClassVar[bool] = True
    """Whether the engine computes gradients."""
    reads_arguments_late: ClassVar[bool] = False
    """Whether a compiled step may read NumPy arrays after it has returned, so that callers must not refill them."""

    loops_in_step: ClassVar[bool] = False
    """Whether several steps in one compiled call are faster than a call each."""

    # -- tensors --

    tensor_types: tuple[type, ...]
    """Types of the framework's tensors, tracers included; NumPy arrays and Python numbers belong to every backend."""

    @abc.abstractmethod
    def to_tensor(self, value: Any, dtype: str | None = None) -> Any:
        """Tensor of a number, nested list, NumPy array or tensor of this framework, on the current device."""

    @abc.abstractmethod
    def to_numpy(self, x: Any) -> Array:
        """Copy or view of a tensor as a NumPy array; bfloat16 and float8 in ml-dtypes' types."""

    @abc.abstractmethod
    def cast(self, x: Any, dtype: str) -> Any:
        """`x` with another dtype; `x` itself if it has it already."""

    @abc.abstractmethod
    def dtype_name(self, dtype: Any) -> str:
        """Name of one of the framework's dtype objects."""

    def scalar(self, value: Any, dtype: str) -> Any:
        """A Python number in a form that every kernel takes for a tensor of `dtype`; cheaper than `to_tensor` where
        possible.
        """
        return self.to_tensor(value, dtype)

    def number(self, x: Any) -> Any:
        """Scalar tensor as a Python number, if looking at it costs nothing, else as it is: what is computed with it
        alone is then computed faster.
        """
        return x

    def shape(self, x: Any) -> tuple[int | None, ...]:
        """Static shape of a tensor, ``None`` where it is unknown while a graph is built."""
        return tuple(x.shape)

    def is_tensor(self, x: Any) -> bool:
        """Whether `x` is a tensor of this framework, a sparse one too."""
        return isinstance(x, (self.tensor_types, self.sparse_types))

    def is_concrete(self, x: Any) -> bool:
        """Whether the values of tensor `x` can be looked at now: false while the engine traces."""
        return True

    def to_dlpack(self, x: Any) -> Any:
        """Object with ``__dlpack__``, or ``None`` where the framework cannot share `x`'s memory."""
        return x if hasattr(x, "__dlpack__") else None

    def from_dlpack(self, x: Any) -> Any:
        """Tensor over the memory of an object with ``__dlpack__``; raises if the framework cannot."""
        raise BufferError(f"{self.name} does not import DLPack")

    def devices(self) -> list[str]:
        """Names of the devices the framework sees, such as ``["cpu:0"]``."""
        return ["cpu:0"]

    def device_scope(self, device_name: str) -> AbstractContextManager[Any]:
        """Place what is created inside on a device."""
        return nullcontext()

    def float64_scope(self) -> AbstractContextManager[Any]:
        """Keep float64 tensors as they are inside, for a framework that otherwise rounds them to float32.

        Gradients are compared with central differences in it.
        """
        return nullcontext()

    def seed_framework(self, seed: int) -> None:  # noqa: B027  # nothing to do for a framework without one
        """Seed the framework's own global generator, which `dl` does not draw from, and a user's own code may."""

    def enable_determinism(self) -> None:  # noqa: B027  # nothing to do where everything repeats anyhow
        """Let the framework choose the same order of summation each time, on accelerators too, at the cost of speed."""

    def framework_random_state(self) -> dict[str, Array]:
        """Where the framework's own global generators stand, arrays of integers by name; nothing where it does not
        tell.
        """
        return {}

    def set_framework_random_state(self, state: Mapping[str, Array]) -> None:  # noqa: B027  # as for seed_framework
        """Bring the framework's own global generators to where `framework_random_state` found them."""

    # -- sparse tensors, where the framework has any --

    sparse_types: tuple[type, ...] = ()
    """Types of the framework's sparse tensors that are not among `tensor_types`. Ops on them go to `sparse_kernels`, or
    to what `dl_ops.sparse` has for them; what is of a dense tensor's type, `kernel` has to tell apart.
    """

    sparse_kernels: Mapping[str, Callable[..., Any]] = Kernels()
    """Kernels by op name that take sparse tensors; ``NotImplemented`` from one stands for another way to do it."""

    def is_sparse(self, x: Any) -> bool:
        """Whether `x` is a sparse tensor of this framework."""
        return isinstance(x, self.sparse_types)

    def to_dense(self, x: Any) -> Any:
        """Dense tensor with the elements of a sparse one."""
        raise self._no_sparse_tensors()

    def coalesced(self, x: Any) -> Any:
        """Sparse tensor that stores each position once; two with the same positions have them in the same order."""
        raise self._no_sparse_tensors()

    def values(self, x: Any) -> Any:
        """What a sparse tensor stores, shape (entries,)."""
        return self.entries(x).values

    def with_values(self, x: Any, values: Any) -> Any:
        """Sparse tensor that stores other values at the positions of `x`, of any dtype."""
        raise self._no_sparse_tensors()

    def entries(self, x: Any) -> Entries:
        """Parts of a sparse tensor; positions may come twice."""
        raise self._no_sparse_tensors()

    def from_entries(self, entries: Entries) -> Any:
        """Sparse tensor of parts, inverse of `entries`."""
        raise self._no_sparse_tensors()

    def _no_sparse_tensors(self) -> UnsupportedOp:
        return UnsupportedOp(f"{self.name} has no sparse tensors")

    # -- variables --

    def create_storage(self, value: Array, *, trainable: bool, name: str) -> Any:
        """What a `Variable` keeps: a tensor, or the framework's own variable. `value` has its final dtype.

        Must give real storage also while the engine traces.
        """
        return self.to_tensor(value.copy())  # whoever gave the array may change it later

    def adopt_storage(self, value: Array, *, trainable: bool, name: str) -> Any:
        """`create_storage` for an array that nobody else holds, so that its memory may be kept."""
        return self.create_storage(value, trainable=trainable, name=name)

    def read_storage(self, storage: Any) -> Any:
        """Tensor in a variable's storage."""
        return storage

    def read_all(self, variables: Sequence[Variable]) -> list[Any]:
        """Tensors in the storage of many variables of this backend."""
        read = self.read_storage
        return [read(variable._value) for variable in variables]

    def write_storage(self, storage: Any, value: Any) -> Any:
        """Storage after an assignment: a new one, or the same one changed in place."""
        return value

    def variable_attribute(self, variable: Variable, name: str) -> Any:
        """What the framework's own functions ask of its variables, where they are given one of ours in their place.

        Raises
        ------
        AttributeError
            If that is not for them to ask.
        """
        raise AttributeError(f"'Variable' object has no attribute {name!r}")

    def set_trainable(self, storage: Any, trainable: bool) -> None:  # noqa: B027  # nothing to do for most
        """Note that a variable has been frozen or thawed, where the framework keeps a flag of its own for that."""

    def assign_all(self, variables: Sequence[Variable], values: Sequence[Any]) -> None:
        """Assign many variables of this backend at once; the values have their dtypes and shapes."""
        if scopes.current.stateless is not None:
            for variable, value in zip(variables, values, strict=True):
                variable._write(value)
            return
        for variable, value in zip(variables, values, strict=True):
            variable._value = self.write_storage(variable._value, value)

    def add_all(self, variables: Sequence[Variable], increments: Sequence[Any]) -> None:
        """Add to many variables of this backend at once; increments are numbers, or tensors of the variables' dtypes
        and shapes.
        """
        pairs = zip(variables, increments, strict=True)
        self.assign_all(variables, [self.to_tensor(self.read_storage(v._value) + x) for v, x in pairs])

    def zero_all(self, variables: Sequence[Variable]) -> None:
        """Set many variables of this backend to zero at once."""
        kinds = [(variable.shape, variable._dtype) for variable in variables]
        zeros = {kind: self.to_tensor(np.zeros(kind[0], numpy_dtype(kind[1]))) for kind in set(kinds)}
        self.assign_all(variables, [zeros[kind] for kind in kinds])

    def batch_tensors(self, tensors: Sequence[Any]) -> Any:
        """One object on which element-wise ops act on all of `tensors` at once, or ``None`` if that is no faster
        here.
        """
        return None

    def unbatch_tensors(self, batch: Any, like: Sequence[Any]) -> Sequence[Any]:
        """Tensors of what `batch_tensors` made, or ops made of that; `like` are tensors of their shapes."""
        raise NotImplementedError

    # -- optimizers --

    optimizer_steps: Mapping[str, OptimizerStep] = {}
    """Steps of optimizers, by name, that the framework takes faster than by the optimizer's own arithmetic."""

    # -- kernels --

    kernels: Mapping[str, Callable[..., Any]]
    """Kernels by op name: same signatures as the ops, arguments already tensors of the promoted dtype."""

    unsupported: Mapping[str, str] = {}
    """Ops that have no place in what the engine compiles, with the reasons, which `UnsupportedOp` gives. On values they
    are computed all the same, where there is a kernel or a default.
    """

    def kernel(self, name: str, types: frozenset[type]) -> Callable[..., Any] | None:
        """Kernel of op `name` for tensors of `types`, or ``None`` to use the op's default."""
        return self.kernels.get(name)

    # -- engine --

    @abc.abstractmethod
    def vjp(
        self, f: Callable[..., tuple[Sequence[Any], Any]], inputs: Sequence[Any]
    ) -> tuple[list[Any], Any, Pullback]:
        """Outputs and auxiliary output of ``f(*inputs) -> (outputs, aux)``, and what takes gradients back through it.

        Outputs are a list of tensors, `aux` is any structure. The pullback takes a gradient for each output, of its
        shape and dtype, or ``None`` for zero, and gives one for each input, ``None`` where the outputs do not depend on
        it. It may be called several times, and can be differentiated itself.
        """

    def value_and_grad(
        self, f: Callable[..., tuple[Any, Any]], inputs: Sequence[Any]
    ) -> tuple[Any, Any, list[Any | None]]:
        """Value, auxiliary output and gradients of ``f(*inputs) -> (scalar loss, aux)`` with respect to each input
        tensor.

        `aux` is any structure. The gradient is ``None`` for an input that the loss does not depend on, where the
        framework tells.
        """

        def outputs(*values: Any) -> tuple[list[Any], Any]:
            loss, aux = f(*values)
            return [self.to_tensor(loss)], aux

        (loss,), aux, pullback = self.vjp(outputs, inputs)
        return loss, aux, pullback([self.to_tensor(np.ones((), numpy_dtype(self.dtype_name(loss.dtype))))])

    def value_and_grad_of_variables(
        self, f: Callable[[], tuple[Any, Any]], variables: Sequence[Variable]
    ) -> tuple[Any, Any, list[Any | None]]:
        """Like `value_and_grad`, with respect to variables that `f` reads; what `f` assigns stays assigned."""
        written: list[Variable] = []

        def pure(*values: Any) -> tuple[Any, tuple[Any, list[Any]]]:
            with StatelessScope(zip(variables, values, strict=True)) as scope:
                loss, aux = f()
                written[:] = scope.written
                return loss, (aux, [variable._value for variable in written])

        loss, (aux, values), gradients = self.value_and_grad(pure, [self.read_storage(v._value) for v in variables])
        for variable, value in zip(written, values, strict=True):
            variable._write(value)
        return loss, aux, gradients

    def jvp(
        self, f: Callable[..., tuple[Sequence[Any], Any]], primals: Sequence[Any], tangents: Sequence[Any]
    ) -> tuple[list[Any], Any, list[Any | None]]:
        """Outputs and auxiliary output of ``f(*primals) -> (outputs, aux)``, and how much the outputs change when the
        inputs move along `tangents`, ``None`` where not at all.

        What the pullback does is linear in its gradients: pulled back through it, the tangents go forward.
        """
        from dl_ops import ops

        outputs, aux, pullback = self.vjp(f, primals)
        zeros = [ops.zeros_like(x) for x in outputs]
        reached: list[int] = []

        def back(*gradients: Any) -> tuple[list[Any], Any]:
            found = pullback(gradients)
            reached[:] = [i for i, g in enumerate(found) if g is not None]
            return [found[i] for i in reached], None

        _, _, forward = self.vjp(back, zeros)
        return outputs, aux, forward([tangents[i] for i in reached])

    def vmap(self, f: Callable[..., Sequence[Any]], inputs: Sequence[Any]) -> list[Any]:
        """What ``f(*rows)`` gives, a list of tensors, for the rows of all inputs, stacked. There is at least one
        row.
        """
        from dl_ops import ops

        count = self.shape(inputs[0])[0]
        if count is None:
            raise UnsupportedOp(f"vmap(): {self.name} needs to know the number of rows")
        results = [f(*[x[i] for x in inputs]) for i in range(count)]
        return [ops.stack(rows) for rows in zip(*results, strict=True)]

    def custom_gradient(self, f: Callable[..., tuple[Sequence[Any], Pullback]], inputs: Sequence[Any]) -> list[Any]:
        """First result of ``f(*inputs) -> (outputs, pullback)``, differentiated by the second.

        The pullback takes a gradient for each output and gives one for each input. What else `f` reads is a constant.
        To be overridden by every backend that computes gradients.
        """
        if self.trainable:
            raise UnsupportedOp(f"'custom_gradient' is not implemented on {self.name}")
        return list(f(*inputs)[0])

    def checkpoint(self, f: Callable[..., Sequence[Any]], inputs: Sequence[Any]) -> list[Any]:
        """``f(*inputs)``, a list of tensors, to be computed again for gradients instead of being remembered.

        Gradients flow also to what else `f` reads. It assigns no variables.
        """
        return list(f(*inputs))

    @abc.abstractmethod
    def stop_gradient(self, x: Any) -> Any:
        """`x` as a constant for differentiation."""

    def inference_scope(self) -> AbstractContextManager[Any]:
        """Compute without remembering for gradients, where the framework remembers unless it is told otherwise."""
        return nullcontext()

    def compile_step(
        self,
        step: Step,
        state: Sequence[Variable],
        *,
        jit: bool = True,
        steps_per_call: int = 1,
        differentiates: bool = False,
    ) -> Callable[..., Any]:
        """Fast form of a function of tensors that reads and assigns the variables in `state`, and no others.

        It may be a `Loop`.

        Parameters
        ----------
        step : callable
            Takes structures of arrays or tensors, gives a structure of tensors.
        state : sequence of Variable
            Everything that `step` may assign, and may read as more than a constant.
        jit : bool
            Let the framework compile; else run as eagerly as it can.
        steps_per_call : int
            With more than one, the compiled function takes its arguments stacked along a new leading axis of that
            length, runs `step` on each slice in turn, and returns what the last one gave.
        differentiates : bool
            Whether `step` may take gradients by the framework's own means, which must then see it read the variables.
        """
        if steps_per_call == 1:
            return step

        def several(*stacked: Any) -> Any:
            from dl_ops import tree

            result = None
            for index in range(steps_per_call):
                result = step(*tree.map_structure(lambda x, index=index: x[index], stacked))
            return result

        return several

    def synchronize(self, x: Any) -> None:  # noqa: B027  # right as it is where nothing is computed in the background
        """Wait until the tensors in structure `x` are computed."""

    def mean_over_replicas(self, x: Any) -> Any:
        """Mean of a tensor over the replicas that run this step side by side, each on its part of the batch.

        Gradients go through it to every replica. It is `x` itself where there is one replica, and in an engine whose
        step always sees the whole batch, on however many devices that lies.
        """
        return x

    # -- information --

    @property
    @abc.abstractmethod
    def version(self) -> str:
        """Version of the framework."""

    def __copy__(self) -> Backend:
        return self

    def __deepcopy__(self, memo: Any) -> Backend:
        # there is one of each name, which copies and pickles of what belongs to it share
        return self

    def __reduce__(self) -> tuple[Callable[[str], Backend], tuple[str]]:
        from dl_ops.backend.registry import get_backend

        return get_backend, (self.name,)

    def __repr__(self) -> str:
        return f"<{self.name} backend, {self.version}>"

    def to_array(self, value: Any, dtype: str | None) -> Array:
        """NumPy array of numbers or nested lists by Python's defaults: int32 for integers, the default float for
        floats.
        """
        array = np.asarray(value)
        if dtype is None and not isinstance(value, (np.ndarray, np.generic)):
            if array.dtype == np.float64:
                dtype = config.floatx()
            elif array.dtype == np.int64:
                dtype = "int32"
            elif array.dtype == np.complex128 and config.floatx() != "float64":
                dtype = "complex64"
        return array if dtype is None else array.astype(numpy_dtype(dtype), copy=False)
