"""Calls of ops on sparse tensors, concrete and symbolic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dl_ops import tree
from dl_ops.symbolic.keras_tensor import KerasTensor

if TYPE_CHECKING:
    from dl_ops.backend.contract import Backend
    from dl_ops.op import Op


def sparse_call(op: Op, backend: Backend) -> Callable[..., Any]:
    """What runs an op where an argument is sparse: the backend's kernel, the one in the table, or, where neither takes
    the arguments, the op on dense tensors.
    """
    from dl_ops.backend.registry import backend_scope
    from dl_ops.sparse.table import SPARSE

    native: Callable[..., Any] | None = backend.sparse_kernels.get(op.name)
    entry = SPARSE.get(op.name)

    def dense(x: Any) -> Any:
        return backend.to_dense(x) if backend.is_sparse(x) else x

    def call(*args: Any, **kwargs: Any) -> Any:
        with backend_scope(backend):
            result: Any = NotImplemented
            # a cast may have made them dense
            if any(backend.is_sparse(x) for x in tree.flatten((args, kwargs))):
                if native is not None:
                    result = native(*args, **kwargs)
                if result is NotImplemented and entry is not None:
                    result = entry.kernel(backend, op, *args, **kwargs)
            if result is NotImplemented:
                args, kwargs = tree.map_structure(dense, (list(args), kwargs))
                result = op.public(*args, **kwargs)
            return result

    return call


def adjusted(op: Op, arguments: Mapping[str, Any], leaves: Sequence[Any], result: Any) -> Any:
    """Inferred result of an op with its tensors marked sparse where the op gives sparse ones.

    Parameters
    ----------
    op : Op
    arguments : mapping from parameter name to value
        Tensors among them symbolic.
    leaves : sequence
        The tensors among the arguments.
    result : structure of KerasTensor
    """
    from dl_ops.sparse.table import SPARSE

    entry = SPARSE.get(op.name)
    if not (any(x.sparse for x in leaves) or (entry is not None and arguments.get("sparse"))):
        return result

    def mark(x: Any) -> Any:
        if not isinstance(x, KerasTensor):
            return x
        sparse = entry is not None and entry.sparsity(arguments, x.shape)
        return x if sparse == x.sparse else KerasTensor(x.shape, x.dtype, sparse=sparse, record_history=False)

    return tree.map_structure(mark, result)
