"""SciPy's sparse arrays and matrices as NumPy's sparse tensors; SciPy is needed by those alone who have such arrays."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from dl_backend_numpy.tape.traced import Traced
from dl_ops import ops
from dl_ops.backend import Kernels, UnsupportedOp
from dl_ops.sparse import Entries
from dl_ops.typing import Array

kernels = Kernels()

# what holds entries as they are; the others are converted
_FORMATS = ("coo", "csr", "csc")


def sparse_types() -> tuple[type, ...]:
    """SciPy's classes, if anybody has imported them."""
    scipy_sparse = sys.modules.get("scipy.sparse")
    return () if scipy_sparse is None else (scipy_sparse.sparray, scipy_sparse.spmatrix)


def to_dense(x: Any) -> Array:
    """Array with the elements of a sparse one."""
    dense: Array = np.asarray(x.todense())
    return dense


def stored(x: Any) -> Any:
    """`x` in one of the formats that hold entries as they are."""
    return x if x.format in _FORMATS else x.tocoo()


def coalesced(x: Any) -> Any:
    """`x` with its duplicates added up."""
    x = stored(x)
    if x.has_canonical_format:
        return x
    x = x.copy()
    x.sum_duplicates()
    return x


def cast(x: Any, dtype: np.dtype[Any]) -> Any:
    """`x` with another dtype; a dense array if SciPy has none of it."""
    if x.dtype == dtype:
        return x
    x = coalesced(x)
    return with_values(x, x.data.astype(dtype))


def with_values(x: Any, values: Any) -> Any:
    """Sparse array with other values; a dense one where these are on a tape, or of a dtype that SciPy does not know."""
    if isinstance(values, Traced) or values.dtype.kind not in "biufc" or values.dtype == np.float16:
        places = np.ravel_multi_index(stored(x).tocoo().coords, x.shape)
        return ops.reshape(ops.segment_sum(values, places, num_segments=math.prod(x.shape)), x.shape)
    x = stored(x).copy()
    x.data = values
    return x


def entries(x: Any) -> Entries:
    """Parts of a sparse array."""
    x = x.tocoo()
    return Entries([column.astype(np.int64) for column in x.coords], x.data, x.shape)


def from_entries(parts: Entries) -> Any:
    """Sparse array of parts."""
    try:
        from scipy.sparse import coo_array
    except ImportError:
        raise UnsupportedOp('sparse tensors on numpy are SciPy\'s: pip install "dl-backend-numpy[sparse]"') from None
    ones = np.ones(parts.values.shape, bool)
    return with_values(coo_array((ones, tuple(parts.columns)), shape=tuple(parts.sizes)), parts.values)


@kernels.add
def matmul(x1: Any, x2: Any) -> Any:
    if x1.ndim != 2 or x2.ndim != 2 or isinstance(x1, Traced) or isinstance(x2, Traced):
        return NotImplemented
    return x1 @ x2
