"""TensorFlow's side of the backend contract."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

import numpy as np
import tensorflow as tf

from dl_backend_tf import core, image, linalg, math, nn, random, sparse, transformations
from dl_backend_tf import numpy as numpy_kernels
from dl_backend_tf.compiled_step import CompiledStep
from dl_backend_tf.tensors import tf_dtype
from dl_ops import tree
from dl_ops.backend import Backend, Kernels
from dl_ops.backend.contract import Pullback, Step
from dl_ops.dtypes import FLOAT8_TYPES
from dl_ops.sparse import Entries
from dl_ops.typing import Array
from dl_ops.variable import Variable

_FLOAT8: Final = tuple(map(tf.as_dtype, FLOAT8_TYPES))
_HOST: Final = 1
"""DLPack's number for the memory of the processor."""
_ALIGNMENT: Final = 64
"""Bytes that TensorFlow's kernels take the start of a tensor's memory to be aligned to."""


class TfBackend(Backend):
    """Tensors are TensorFlow's, eager and symbolic; variables are kept in ``tf.Variable``; steps become graphs."""

    name = "tensorflow"
    loops_in_step = True
    tensor_types = (tf.Tensor,)
    kernels = Kernels(*(family.kernels for family in (numpy_kernels, core, nn, linalg, image, random, math)))

    def __init__(self) -> None:
        # else `tensor + variable` and TensorFlow's own functions would take its value for a constant
        tf.register_tensor_conversion_function(Variable, _variable_to_tensor)

    # -- tensors --

    def to_tensor(self, value: Any, dtype: str | None = None) -> Any:
        if isinstance(value, tf.Tensor):
            return value if dtype is None else self.cast(value, dtype)
        if isinstance(value, (tf.Variable, tf.IndexedSlices)):
            return self.to_tensor(tf.convert_to_tensor(value), dtype)
        return tf.constant(self.to_array(value, dtype))

    def to_numpy(self, x: Any) -> Array:
        return np.asarray((sparse.to_dense(x) if self.is_sparse(x) else x).numpy())

    def cast(self, x: Any, dtype: str) -> Any:
        wanted = tf_dtype(dtype)
        if x.dtype is wanted:
            return x
        if self.is_sparse(x):
            return sparse.cast(x, wanted)
        if wanted in _FLOAT8 and not x.dtype.is_floating:
            # TensorFlow has no way from integers
            x = tf.cast(x, tf.float32)
        if x.dtype.is_complex and not wanted.is_complex:
            # tf.cast does so too, and warns each time
            x = tf.math.real(x)
        return tf.cast(x, wanted)

    def dtype_name(self, dtype: Any) -> str:
        return str(dtype.name)

    def scalar(self, value: Any, dtype: str) -> Any:
        # NumPy's scalars are slow to convert; eager constants are cached
        wanted = tf_dtype(dtype)
        return tf.constant(int(value) if type(value) is float and wanted.is_integer else value, wanted)

    def shape(self, x: Any) -> tuple[int | None, ...]:
        return tuple(x.shape.as_list())

    def is_concrete(self, x: Any) -> bool:
        return hasattr(x, "numpy")

    def to_dlpack(self, x: Any) -> Any:
        return x if hasattr(x, "numpy") else None

    def from_dlpack(self, x: Any) -> Any:
        if x.__dlpack_device__()[0] == _HOST:
            array = np.from_dlpack(x)
            # an operation of TensorFlow over memory that is aligned less than its own ends the process
            if array.ctypes.data % _ALIGNMENT or not array.flags.c_contiguous:
                raise BufferError(f"TensorFlow needs contiguous memory that is aligned to {_ALIGNMENT} bytes")
        return tf.experimental.dlpack.from_dlpack(x.__dlpack__())

    def devices(self) -> list[str]:
        names = [device.name for device in tf.config.list_logical_devices()]
        return sorted((_short(name) for name in names), key=lambda name: name.startswith("cpu"))

    def device_scope(self, device_name: str) -> AbstractContextManager[Any]:
        kind, _, index = device_name.lower().partition(":")
        name = f"{ {'cuda': 'gpu'}.get(kind, kind) }:{index or 0}"
        if name not in self.devices():
            raise ValueError(f"device {device_name!r}: TensorFlow has {', '.join(self.devices())}")
        scope: AbstractContextManager[Any] = tf.device(f"/device:{name.upper()}")
        return scope

    def seed_framework(self, seed: int) -> None:
        tf.random.set_seed(seed)

    def enable_determinism(self) -> None:
        tf.config.experimental.enable_op_determinism()

    # -- sparse tensors --

    sparse_types = sparse.TYPES
    sparse_kernels = sparse.kernels

    def to_dense(self, x: Any) -> Any:
        return sparse.to_dense(x)

    def coalesced(self, x: Any) -> Any:
        return sparse.coalesced(x)

    def values(self, x: Any) -> Any:
        return sparse.stored(x).values

    def with_values(self, x: Any, values: Any) -> Any:
        return sparse.with_values(x, values)

    def entries(self, x: Any) -> Entries:
        return sparse.entries(x)

    def from_entries(self, entries: Entries) -> Any:
        return sparse.from_entries(entries)

    # -- variables --

    def create_storage(self, value: Array, *, trainable: bool, name: str) -> Any:
        with tf.init_scope():
            return tf.Variable(value, trainable=trainable, name=_name(name))

    def read_storage(self, storage: Any) -> Any:
        # a plain tensor inside a StatelessScope
        return storage.value() if isinstance(storage, tf.Variable) else storage

    def write_storage(self, storage: Any, value: Any) -> Any:
        if isinstance(storage, tf.Variable):
            storage.assign(value)
            return storage
        return value

    def variable_attribute(self, variable: Variable, name: str) -> Any:
        # by these ``tf.GradientTape`` knows a variable
        if name in ("handle", "_should_act_as_resource_variable") and isinstance(variable._value, tf.Variable):
            return variable._value.handle if name == "handle" else True
        return super().variable_attribute(variable, name)

    # -- engine --

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
        found = transformations.jvp(f, primals, tangents)
        return super().jvp(f, primals, tangents) if found is None else found

    def vmap(self, f: Callable[..., Sequence[Any]], inputs: Sequence[Any]) -> list[Any]:
        return list(tf.vectorized_map(lambda rows: list(f(*rows)), list(inputs)))

    def custom_gradient(self, f: Callable[..., tuple[Sequence[Any], Pullback]], inputs: Sequence[Any]) -> list[Any]:
        return transformations.custom_gradient(f, inputs)

    def checkpoint(self, f: Callable[..., Sequence[Any]], inputs: Sequence[Any]) -> list[Any]:
        return transformations.checkpoint(f, inputs)

    def stop_gradient(self, x: Any) -> Any:
        return tf.stop_gradient(x)

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
        return CompiledStep(self, step, state, steps_per_call, differentiates)

    def mean_over_replicas(self, x: Any) -> Any:
        replica = tf.distribute.get_replica_context()
        if replica is None or replica.num_replicas_in_sync == 1:
            return x
        return replica.all_reduce(tf.distribute.ReduceOp.MEAN, x)

    def synchronize(self, x: Any) -> None:
        for tensor in tree.flatten(x):
            if isinstance(tensor, tf.Tensor):
                tensor.numpy()

    @property
    def version(self) -> str:
        return str(tf.__version__)


def _variable_to_tensor(variable: Variable, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Any:
    if variable.backend.name != TfBackend.name:
        return NotImplemented
    value = variable.value
    return value if dtype is None or dtype.is_compatible_with(value.dtype) else NotImplemented


def _name(name: str) -> str | None:
    """Name for a ``tf.Variable``: without the numbers that names count up to.

    TensorFlow never forgets a name that a variable had, and keeps 36 kB for each; with each model there would be more
    that differ by a number.
    """
    return re.sub(r"_\d+(?![^\W_])", "", re.sub(r"[^\w./\-]", "_", name)) or None


def _short(name: str) -> str:
    """``/device:GPU:0`` as ``gpu:0``."""
    return ":".join(name.lower().rsplit(":", 2)[-2:])
