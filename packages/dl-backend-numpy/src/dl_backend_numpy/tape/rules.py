"""Gradient rules: for each kernel and argument, the argument's gradient from the output's.

A rule is a function of ``(output, *arguments)`` that returns the pullback. Rules are written with ops, not NumPy, so that they can be
differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dl_ops import ops

Rule = Callable[..., Callable[[Any], Any]]


def unbroadcast(gradient: Any, shape: tuple[int, ...]) -> Any:
    """Sum a gradient over the axes that an argument of `shape` was broadcast along."""
    if gradient.shape == shape:
        return gradient
    extra = gradient.ndim - len(shape)
    axes = tuple(range(extra)) + tuple(i + extra for i, size in enumerate(shape) if size == 1 and gradient.shape[i + extra] != 1)
    return ops.reshape(ops.sum(gradient, axis=axes), shape)


def _broadcast(rule: Callable[..., Any], position: int) -> Rule:
    """Rule of one argument of an element-wise op, from ``(gradient, output, *arguments)`` before undoing the broadcasting."""

    def bind(output: Any, *arguments: Any) -> Callable[[Any], Any]:
        shape = arguments[position].shape
        return lambda g: unbroadcast(rule(g, output, *arguments), shape)

    return bind


def elementwise(*rules: Callable[..., Any]) -> tuple[Rule, ...]:
    """Rules of an element-wise op, one per argument."""
    return tuple(_broadcast(rule, i) for i, rule in enumerate(rules))


RULES: Final[dict[str, tuple[Rule | None, ...]]] = {
    "add": elementwise(lambda g, y, a, b: g, lambda g, y, a, b: g),
    "subtract": elementwise(lambda g, y, a, b: g, lambda g, y, a, b: -g),
    "multiply": elementwise(lambda g, y, a, b: g * b, lambda g, y, a, b: g * a),
    "negative": elementwise(lambda g, y, x: ops.negative(g)),
    "sqrt": elementwise(lambda g, y, x: g * 0.5 / y),
    "exp": elementwise(lambda g, y, x: g * y),
    "expm1": elementwise(lambda g, y, x: g * (y + 1)),
}
