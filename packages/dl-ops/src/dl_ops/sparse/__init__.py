"""Sparse tensors in ops: one table, `dl_ops.sparse.table.SPARSE`, of the ops that know them, and what runs on them.

An op that is not in the table, or whose kernels do not take the arguments that it got, is computed on dense tensors.
"""

from dl_ops.sparse.calling import adjusted, sparse_call
from dl_ops.sparse.entries import Entries

__all__ = ["Entries", "adjusted", "sparse_call"]
