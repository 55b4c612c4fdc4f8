"""Choices that the graph makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dl_ops import ops, tree
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    # both are computed: a node that chooses between graphs costs more than the small ones that are usual here
    return tree.map_structure(lambda x, y: ops.where(pred, x, y), true_fn(), false_fn())
