"""What depends on a value that only the device knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dl_ops import ops
from dl_ops.backend import Backend

Branch = Callable[[], Sequence[Any]]


def choose(backend: Backend, condition: Any, if_true: Branch, if_false: Branch) -> list[Any]:
    """Tensors that one of two functions gives, without looking at the condition.

    While a backend traces and can branch, one of the two is computed, else both.

    Parameters
    ----------
    backend : Backend
    condition : tensor of bool, shape ()
    if_true, if_false : callable
        Without arguments; they give as many tensors, of the same shapes and dtypes.

    Returns
    -------
    list of tensor
    """
    if "cond" in backend.kernels and not backend.is_concrete(condition):
        return list(ops.cond(condition, lambda: list(if_true()), lambda: list(if_false())))
    return [ops.where(condition, x, y) for x, y in zip(if_true(), if_false(), strict=True)]
