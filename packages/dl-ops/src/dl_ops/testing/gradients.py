"""Checks of gradients against central differences."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from dl_ops import ops, tree
from dl_ops.autodiff import jvp, value_and_grad
from dl_ops.backend.contract import Backend
from dl_ops.backend.registry import backend_scope
from dl_ops.dispatch import general_call
from dl_ops.dtypes import is_complex, is_float, standardize_dtype
from dl_ops.testing.case import Case, map_arrays
from dl_ops.testing.checks import compiled_where_possible, is_under_test, to_arrays
from dl_ops.typing import Array

STEP: Final = 1e-6
TOLERANCE: Final = 2e-6


def check_gradient(
    case: Case, backend: Backend, *, second: bool = False, default: bool = False, compiled: bool = False
) -> None:
    """Compare the derivative of a case's op, in a random direction and in float64, with a central difference.

    Parameters
    ----------
    case : Case
    backend : Backend
    second : bool
        Differentiate the derivative once more.
    default : bool
        Use the op's default even where the backend has a kernel.
    compiled : bool
        Compute results and derivatives in a step each that the backend compiles.
    """
    random = np.random.default_rng(zlib.crc32(str(case).encode()))
    inputs, function = function_of_arrays(case, default=default)

    def call(*xs: Any) -> list[Any]:
        return _floats(function(*xs))

    with backend.float64_scope(), backend_scope(backend):
        value = _step(backend, call, compiled=compiled)
        results = value(*map(backend.to_tensor, inputs))
        weights = [random.uniform(0.5, 1.5, tuple(y.shape)) for y in results]
        if second:
            call, weights = _slope(call, weights, [_direction(case, x, random) for x in inputs]), [np.ones(())]
            value = _step(backend, call, compiled=compiled)
        directions = [_direction(case, x, random) for x in inputs]

        derivatives = _step(backend, _gradients(call, weights, range(len(inputs))), compiled=compiled)
        gradients = derivatives(*map(backend.to_tensor, inputs))
        for x, gradient in zip(inputs, gradients, strict=True):
            shape, name = tuple(gradient.shape), standardize_dtype(gradient.dtype)
            assert shape == x.shape, f"{case}: gradient of shape {shape} for an argument of {x.shape}"
            assert name == "float64", f"{case}: gradient of dtype {name} for an argument of float64"
        found = sum(np.sum(g * d) for g, d in zip(to_arrays(gradients), directions, strict=True))

        expected = _central_difference(backend, value, inputs, directions, weights)
    _compare(case, f"{'second' if second else 'first'} derivative", found, expected)


def check_jvp(case: Case, backend: Backend, *, compiled: bool = False) -> None:
    """Compare the derivative of a case's op in a random direction, computed forwards, with a central difference.

    Parameters
    ----------
    case : Case
    backend : Backend
    compiled : bool
        Compute results and derivatives in a step each that the backend compiles.
    """
    random = np.random.default_rng(zlib.crc32(str(case).encode()))
    inputs, function = function_of_arrays(case)

    def call(*xs: Any) -> list[Any]:
        return _floats(function(*xs))

    def forwards(primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
        return jvp(call, primals, tangents)

    with backend.float64_scope(), backend_scope(backend):
        directions = [_direction(case, x, random) for x in inputs]
        primals, tangents = ([backend.to_tensor(x) for x in arrays] for arrays in (inputs, directions))
        outputs, moved = _step(backend, forwards, compiled=compiled)(primals, tangents)
        for y, tangent in zip(outputs, moved, strict=True):
            expected_spec = (tuple(y.shape), standardize_dtype(y.dtype))
            spec = (tuple(tangent.shape), standardize_dtype(tangent.dtype))
            assert spec == expected_spec, f"{case}: tangent of shape and dtype {spec} for a result of {expected_spec}"
        weights = [random.uniform(0.5, 1.5, tuple(y.shape)) for y in outputs]
        found = sum(np.sum(t * w) for t, w in zip(to_arrays(moved), weights, strict=True))
        expected = _central_difference(backend, _step(backend, call, compiled=compiled), inputs, directions, weights)
    _compare(case, "forward derivative", found, expected)


def _step(backend: Backend, function: Callable[..., Any], *, compiled: bool) -> Callable[..., Any]:
    return compiled_where_possible(function, backend) if compiled else function


def _central_difference(
    backend: Backend,
    call: Callable[..., Any],
    inputs: Sequence[Array],
    directions: Sequence[Array],
    weights: Sequence[Array],
) -> Any:
    def at(distance: float) -> Any:
        # summed up in NumPy: a framework that compiles has fewer functions to compile
        moved = [backend.to_tensor(x + distance * d) for x, d in zip(inputs, directions, strict=True)]
        return sum(np.sum(y * w) for y, w in zip(to_arrays(call(*moved)), weights, strict=True))

    return (at(STEP) - at(-STEP)) / (2 * STEP)


def _compare(case: Case, what: str, found: Any, expected: Any) -> None:
    assert abs(found - expected) <= TOLERANCE * case.tolerance * max(1.0, abs(expected)), (
        f"{case}: {what} {found}, by central difference {expected}"
    )


def function_of_arrays(case: Case, *, default: bool = False) -> tuple[list[Array], Callable[..., Any]]:
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
        return general_call(op, args, kwargs, default=True) if default else op.public(*args, **kwargs)

    return inputs, call


def _floats(structure: Any) -> list[Any]:
    """Tensors of a result that can have a gradient; the parts of complex ones."""
    found = []
    for y in tree.flatten(structure):
        dtype = standardize_dtype(y.dtype)
        if is_float(dtype):
            found.append(y)
        elif is_complex(dtype):
            found += [ops.real(y), ops.imag(y)]
    return found


def _weighted_sum(xs: Sequence[Any], weights: Sequence[Array]) -> Any:
    terms = [ops.sum(ops.multiply(x, w)) for x, w in zip(xs, weights, strict=True)]
    total = terms[0]
    for term in terms[1:]:
        total = ops.add(total, term)
    return total


def _gradients(call: Callable[..., Any], weights: Sequence[Array], argnums: Sequence[int]) -> Callable[..., Any]:
    """The gradients of the weighted sum of what a function gives."""

    def scalar(*xs: Any) -> Any:
        return _weighted_sum(call(*xs), weights)

    def gradients(*xs: Any) -> Any:
        _, found = value_and_grad(scalar, argnums=argnums)(*xs)
        return found

    return gradients


def _slope(call: Callable[..., Any], weights: Sequence[Array], directions: Sequence[Array]) -> Callable[..., Any]:
    """The derivative of the weighted sum of what a function gives, in a direction, as its one result."""

    def slope(*xs: Any) -> list[Any]:
        return [_weighted_sum(_gradients(call, weights, range(len(xs)))(*xs), directions)]

    return slope


def _direction(case: Case, x: Array, random: np.random.Generator) -> Array:
    direction = random.uniform(-1.0, 1.0, x.shape)
    return direction if case.direction is None else case.direction(direction)
