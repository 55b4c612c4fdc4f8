"""Gradient rules: for each kernel, one rule an argument.

A rule is a function of ``(gradient, output, *arguments)``, the arguments as they were passed, so it has the op's
defaults. It returns the argument's gradient, of the output's shape if the argument was broadcast: summing over the
broadcast axes is the engine's. It is written with Python's operators and ``fn``, so that it can be differentiated
again; factors that are constant almost everywhere use NumPy on bare arrays.
"""

from __future__ import annotations

from typing import Final

from dl_backend_numpy.tape import pushing
from dl_backend_numpy.tape.kinds import Push, Rules
from dl_backend_numpy.tape.rules import (
    complex_numbers,
    contraction,
    convolution,
    elementwise,
    fourier,
    indexing,
    joining,
    linalg,
    networks,
    nn,
    recurrence,
    reductions,
    shaping,
)

RULES: Final[dict[str, Rules]] = {
    **elementwise.RULES,
    **reductions.RULES,
    **shaping.RULES,
    **complex_numbers.RULES,
    **indexing.RULES,
    **contraction.RULES,
    **convolution.RULES,
    **fourier.RULES,
    **linalg.RULES,
    **networks.RULES,
    **nn.RULES,
    **recurrence.RULES,
}

ELEMENTWISE: Final = frozenset(elementwise.RULES) | nn.ELEMENTWISE
"""Kernels each element of whose result depends on one element of each argument."""

LINEAR: Final = frozenset().union(
    *(family.LINEAR for family in (complex_numbers, contraction, convolution, indexing, joining, reductions, shaping)),
    fourier.RULES,
    fourier.LIST_RULES,
)
"""Kernels that are linear in each of the arguments that have rules, or in all arrays of a list."""


def push_of(name: str) -> Push:
    """How tangents go forward through a kernel."""
    if name in ELEMENTWISE:
        return pushing.elementwise
    return pushing.linear if name in LINEAR else pushing.transposed


SAVING: Final = {**networks.SAVING, **nn.SAVING, **recurrence.SAVING}
"""Kernels that give, besides the result, what their rules take as ``saved``: ``None`` there means to compute it again.
"""

COVERED: Final = {**networks.COVERED, **recurrence.COVERED}
"""Whether a kernel covers given arguments: for others the op's default is differentiated, step by step."""

LIST_RULES: Final = {**joining.LIST_RULES, **fourier.LIST_RULES}
"""Ops of a list of arrays: position of the list, and a rule that returns a list."""

CONSTANT: Final = frozenset(
    {
        "all",
        "any",
        "arange",
        "argmax",
        "argmin",
        "argpartition",
        "argsort",
        "bincount",
        "bitwise_and",
        "bitwise_left_shift",
        "bitwise_not",
        "bitwise_or",
        "bitwise_right_shift",
        "bitwise_xor",
        "ceil",
        "count_nonzero",
        "digitize",
        "empty_like",
        "equal",
        "floor",
        "floor_divide",
        "full_like",
        "gcd",
        "greater",
        "greater_equal",
        "histogram",
        "in_top_k",
        "isclose",
        "isfinite",
        "isinf",
        "isnan",
        "lcm",
        "less",
        "less_equal",
        "logical_and",
        "logical_not",
        "logical_or",
        "logical_xor",
        "nextafter",
        "nonzero",
        "not_equal",
        "one_hot",
        "ones_like",
        "rint",
        "round",
        "searchsorted",
        "sign",
        "signbit",
        "stop_gradient",
        "trunc",
        "unique",
        "view",
        "zeros_like",
        "random_binomial",
        "random_categorical",
        "random_gamma",
    }
)
"""Ops whose result does not vary, or only by jumps, or is by definition not differentiated."""
