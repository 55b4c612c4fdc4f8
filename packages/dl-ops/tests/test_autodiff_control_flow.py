"""Gradients through branches, loops and changes of parts, of first and second order, also in compiled steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dl_ops import UnsupportedOp, Variable, ops
from dl_ops.backend import Backend, get_backend
from dl_ops.testing.arrays import draw

X = draw(4).astype("float32")
W = draw(4).astype("float32")
PLACES = np.array([[2], [0]], "int32")


def _scan(x: Any) -> Any:
    carry, ys = ops.scan(lambda c, row: (ops.sin(c * 0.5 + row), c * row), ops.sum(x), x)
    return carry + ops.sum(ys)


def _while(x: Any) -> Any:
    _, y = ops.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, ops.sin(y) * x), (0, x))
    return ops.sum(y)


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "cond": lambda x: ops.sum(ops.cond(ops.sum(x) > -100.0, lambda: ops.sin(x) * x, lambda: x)),
    "cond-other": lambda x: ops.sum(ops.cond(ops.sum(x) > 100.0, lambda: x, lambda: ops.exp(x) * x)),
    "switch": lambda x: ops.sum(
        ops.switch(ops.cast(ops.sum(x) > -100.0, "int32"), [lambda y: y, lambda y: ops.sin(y) * x], x)
    ),
    "scan": _scan,
    "while_loop": _while,
    "fori_loop": lambda x: ops.sum(ops.fori_loop(0, 3, lambda i, y: ops.sin(y) * x, x)),
    "associative_scan": lambda x: ops.sum(ops.multiply(ops.associative_scan(lambda a, b: a * ops.sin(b), x), W)),
    "map": lambda x: ops.sum(ops.map(lambda row: ops.sin(row) * ops.sum(x), x)),
    "vectorized_map": lambda x: ops.sum(ops.vectorized_map(lambda row: ops.sin(row) * ops.sum(x), x)),
    "vmap": lambda x: ops.sum(ops.vmap(lambda a, b: ops.sin(a * b), in_axes=(0, None))(x, x)),
    "indexing": lambda x: ops.sum(ops.sin(x[1:]) * x[:-1]) + x[-1] ** 2,
    "take": lambda x: ops.sum(ops.multiply(ops.sin(ops.take(x, np.array([0, 2, 2, 3]))), W)),
    "scatter": lambda x: ops.sum(ops.sin(ops.scatter(PLACES, x[:2], (4,))) * x),
    "scatter_update": lambda x: ops.sum(ops.multiply(ops.sin(ops.scatter_update(x, PLACES, x[:2] * x[2:])), W)),
    "slice": lambda x: ops.sum(ops.sin(ops.slice(x, np.array([1]), (2,))) * x[:2]),
    "slice_update": lambda x: ops.sum(ops.multiply(ops.sin(ops.slice_update(x, np.array([1]), x[:2] * x[2:])), W)),
}


def _reference(f: Callable[[Any], Any]) -> tuple[np.ndarray, np.ndarray]:
    """Gradient, and gradient of the gradient's product with weights, by central differences in NumPy's float64."""
    numpy = get_backend("numpy")
    step = 1e-5
    x = X.astype("float64")
    moves = step * np.eye(len(x))

    def value(x: Any) -> float:
        from dl_ops import backend_scope

        with backend_scope(numpy):
            return float(f(x))

    gradient = np.array([(value(x + d) - value(x - d)) / (2 * step) for d in moves])
    curvature = [
        [(value(x + a + b) - value(x + a - b) - value(x - a + b) + value(x - a - b)) / (4 * step**2) for b in moves]
        for a in moves
    ]
    return gradient, np.array(curvature) @ W


def _second(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    gradient = ops.grad(f)
    return ops.grad(lambda x: ops.sum(ops.multiply(gradient(x), W)))


def same(found: Any, expected: Any, tolerance: float) -> None:
    np.testing.assert_allclose(ops.convert_to_numpy(found), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_as_they_are_called(name: str, trainable_backend: Backend) -> None:
    f = FUNCTIONS[name]
    if name == "while_loop" and trainable_backend.name == "jax":
        pytest.skip("JAX has no way back through it")
    x = ops.convert_to_tensor(X)
    first, second = _reference(f)
    same(ops.grad(f)(x), first, 1e-4)
    same(_second(f)(x), second, 2e-3)
    same(ops.jvp(f, (x,), (W,))[1], first @ W, 1e-4)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_in_a_compiled_step(name: str, trainable_backend: Backend) -> None:
    f = FUNCTIONS[name]
    if name == "while_loop" and trainable_backend.name == "jax":
        pytest.skip("JAX has no way back through it")
    if trainable_backend.name == "torch" and name not in ("scan", "scatter_update"):
        pytest.skip("PyTorch compiles what Python's loops come to, which takes its time, or runs it eagerly")
    v = Variable(X)

    def step(x: Any) -> Any:
        _, (gradient,) = ops.value_and_grad(lambda: f(v), [v])()
        v.assign(v * 1.0)
        return gradient, _second(f)(x), ops.jvp(f, (x,), (W,))[1]

    compiled = trainable_backend.compile_step(step, [v])
    first, second = _reference(f)
    for found, expected, tolerance in zip(compiled(X), (first, second, first @ W), (1e-4, 2e-3, 1e-4), strict=True):
        same(found, expected, tolerance)


def test_no_way_back_through_a_while_loop_on_jax(trainable_backend: Backend) -> None:
    if trainable_backend.name != "jax":
        pytest.skip("it has a way back")
    x = ops.convert_to_tensor(X)
    for transformation in (ops.grad, ops.value_and_grad):
        with pytest.raises(UnsupportedOp, match=r"while_loop\(\), fori_loop\(\): JAX takes no gradients back"):
            transformation(_while)(x)
    with pytest.raises(UnsupportedOp, match=r"while_loop\(\)"):
        ops.vjp(_while, x)[1](1.0)
    same(ops.jvp(_while, (x,), (W,))[1], _reference(_while)[0] @ W, 1e-4)


def test_variables_assigned_in_a_loop_have_gradients(trainable_backend: Backend) -> None:
    if trainable_backend.name == "torch":
        pytest.skip("PyTorch's variables are assigned as constants")
    w, total = Variable(X), Variable(0.0, trainable=False)

    def f() -> Any:
        total.assign(0.0)

        def body(carry: Any, row: Any) -> Any:
            total.assign_add(row * row)
            return carry, None

        ops.scan(body, 0.0, w)
        return total * 1.0

    value, (gradient,) = ops.value_and_grad(f, [w])()
    same(value, np.sum(X * X), 1e-5)
    same(gradient, 2 * X, 1e-5)
    same(total, np.sum(X * X), 1e-5)
