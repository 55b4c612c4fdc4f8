"""Checks of gradients against central differences."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from dl_ops import ops, tree
from dl_ops.autodiff import value_and_grad
from dl_ops.backend.contract import Backend
from dl_ops.backend.registry import backend_scope
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.testing.case import Case, map_arrays
from dl_ops.testing.checks import is_under_test
from dl_ops.typing import Array

STEP: Final = 1e-6
TOLERANCE: Final = 2e-6


def check_gradient(case: Case, backend: Backend, *, second: bool = False) -> None:
    """Compare the derivative of a case's op, in a random direction and in float64, with a central difference.

    Parameters
    ----------
    case : Case
    backend : Backend
    second : bool
        Differentiate the derivative once more.
    """
    random = np.random.default_rng(zlib.crc32(str(case).encode()))
    inputs, call = function_of_arrays(case)
    with backend.float64_scope(), backend_scope(backend):
        scalar = _weighted_sum(call, random)
        directions = [_direction(case, x, random) for x in inputs]
        function: Callable[..., Any] = scalar
        if second:

            def derivative(*xs: Any) -> Any:
                _, gradients = value_and_grad(scalar, argnums=range(len(xs)))(*xs)
                return _dot(backend, gradients, directions)

            function, directions = derivative, [_direction(case, x, random) for x in inputs]
        _, gradients = value_and_grad(function, argnums=range(len(inputs)))(*[backend.to_tensor(x) for x in inputs])
        for x, gradient in zip(inputs, gradients, strict=True):
            assert tuple(gradient.shape) == x.shape, (
                f"{case}: gradient of shape {gradient.shape} for an argument of {x.shape}"
            )
            name = standardize_dtype(gradient.dtype)
            assert name == "float64", f"{case}: gradient of dtype {name} for an argument of float64"
        found = float(backend.to_numpy(_dot(backend, gradients, directions)))

        def at(distance: float) -> float:
            moved = [x + distance * d for x, d in zip(inputs, directions, strict=True)]
            return float(backend.to_numpy(function(*[backend.to_tensor(x) for x in moved])))

        expected = (at(STEP) - at(-STEP)) / (2 * STEP)
    scale = max(1.0, abs(expected))
    order = "second" if second else "first"
    assert abs(found - expected) <= TOLERANCE * case.tolerance * scale, (
        f"{case}: {order} derivative {found}, by central difference {expected}"
    )


def function_of_arrays(case: Case) -> tuple[list[Array], Callable[..., Any]]:
    """The arrays to differentiate with respect to, and the op as a function of them alone."""
    op = case.definition
    arguments = op.bind(tuple(case.args), dict(case.kwargs))
    wanted = list(arguments) if case.gradient is True else list(case.gradient or ())
    inputs: list[Array] = []
    for name in wanted:
        map_arrays(lambda x: inputs.append(x) if is_under_test(x) else None, arguments[name])
    if not inputs:
        raise ValueError(f"case {case}: no array to differentiate with respect to")

    def call(*xs: Any) -> Any:
        remaining = iter(xs)

        def fill(x: Array) -> Any:
            return next(remaining) if is_under_test(x) else x

        filled = {name: map_arrays(fill, value) if name in wanted else value for name, value in arguments.items()}
        args, kwargs = op.unbind(filled)
        return op.public(*args, **kwargs)

    return inputs, call


def _weighted_sum(call: Callable[..., Any], random: np.random.Generator) -> Callable[..., Any]:
    """Scalar function: the sum of all float results with random weights."""
    weights: dict[int, Array] = {}

    def scalar(*xs: Any) -> Any:
        total: Any = None
        for i, y in enumerate(tree.flatten(call(*xs))):
            if not is_float(standardize_dtype(y.dtype)):
                continue
            if i not in weights:
                weights[i] = random.uniform(0.5, 1.5, tuple(y.shape))
            term = ops.sum(ops.multiply(y, weights[i]))
            total = term if total is None else ops.add(total, term)
        return total

    return scalar


def _direction(case: Case, x: Array, random: np.random.Generator) -> Array:
    direction = random.uniform(-1.0, 1.0, x.shape)
    return direction if case.direction is None else case.direction(direction)


def _dot(backend: Backend, xs: Sequence[Any], ys: Sequence[Array]) -> Any:
    terms = [ops.sum(ops.multiply(x, y)) for x, y in zip(xs, ys, strict=True)]
    total = terms[0]
    for term in terms[1:]:
        total = ops.add(total, term)
    return total
