"""JAX arrays: their dtypes, and conversion from NumPy."""

from __future__ import annotations

from typing import Any, Final

import jax
import numpy as np
from jax import lax

from dl_ops.dtypes import numpy_dtype
from dl_ops.typing import Array

_LARGE: Final = 2**16
_NARROWER: Final = {"int64": "int32", "uint64": "uint32", "float64": "float32", "complex128": "complex64"}


def _converted(x: Any, dtype: np.dtype[Any]) -> Any:
    if x.dtype.kind == "c" and dtype.kind not in "cb":
        # JAX does so too, and warns
        x = lax.real(x)
    return lax.convert_element_type(x, dtype)


# jitted functions are several times faster than JAX's own conversions, which do not take its fast path
_identity: Final = jax.jit(lambda x: x, inline=True)
_convert: Final = jax.jit(_converted, static_argnums=1, inline=True)


def jax_dtype(name: str) -> np.dtype[Any]:
    """Dtype that JAX has for a name: half as wide for 64 bits, without a word, unless ``jax_enable_x64`` is set."""
    narrower = _NARROWER.get(name)
    if narrower is None or jax.config.jax_enable_x64:  # type: ignore[attr-defined]  # set up at run time
        return numpy_dtype(name)
    return numpy_dtype(narrower)


def from_numpy(x: Array) -> Any:
    """JAX array with the values of a NumPy array, which may change afterwards."""
    # JAX may use the memory itself, or read it later
    return _identity(np.array(x))


def from_own_numpy(x: Array) -> Any:
    """JAX array with the values of a NumPy array that nobody else holds."""
    # large ones without a run of a program, which would copy them once more
    return jax.device_put(x) if x.nbytes > _LARGE else _identity(x)


def cast(x: Any, dtype: str) -> Any:
    """`x` with another dtype; `x` itself if it has it already."""
    wanted = jax_dtype(dtype)
    return x if x.dtype == wanted else _convert(x, wanted)
