"""JAX's side of the backend contract."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from dl_backend_jax import core, image, linalg, math, nn, random, sparse, transformations
from dl_backend_jax import numpy as numpy_kernels
from dl_backend_jax.compiled_step import CompiledStep
from dl_backend_jax.composed import composed
from dl_backend_jax.tensors import cast, from_numpy, from_own_numpy, jax_dtype
from dl_ops.backend import Backend, Kernels
from dl_ops.backend.contract import Pullback, Step
from dl_ops.op import registry
from dl_ops.sparse import Entries
from dl_ops.typing import Array
from dl_ops.variable import Variable

_PLATFORMS = {"cuda": "gpu", "rocm": "gpu"}
_DETERMINISTIC = "--xla_gpu_deterministic_ops=true"


class JaxBackend(Backend):
    """Tensors are JAX arrays; steps are jitted pure functions of the variables' values, which they take over."""

    name = "jax"
    reads_arguments_late = True
    loops_in_step = True
    tensor_types = (jax.Array, jax.core.Tracer)
    kernels = Kernels(*(family.kernels for family in (numpy_kernels, core, nn, linalg, image, random, math)))

    def __init__(self) -> None:
        self._composed: dict[str, Callable[..., Any] | None] = {}

    # -- tensors ------------------------------------------------------------------------------------------------

    def to_tensor(self, value: Any, dtype: str | None = None) -> Any:
        if isinstance(value, self.tensor_types):
            return value if dtype is None else cast(value, dtype)
        return from_numpy(self.to_array(value, None if dtype is None else jax_dtype(dtype).name))

    def to_numpy(self, x: Any) -> Array:
        return np.asarray(sparse.to_dense(x) if self.is_sparse(x) else x)

    def cast(self, x: Any, dtype: str) -> Any:
        try:
            return cast(x, dtype)
        except TypeError:
            if not self.is_sparse(x):
                raise
            return sparse.cast(x, jax_dtype(dtype))

    def dtype_name(self, dtype: Any) -> str:
        return str(dtype.name)

    def scalar(self, value: Any, dtype: str) -> Any:
        # NumPy's scalars are strongly typed for JAX, and creating a device array takes longer than most kernels
        return jax_dtype(dtype).type(value)

    def shape(self, x: Any) -> tuple[int | None, ...]:
        return x.shape  # type: ignore[no-any-return]  # always a tuple

    def is_concrete(self, x: Any) -> bool:
        return not isinstance(x, jax.core.Tracer)

    def to_dlpack(self, x: Any) -> Any:
        return None if isinstance(x, jax.core.Tracer) else x

    def from_dlpack(self, x: Any) -> Any:
        return jnp.from_dlpack(x)

    def devices(self) -> list[str]:
        found = [*jax.local_devices(), *jax.local_devices(backend="cpu")]
        return list(dict.fromkeys(f"{device.platform}:{device.id}" for device in found))

    def enable_determinism(self) -> None:
        # XLA reads its flags when it is first used
        flags = os.environ.get("XLA_FLAGS", "")
        if _DETERMINISTIC not in flags:
            os.environ["XLA_FLAGS"] = f"{flags} {_DETERMINISTIC}".strip()

    def device_scope(self, device_name: str) -> AbstractContextManager[Any]:
        platform, _, index = device_name.lower().partition(":")
        try:
            devices = jax.local_devices(backend=_PLATFORMS.get(platform, platform))
            scope: AbstractContextManager[Any] = jax.default_device(devices[int(index or 0)])
            return scope
        except (RuntimeError, IndexError, ValueError):
            raise ValueError(f"device {device_name!r}: JAX has {', '.join(self.devices())}") from None

    def float64_scope(self) -> AbstractContextManager[Any]:
        scope: AbstractContextManager[Any] = jax.enable_x64(True)
        return scope

    # -- sparse tensors -----------------------------------------------------------------------------------------

    sparse_kernels = sparse.kernels

    @property
    def sparse_types(self) -> tuple[type, ...]:  # type: ignore[override]  # known when they have been imported
        return sparse.sparse_types()

    def to_dense(self, x: Any) -> Any:
        return sparse.to_dense(x)

    def coalesced(self, x: Any) -> Any:
        return sparse.coalesced(x)

    def values(self, x: Any) -> Any:
        return sparse.stored(x).data

    def with_values(self, x: Any, values: Any) -> Any:
        return sparse.with_values(x, values)

    def entries(self, x: Any) -> Entries:
        return sparse.entries(x)

    def from_entries(self, entries: Entries) -> Any:
        return sparse.from_entries(entries)

    # -- variables ----------------------------------------------------------------------------------------------

    def create_storage(self, value: Array, *, trainable: bool, name: str) -> Any:
        with jax.ensure_compile_time_eval():
            return from_numpy(value)

    def adopt_storage(self, value: Array, *, trainable: bool, name: str) -> Any:
        with jax.ensure_compile_time_eval():
            return from_own_numpy(value)

    # -- kernels ------------------------------------------------------------------------------------------------

    def kernel(self, name: str, types: frozenset[type]) -> Callable[..., Any] | None:
        if name in self.kernels:
            return self.kernels[name]
        if name not in self._composed:
            self._composed[name] = composed(self, registry[name])
        return self._composed[name]

    # -- engine -------------------------------------------------------------------------------------------------

    def vjp(
        self, f: Callable[..., tuple[Sequence[Any], Any]], inputs: Sequence[Any]
    ) -> tuple[list[Any], Any, Pullback]:
        return transformations.vjp(f, inputs)

    def value_and_grad(
        self, f: Callable[..., tuple[Any, Any]], inputs: Sequence[Any]
    ) -> tuple[Any, Any, list[Any | None]]:
        return transformations.value_and_grad(f, inputs)

    def jvp(
        self, f: Callable[..., tuple[Sequence[Any], Any]], primals: Sequence[Any], tangents: Sequence[Any]
    ) -> tuple[list[Any], Any, list[Any | None]]:
        try:
            return transformations.jvp(f, primals, tangents)
        except (TypeError, NotImplementedError) as error:
            # JAX goes only backwards through a gradient of one's own
            if not ("custom_vjp" in str(error) or "custom_lin" in str(error)):
                raise
            return super().jvp(f, primals, tangents)

    def vmap(self, f: Callable[..., Sequence[Any]], inputs: Sequence[Any]) -> list[Any]:
        return list(jax.vmap(lambda *rows: list(f(*rows)))(*inputs))

    def custom_gradient(self, f: Callable[..., tuple[Sequence[Any], Pullback]], inputs: Sequence[Any]) -> list[Any]:
        return transformations.custom_gradient(f, inputs)

    def checkpoint(self, f: Callable[..., Sequence[Any]], inputs: Sequence[Any]) -> list[Any]:
        return list(jax.checkpoint(lambda *values: list(f(*values)))(*inputs))

    def stop_gradient(self, x: Any) -> Any:
        return lax.stop_gradient(x)

    def compile_step(
        self,
        step: Step,
        state: Sequence[Variable],
        *,
        jit: bool = True,
        steps_per_call: int = 1,
        differentiates: bool = False,
    ) -> Callable[..., Any]:
        if not jit:
            return super().compile_step(step, state, jit=False, steps_per_call=steps_per_call)
        return CompiledStep(self, step, state, steps_per_call)

    def synchronize(self, x: Any) -> None:
        jax.block_until_ready(x)  # type: ignore[no-untyped-call]  # untyped in JAX

    @property
    def version(self) -> str:
        return jax.__version__
