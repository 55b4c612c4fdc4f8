"""PyTorch's side of the backend contract."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import distributed

from dl_backend_torch import conversion, devices, gradients, optimizer_steps, sparse, transformations
from dl_backend_torch.conversion import NAMES, converted, torch_dtype
from dl_backend_torch.kernels import kernels
from dl_backend_torch.tensor_list import TensorList, list_kernel
from dl_backend_torch.tracing import is_plain, is_tracing, is_transforming
from dl_backend_torch.widening import widening
from dl_ops import scopes, tree
from dl_ops.backend import Backend, UnsupportedOp
from dl_ops.backend.contract import Pullback, Step
from dl_ops.dispatch.defaults import default_runner
from dl_ops.dtypes import finite_range, is_int
from dl_ops.op import registry
from dl_ops.sparse import Entries, sparse_call
from dl_ops.typing import Array

if TYPE_CHECKING:
    from dl_ops.variable import Variable

_MOST_SCALARS: Final = 4096
_WIDEST: Final = {bool: torch.bool, int: torch.int64, float: torch.float64, complex: torch.complex128}


class TorchBackend(Backend):
    """Tensors are PyTorch's, gradients autograd's; steps run eagerly unless compilation is asked for."""

    name = "torch"
    tensor_types = (torch.Tensor, TensorList)
    kernels = kernels

    def __init__(self) -> None:
        self._scalars: dict[tuple[type, Any, str], torch.Tensor] = {}

    # -- tensors ------------------------------------------------------------------------------------------------

    def to_tensor(self, value: Any, dtype: str | None = None) -> Any:
        if isinstance(value, (torch.Tensor, TensorList)):
            return value if dtype is None else self.cast(value, dtype)
        x = conversion.from_numpy(self.to_array(value, dtype))
        device = devices.current()
        return x if device.type == "cpu" else devices.moved(x, device)

    def to_numpy(self, x: Any) -> Array:
        if isinstance(x, torch.Tensor):
            return conversion.to_numpy(x.to_dense() if sparse.is_sparse(x) else x)
        raise TypeError(f"to_numpy(): expected a tensor, got {x!r}")

    def cast(self, x: Any, dtype: str) -> Any:
        target = torch_dtype(dtype)
        if x.dtype is target:
            return x
        if sparse.is_sparse(x):
            return sparse.with_values(x, sparse.values(x).to(target))
        return TensorList([y.to(target) for y in x.tensors]) if type(x) is TensorList else converted(x, target)

    def dtype_name(self, dtype: Any) -> str:
        return NAMES[dtype]

    def scalar(self, value: Any, dtype: str) -> Any:
        # a 0-d tensor on the CPU goes with tensors of any device, and making one costs as much as an op;
        # zeros are not kept because 0.0 == -0.0
        key = (type(value), value, dtype)
        plain = is_plain()
        found = self._scalars.get(key) if plain and value else None
        if found is None:
            with torch.inference_mode(False):
                if (
                    type(value) is int
                    and is_int(dtype)
                    and not finite_range(dtype)[0] <= value <= finite_range(dtype)[1]
                ):
                    raise OverflowError(f"Python integer {value} out of bounds for {dtype}")
                # by way of its own width, because PyTorch raises for numbers that overflow where NumPy gives infinity
                source = torch.uint64 if type(value) is int and value >= 2**63 else _WIDEST.get(type(value))
                found = torch.scalar_tensor(value, dtype=source).to(torch_dtype(dtype))
            if plain and value:
                if len(self._scalars) >= _MOST_SCALARS:
                    self._scalars.clear()
                self._scalars[key] = found
        return found

    def number(self, x: Any) -> Any:
        return x.item() if x.is_cpu and not x.requires_grad and is_plain() else x

    def is_concrete(self, x: Any) -> bool:
        return not (is_tracing() or torch._C._functorch.is_functorch_wrapped_tensor(x))

    def to_dlpack(self, x: Any) -> Any:
        return x.detach().resolve_conj() if isinstance(x, torch.Tensor) else None

    def from_dlpack(self, x: Any) -> Any:
        return torch.utils.dlpack.from_dlpack(x)

    def devices(self) -> list[str]:
        return devices.available()

    def device_scope(self, device_name: str) -> AbstractContextManager[Any]:
        return devices.scope(device_name)

    def seed_framework(self, seed: int) -> None:
        torch.manual_seed(seed)

    def enable_determinism(self) -> None:
        # as PyTorch's notes on reproducibility say: cuBLAS reads its variable when it is first used
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.backends.cudnn.benchmark = False
        torch.use_deterministic_algorithms(True)

    def framework_random_state(self) -> dict[str, Array]:
        states = {"cpu": torch.get_rng_state().numpy()}
        if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]  # untyped in PyTorch
            states |= {f"cuda:{i}": state.numpy() for i, state in enumerate(torch.cuda.get_rng_state_all())}
        return states

    def set_framework_random_state(self, state: Mapping[str, Array]) -> None:
        for device, numbers in state.items():
            if device == "cpu":
                torch.set_rng_state(torch.from_numpy(numbers))
            elif int(device.partition(":")[2]) < torch.cuda.device_count():
                torch.cuda.set_rng_state(torch.from_numpy(numbers), device)

    # -- sparse tensors -----------------------------------------------------------------------------------------

    def is_sparse(self, x: Any) -> bool:
        return sparse.is_sparse(x)

    def to_dense(self, x: Any) -> Any:
        return x.to_dense()

    def coalesced(self, x: Any) -> Any:
        return sparse.coalesced(x)

    def values(self, x: Any) -> Any:
        return sparse.values(x)

    def with_values(self, x: Any, values: Any) -> Any:
        return sparse.with_values(x, values)

    def entries(self, x: Any) -> Entries:
        return sparse.entries(x)

    def from_entries(self, entries: Entries) -> Any:
        return sparse.from_entries(entries)

    # -- variables ----------------------------------------------------------------------------------------------

    def create_storage(self, value: Array, *, trainable: bool, name: str) -> Any:
        return self.adopt_storage(np.array(value), trainable=trainable, name=name)

    def adopt_storage(self, value: Array, *, trainable: bool, name: str) -> Any:
        with torch.inference_mode(False):
            # kernels that update many variables at once run over memory, and initializers may have drawn a transpose
            x = self.to_tensor(value).contiguous()
            return torch.nn.Parameter(x) if trainable else x

    def read_all(self, variables: Sequence[Variable]) -> list[Any]:
        return [variable._value for variable in variables]

    def write_storage(self, storage: Any, value: Any) -> Any:
        if type(storage) is not torch.nn.Parameter:
            # a new tensor, because autograd may have saved the old one for the backward pass
            return value.detach().clone(memory_format=torch.contiguous_format)
        # PyTorch's own optimizers and modules hold on to it
        with torch.no_grad():
            storage.copy_(value)
        return storage

    def set_trainable(self, storage: Any, trainable: bool) -> None:
        if isinstance(storage, torch.Tensor) and storage.is_leaf:
            storage.requires_grad_(trainable)

    def assign_all(self, variables: Sequence[Variable], values: Sequence[Any]) -> None:
        if scopes.current.stateless is not None:
            super().assign_all(variables, values)
            return
        # an optimizer's step has changed some in place
        pairs = [(v._value, x) for v, x in zip(variables, values, strict=True) if v._value is not x]
        if not pairs:
            return
        own = {storage.data_ptr() for storage, _ in pairs}
        # one variable's new value may be the memory of another one, which the copy below overwrites
        values = [x.clone() if x.data_ptr() in own else x for _, x in pairs]
        gradients.unrecorded(torch._foreach_copy_, [storage for storage, _ in pairs], values)

    def add_all(self, variables: Sequence[Variable], increments: Sequence[Any]) -> None:
        if scopes.current.stateless is not None:
            super().add_all(variables, increments)
            return
        pairs = zip(variables, increments, strict=True)
        increments = [x if isinstance(x, torch.Tensor) else self.scalar(x, v._dtype) for v, x in pairs]
        gradients.unrecorded(torch._foreach_add_, [variable._value for variable in variables], increments)

    def zero_all(self, variables: Sequence[Variable]) -> None:
        if scopes.current.stateless is not None:
            super().zero_all(variables)
            return
        gradients.unrecorded(torch._foreach_zero_, [variable._value for variable in variables])

    optimizer_steps = optimizer_steps.STEPS

    def batch_tensors(self, tensors: Sequence[Any]) -> Any:
        if len({x.dtype for x in tensors}) != 1:
            return None
        return TensorList([x.detach() if x.requires_grad else x for x in tensors])

    def unbatch_tensors(self, batch: Any, like: Sequence[Any]) -> Sequence[Any]:
        tensors: Sequence[Any] = batch.tensors
        return tensors

    # -- kernels ------------------------------------------------------------------------------------------------

    def kernel(self, name: str, types: frozenset[type]) -> Callable[..., Any] | None:
        if TensorList in types:
            return list_kernel(name)
        op = registry[name]
        kernel, on_sparse = self.kernels.get(name), sparse_call(op, self)
        if kernel is not None:
            return widening(name, kernel, on_sparse)
        return None if op.primitive else sparse.unless_sparse(default_runner(op, self), on_sparse)

    # -- engine -------------------------------------------------------------------------------------------------

    def vjp(
        self, f: Callable[..., tuple[Sequence[Any], Any]], inputs: Sequence[Any]
    ) -> tuple[list[Any], Any, Pullback]:
        return gradients.vjp(f, inputs)

    def value_and_grad(
        self, f: Callable[..., tuple[Any, Any]], inputs: Sequence[Any]
    ) -> tuple[Any, Any, list[Any | None]]:
        return gradients.with_respect_to_inputs(f, inputs)

    def value_and_grad_of_variables(
        self, f: Callable[[], tuple[Any, Any]], variables: Sequence[Variable]
    ) -> tuple[Any, Any, list[Any | None]]:
        leaves = [variable._value for variable in variables]
        if is_transforming() or not all(x.requires_grad for x in leaves):
            return super().value_and_grad_of_variables(f, variables)
        return gradients.with_respect_to_leaves(f, leaves)

    def vmap(self, f: Callable[..., Sequence[Any]], inputs: Sequence[Any]) -> list[Any]:
        try:
            return list(torch.vmap(lambda *rows: tuple(f(*rows)), randomness="different")(*inputs))
        except UnsupportedOp:
            # values decide, and rows of a batch have none to look at
            return super().vmap(f, inputs)

    def custom_gradient(self, f: Callable[..., tuple[Sequence[Any], Pullback]], inputs: Sequence[Any]) -> list[Any]:
        return transformations.custom_gradient(f, inputs)

    def checkpoint(self, f: Callable[..., Sequence[Any]], inputs: Sequence[Any]) -> list[Any]:
        return transformations.checkpoint(f, inputs)

    def stop_gradient(self, x: Any) -> Any:
        return x.detach() if isinstance(x, torch.Tensor) else x

    def inference_scope(self) -> AbstractContextManager[Any]:
        return torch.no_grad()

    def compile_step(
        self,
        step: Step,
        state: Sequence[Variable],
        *,
        jit: bool = True,
        steps_per_call: int = 1,
        differentiates: bool = False,
    ) -> Callable[..., Any]:
        # the compiler takes a second to import
        from dl_backend_torch.compilation import CompiledStep

        return super().compile_step(
            CompiledStep(self, step, state) if jit else step, state, steps_per_call=steps_per_call
        )

    def mean_over_replicas(self, x: Any) -> Any:
        if not distributed.is_available() or not distributed.is_initialized():
            return x
        from torch.distributed.nn.functional import all_reduce  # not in every build of PyTorch

        return all_reduce(x) / distributed.get_world_size()  # type: ignore[no-untyped-call]

    def synchronize(self, x: Any) -> None:
        for kind in {leaf.device.type for leaf in tree.flatten(x) if isinstance(leaf, torch.Tensor)} - {"cpu"}:
            torch.accelerator.synchronize() if kind != "meta" else None

    @property
    def version(self) -> str:
        return str(torch.__version__)
