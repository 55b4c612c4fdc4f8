"""Matrices of derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from dl_ops import ops
from dl_ops.autodiff.gradients import argument_positions, grad
from dl_ops.autodiff.structures import Flattened, Leaves, trainable_backend
from dl_ops.backend.contract import Backend
from dl_ops.backend.registry import backend_scope

__all__ = ["hessian", "jacobian"]


def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """Make a function that gives the derivative of every element of a result with respect to every one of an argument.

    It goes backwards, or forwards where there are fewer elements in the arguments than in the result.

    Parameters
    ----------
    f : callable
        Gives a structure of float tensors.
    argnums : int or sequence of int, default 0
        Positions of the arguments, structures of float tensors, to differentiate with respect to.

    Returns
    -------
    callable
        With the arguments of `f`. Returns a structure like the result of `f`; in place of each tensor ``y`` stands a
        structure like the argument, a tuple of them if `argnums` is a sequence; in place of each tensor ``x`` in that,
        one of shape ``(*y.shape, *x.shape)``.

    Raises
    ------
    ValueError
        If `argnums` does not fit.
    TypeError
        If an argument is not of a float dtype.
    UnsupportedOp
        If the backend has no gradients.

    Examples
    --------
    >>> jacobian(lambda x: x * x)(ops.convert_to_tensor([1.0, 3.0])).tolist()
    [[2.0, 0.0], [0.0, 6.0]]
    """

    def of_arguments(*args: Any, **kwargs: Any) -> Any:
        positions = argument_positions("jacobian", argnums, args)
        chosen = tuple([args[i] for i in positions])
        backend = trainable_backend("jacobian()", args)
        arguments = Leaves(chosen, backend)
        arguments.check_differentiable("jacobian()")

        def of_chosen(*values: Any) -> Any:
            replaced = list(args)
            for i, value in zip(positions, values, strict=True):
                replaced[i] = value
            return f(*replaced, **kwargs)

        flat = Flattened(of_chosen, arguments, has_aux=False)
        with backend_scope(backend):
            outputs, _, pullback = backend.vjp(flat, arguments.tensors)
            results = Leaves(flat.result.packed(outputs), backend)
            results.check_differentiable("jacobian(): the result")
            if _elements(arguments.tensors) < _elements(outputs):
                blocks = _columns(backend, flat, arguments.tensors, outputs)
            else:
                blocks = _rows(backend, pullback, arguments.tensors, outputs)
        structures = [arguments.packed(row) for row in blocks]
        return results.packed([s[0] if isinstance(argnums, int) else s for s in structures])

    return of_arguments


def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """Make a function that gives the second derivatives of a scalar.

    Parameters
    ----------
    f : callable
        Gives a scalar float tensor.
    argnums : int or sequence of int, default 0
        Positions of the arguments, structures of float tensors, to differentiate with respect to.

    Returns
    -------
    callable
        With the arguments of `f`. For an argument of shape ``(...)``, returns a tensor of shape ``(..., ...)``; for
        structures and several arguments, what `jacobian` makes of `grad`.

    Raises
    ------
    ValueError
        If `f` does not give a scalar, or `argnums` does not fit.
    TypeError
        If an argument is not of a float dtype.
    UnsupportedOp
        If the backend has no gradients.

    Examples
    --------
    >>> hessian(lambda x: x[0] * x[0] * x[1])(ops.convert_to_tensor([1.0, 3.0])).tolist()
    [[6.0, 2.0], [2.0, 0.0]]
    """
    return jacobian(grad(f, argnums), argnums)


def _elements(xs: Sequence[Any]) -> int:
    return sum(prod(x.shape) for x in xs)


def _basis(backend: Backend, like: Any) -> Any:
    """Tensor each row of which has the shape of a tensor and is one at one element, zero elsewhere."""
    shape = tuple(like.shape)
    rows = np.eye(prod(shape)).reshape(prod(shape), *shape)
    return backend.to_tensor(rows, backend.dtype_name(like.dtype))


def _rows(
    backend: Backend, pullback: Callable[[Sequence[Any]], Sequence[Any]], inputs: Sequence[Any], outputs: Sequence[Any]
) -> list[list[Any]]:
    """For each output, its derivatives with respect to each input."""
    blocks = []
    for which, y in enumerate(outputs):

        def row(gradient: Any, which: int = which, y: Any = y) -> list[Any]:
            # more than a copy, so that frameworks see a function of the gradient even where nothing depends on it
            found = pullback([gradient if i == which else ops.zeros_like(z) for i, z in enumerate(outputs)])
            return [ops.zeros_like(x) if g is None else g for g, x in zip(found, inputs, strict=True)]

        shapes = [(*y.shape, *x.shape) for x in inputs]
        if prod(y.shape):
            stacks = backend.vmap(row, [_basis(backend, y)])
        else:
            stacks = [ops.zeros(shape, dtype=backend.dtype_name(y.dtype)) for shape in shapes]
        blocks.append([ops.reshape(stack, shape) for stack, shape in zip(stacks, shapes, strict=True)])
    return blocks


def _columns(backend: Backend, f: Callable[..., Any], inputs: Sequence[Any], outputs: Sequence[Any]) -> list[list[Any]]:
    """The same, by moving one element of the inputs after the other."""
    zeros = [ops.zeros_like(x) for x in inputs]
    blocks: list[list[Any]] = [[] for _ in outputs]
    for which, x in enumerate(inputs):
        columns = [
            backend.jvp(f, inputs, [row if i == which else z for i, z in enumerate(zeros)])[2]
            for row in _unstacked(_basis(backend, x))
        ]
        for i, y in enumerate(outputs):
            shape = (*y.shape, *x.shape)
            if columns:
                moved: list[Any] = [ops.zeros_like(y) if column[i] is None else column[i] for column in columns]
                blocks[i].append(ops.reshape(ops.stack(moved, axis=-1), shape))
            else:
                blocks[i].append(ops.zeros(shape, dtype=backend.dtype_name(y.dtype)))
    return blocks


def _unstacked(x: Any) -> list[Any]:
    return [x[i] for i in range(x.shape[0])]
