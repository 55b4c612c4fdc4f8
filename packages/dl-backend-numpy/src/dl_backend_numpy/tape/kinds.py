"""Kinds of functions that differentiation is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

Rule: TypeAlias = Callable[..., Any]
"""From ``(gradient, output, *arguments)`` to the gradient of one argument; of the output's shape if the argument was
broadcast.
"""

Rules: TypeAlias = Sequence["Rule | None"]
"""One for each argument; ``None`` for those that are not differentiated."""

Kernel: TypeAlias = Callable[..., Any]

Push: TypeAlias = Callable[[Kernel, Rules, Any, Sequence[Any], Sequence[Any], dict[str, Any]], Any]
"""From ``(kernel, rules, output, arguments, tangents, keyword arguments)`` to the tangent of the output; a tangent is
``None`` where an argument has none.
"""
