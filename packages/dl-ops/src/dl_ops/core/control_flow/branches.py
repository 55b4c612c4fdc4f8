"""Choices among functions."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any

from dl_ops.core.control_flow.structures import check_alike, check_callable, concrete, symbolically
from dl_ops.op import op
from dl_ops.typing import ConditionLike, IndicesLike, TensorLike

__all__ = ["cond", "switch"]


def _cond_spec(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    if tuple(pred.shape):
        raise ValueError(f"pred has shape {pred.shape}: expected a scalar")
    check_callable(true_fn=true_fn, false_fn=false_fn)
    result = symbolically(true_fn)
    check_alike(symbolically(false_fn), result, "the result of false_fn", "that of true_fn")
    return result


@op(spec=_cond_spec)
def cond(pred: ConditionLike, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """Run one of two functions.

    Parameters
    ----------
    pred : tensor_like of bool, shape ()
    true_fn, false_fn : callable
        Take nothing; give structures of tensors of the same shapes and dtypes.

    Returns
    -------
    structure
        ``true_fn()`` if `pred`, else ``false_fn()``.

    Raises
    ------
    ValueError
        If `pred` is no scalar; while tracing, also if the two results differ in structure, shape or dtype.

    Examples
    --------
    >>> from dl_ops import ops
    >>> x = ops.convert_to_tensor(3.0)
    >>> float(cond(x > 2, lambda: x * 2, lambda: x))
    6.0
    """
    return true_fn() if concrete(pred, "cond()") else false_fn()


def _switch_spec(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    if not branches:
        raise ValueError("branches is empty: expected at least one function")
    if tuple(index.shape):
        raise ValueError(f"index has shape {index.shape}: expected a scalar")
    result = symbolically(branches[0], *operands)
    for i, branch in enumerate(branches[1:], start=1):
        check_alike(symbolically(branch, *operands), result, f"the result of branches[{i}]", "that of branches[0]")
    return result


@op(spec=_switch_spec)
def switch(index: IndicesLike, branches: Sequence[Callable[..., Any]], *operands: TensorLike) -> Any:
    """Run one of several functions.

    Parameters
    ----------
    index : tensor_like of int, shape ()
        Which; limited to the range from 0 to ``len(branches) - 1``.
    branches : sequence of callable
        Take the operands; give structures of tensors of the same shapes and dtypes.
    *operands : tensor_like

    Returns
    -------
    structure
        ``branches[index](*operands)``.

    Raises
    ------
    ValueError
        If there is no branch; while tracing, also if their results differ in structure, shape or dtype.

    Examples
    --------
    >>> branches = [lambda x: x + 1, lambda x: x * 2]
    >>> int(switch(0, branches, 5)), int(switch(7, branches, 5))
    (6, 10)
    """
    if not branches:
        raise ValueError("switch(): branches is empty, expected at least one function")
    return branches[builtins.min(builtins.max(concrete(index, "switch()"), 0), len(branches) - 1)](*operands)
