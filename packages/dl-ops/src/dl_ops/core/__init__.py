"""Ops on tensors as such: dtypes, shapes, parts of them."""

from dl_ops.core.indexing import *
from dl_ops.core.tensors import *
