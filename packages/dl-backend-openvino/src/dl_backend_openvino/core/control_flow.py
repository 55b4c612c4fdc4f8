"""Choices that the graph makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dl_ops import ops, tree
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    # both are computed: a node that chooses between graphs costs more than the small ones that are usual here
    return tree.map_structure(lambda x, y: ops.where(pred, x, y), true_fn(), false_fn())


@kernels.add
def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    results = [branch(*operands) for branch in branches]
    y = results[-1]
    # an index out of range is the nearest one inside
    for position in reversed(range(len(results) - 1)):
        y = tree.map_structure(
            lambda x, other, last=position: ops.where(ops.less_equal(index, last), x, other), results[position], y
        )
    return y
