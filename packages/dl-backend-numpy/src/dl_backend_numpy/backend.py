"""NumPy's side of the backend contract."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from dl_backend_numpy import core, linalg, math, nn, optimizer_steps, random, sparse
from dl_backend_numpy import numpy as numpy_kernels
from dl_backend_numpy.tape import custom, engine
from dl_backend_numpy.tape.recording import (
    constant_kernel,
    covering_kernel,
    recording_kernel,
    recording_list_kernel,
)
from dl_backend_numpy.tape.traced import Traced, strip
from dl_ops.backend import Backend, Kernels, UnsupportedOp
from dl_ops.backend.contract import Pullback
from dl_ops.dtypes import is_complex, is_float, numpy_dtype, standardize_dtype
from dl_ops.op import registry
from dl_ops.sparse import Entries
from dl_ops.typing import Array

_MOST_BATCHED: Final = 8192


@functools.lru_cache(maxsize=64)
def _dtype_name(dtype: np.dtype[Any]) -> str:
    # NumPy works the name out anew each time, which takes as long as a whole dispatch
    return str(dtype.name)


class NumpyBackend(Backend):
    """Tensors are NumPy arrays; gradients come from a tape over the kernels that have a rule."""

    name = "numpy"
    tensor_types = (np.ndarray, Traced)
    kernels = Kernels(core.kernels, numpy_kernels.kernels, math.kernels, nn.kernels, linalg.kernels, random.kernels)

    # -- tensors ------------------------------------------------------------------------------------------------

    def to_tensor(self, value: Any, dtype: str | None = None) -> Any:
        if dtype is None:
            return value if type(value) in self.tensor_types else self.to_array(value, None)
        return self.cast(value, dtype) if type(value) is Traced else self.to_array(value, dtype)

    def to_numpy(self, x: Any) -> Array:
        if type(x) is not np.ndarray and self.is_sparse(x):
            return sparse.to_dense(x)
        return np.asarray(strip(x))

    def cast(self, x: Any, dtype: str) -> Any:
        if _dtype_name(x.dtype) == dtype:
            return x
        if type(x) is Traced:
            return self._traced_cast(x, dtype)
        if type(x) is not np.ndarray and self.is_sparse(x):
            return sparse.cast(x, numpy_dtype(dtype))
        return self.kernels["cast"](x, dtype)

    def dtype_name(self, dtype: Any) -> str:
        return _dtype_name(dtype)

    def scalar(self, value: Any, dtype: str) -> Any:
        return np.asarray(value, numpy_dtype(dtype))

    # -- sparse tensors -----------------------------------------------------------------------------------------

    sparse_kernels = sparse.kernels

    @property
    def sparse_types(self) -> tuple[type, ...]:  # type: ignore[override]  # known when SciPy has been imported
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

    def number(self, x: Any) -> Any:
        return x.item() if type(x) is np.ndarray else x

    # -- variables ----------------------------------------------------------------------------------------------

    optimizer_steps = optimizer_steps.STEPS

    def batch_tensors(self, tensors: Sequence[Any]) -> Any:
        # joining small arrays costs less than a call for each of them; large ones had better stay in the cache
        kinds = {(type(x), x.dtype) for x in tensors}
        if len(tensors) < 2 or len(kinds) > 1 or sum([x.size for x in tensors]) > _MOST_BATCHED:
            return None
        return None if type(tensors[0]) is Traced else np.concatenate(tensors, axis=None)

    def unbatch_tensors(self, batch: Any, like: Sequence[Any]) -> Sequence[Any]:
        parts = []
        end = 0
        for x in like:
            start, end = end, end + x.size
            parts.append(batch[start:end].reshape(x.shape))
        return parts

    # -- kernels ------------------------------------------------------------------------------------------------

    def kernel(self, name: str, types: frozenset[type]) -> Callable[..., Any] | None:
        return self._traced_kernel(name) if Traced in types else self.kernels.get(name)

    def _traced_kernel(self, name: str) -> Callable[..., Any] | None:
        """Kernel for arrays on a tape; ``None`` where there is no rule, so that the op's default is differentiated."""
        # the rules are written with ops, which are not all defined while this module is imported
        from dl_backend_numpy.tape.rules import CONSTANT, COVERED, LINEAR, LIST_RULES, RULES, SAVING, push_of

        kernel = self.kernels.get(name)
        if name == "cast":
            return self._traced_cast
        if kernel is None:
            return None
        if name in CONSTANT:
            return constant_kernel(kernel)
        if name in RULES:
            record = recording_kernel(kernel, RULES[name], SAVING.get(name), push_of(name))
            return covering_kernel(record, name, COVERED[name]) if name in COVERED else record
        if name in LIST_RULES:
            position, rule = LIST_RULES[name]
            return recording_list_kernel(kernel, rule, position, name in LINEAR)
        if not registry[name].primitive:
            return None

        def undifferentiated(*args: Any, **kwargs: Any) -> Any:
            raise UnsupportedOp(f"{name!r} has no gradient on {self.name}")

        return undifferentiated

    @functools.cached_property
    def _traced_cast(self) -> Callable[[Any, Any], Any]:
        from dl_backend_numpy.tape.rules import RULES, push_of

        kernel = self.kernels["cast"]
        record = recording_kernel(kernel, RULES["cast"], push=push_of("cast"))
        constant = constant_kernel(kernel)

        def traced_cast(x: Any, dtype: Any) -> Any:
            name = standardize_dtype(dtype)
            if _dtype_name(x.dtype) == name:
                return x
            return record(x, name) if is_float(name) or is_complex(name) else constant(x, name)

        return traced_cast

    # -- engine -------------------------------------------------------------------------------------------------

    def value_and_grad(
        self, f: Callable[..., tuple[Any, Any]], inputs: Sequence[Any]
    ) -> tuple[Any, Any, list[Any | None]]:
        return engine.gradients(f, inputs)

    def vjp(
        self, f: Callable[..., tuple[Sequence[Any], Any]], inputs: Sequence[Any]
    ) -> tuple[list[Any], Any, Pullback]:
        return engine.vjp(f, inputs)

    def jvp(
        self, f: Callable[..., tuple[Sequence[Any], Any]], primals: Sequence[Any], tangents: Sequence[Any]
    ) -> tuple[list[Any], Any, list[Any | None]]:
        return engine.jvp(f, primals, tangents)

    def custom_gradient(self, f: Callable[..., tuple[Sequence[Any], Any]], inputs: Sequence[Any]) -> list[Any]:
        return custom.custom_gradient(f, inputs)

    def checkpoint(self, f: Callable[..., Sequence[Any]], inputs: Sequence[Any]) -> list[Any]:
        return custom.checkpoint(f, inputs)

    def stop_gradient(self, x: Any) -> Any:
        return strip(x)

    @property
    def version(self) -> str:
        return np.__version__
