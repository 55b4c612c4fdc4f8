"""JAX's sparse arrays, ``jax.experimental.sparse``, which is imported by those alone who have such arrays."""

from __future__ import annotations

import sys
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from dl_ops.backend import Kernels
from dl_ops.sparse import Entries

kernels = Kernels()


def sparse_types() -> tuple[type, ...]:
    """The class of JAX's sparse arrays, if anybody has imported it."""
    module = sys.modules.get("jax.experimental.sparse")
    return () if module is None else (module.JAXSparse,)


def stored(x: Any) -> Any:
    """`x` as a BCOO without batch and dense axes."""
    from jax.experimental.sparse import BCOO, bcoo_update_layout

    if not isinstance(x, BCOO):
        return x.to_bcoo() if hasattr(x, "to_bcoo") else BCOO.fromdense(x.todense())
    return bcoo_update_layout(x, n_batch=0, n_dense=0) if x.n_batch or x.n_dense else x


def coalesced(x: Any) -> Any:
    """`x` with its duplicates added up; while it is traced, in place of the others are zeros outside of the array."""
    x = stored(x)
    if x.unique_indices and x.indices_sorted:
        return x
    if x.dtype == bool:
        # JAX does not add booleans
        return cast(coalesced(with_values(x, x.data.astype("int32"))), bool)
    return x.sum_duplicates(nse=x.nse if _is_traced(x) else None, remove_zeros=False)


def to_dense(x: Any) -> Any:
    """Dense array with the elements of a sparse one."""
    return with_values(x, stored(x).data.astype("int32")).todense() != 0 if x.dtype == bool else x.todense()


def with_values(x: Any, values: Any) -> Any:
    """Sparse array with other values."""
    from jax.experimental.sparse import BCOO

    x = stored(x)
    return BCOO((values, x.indices), shape=x.shape, indices_sorted=x.indices_sorted, unique_indices=x.unique_indices)


def cast(x: Any, dtype: Any) -> Any:
    """`x` with another dtype."""
    x = stored(x)
    x = x if x.unique_indices else coalesced(x)
    return with_values(x, lax.convert_element_type(x.data, dtype))


def entries(x: Any) -> Entries:
    """Parts of a sparse array."""
    x = stored(x)
    # what is outside stands for nothing and holds zeros
    columns = [jnp.minimum(x.indices[:, i], max(size - 1, 0)) for i, size in enumerate(x.shape)]
    return Entries(columns, x.data, x.shape)


def from_entries(parts: Entries) -> Any:
    """Sparse array of parts."""
    from jax.experimental.sparse import BCOO

    return BCOO((parts.values, jnp.stack(parts.columns, axis=-1)), shape=tuple(parts.sizes))


@kernels.add
def matmul(x1: Any, x2: Any) -> Any:
    if x1.ndim != 2 or x2.ndim != 2:
        return NotImplemented
    sparse = [isinstance(x, sparse_types()) for x in (x1, x2)]
    x1, x2 = (stored(x) if is_sparse else x for x, is_sparse in zip((x1, x2), sparse, strict=True))
    if all(sparse) and any(map(_is_traced, (x1, x2))):
        from jax.experimental.sparse import BCOO

        # the product of two sparse ones is not differentiable, and traced holds as much as a dense one at least
        y = x1 @ x2.todense()
        return BCOO.fromdense(y, nse=y.size)
    return x1 @ x2


def _is_traced(x: Any) -> bool:
    return isinstance(x.data, jax.core.Tracer) or isinstance(x.indices, jax.core.Tracer)
