"""Derivatives, gradients of one's own, checkpoints and vectorization, on every backend that has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dl_ops import KerasTensor, UnsupportedOp, Variable, ops
from dl_ops.backend import Backend
from dl_ops.symbolic import Function
from dl_ops.testing.arrays import draw

X = draw(4).astype("float32")


def numbers(x: Any) -> Any:
    return ops.convert_to_numpy(x)


def same(found: Any, expected: Any, tolerance: float = 2e-5) -> None:
    np.testing.assert_allclose(numbers(found), expected, rtol=tolerance, atol=tolerance)


# -- gradients


def test_grad_of_structures_with_aux(trainable_backend: Backend) -> None:
    def f(parameters: Any, x: Any, *, scale: float) -> Any:
        y = parameters["w"] * x + parameters["b"][0]
        return ops.sum(y) * scale, {"y": y}

    x = ops.convert_to_tensor([1.0, 2.0])
    parameters = {"w": x, "b": [ops.convert_to_tensor(3.0), None]}
    gradient, aux = ops.grad(f, has_aux=True)(parameters, x, scale=2.0)
    same(gradient["w"], [2.0, 4.0])
    same(gradient["b"][0], 4.0)
    assert gradient["b"][1] is None
    same(aux["y"], [4.0, 7.0])
    of_parameters, of_x = ops.grad(lambda *args: f(*args, scale=1.0)[0], argnums=(0, -1))(parameters, x)
    same(of_parameters["w"], [1.0, 2.0])
    same(of_x, [1.0, 2.0])


def test_grad_nests_to_any_order(trainable_backend: Backend) -> None:
    f = ops.sin
    for expected in (np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x), np.sin):
        f = ops.grad(f)
        same(f(ops.convert_to_tensor(0.7)), expected(0.7))


def test_grad_of_a_grad_in_another_variable(trainable_backend: Backend) -> None:
    # d/dx of x · (d/dy of x · y) is 2x
    inner = lambda x: x * ops.grad(lambda y: x * y)(ops.convert_to_tensor(5.0))  # noqa: E731
    same(ops.grad(inner)(ops.convert_to_tensor(3.0)), 6.0)


@pytest.mark.parametrize("transformation", [ops.grad, ops.value_and_grad, ops.jacobian, ops.hessian])
def test_integers_have_no_derivative(transformation: Any, trainable_backend: Backend) -> None:
    with pytest.raises(TypeError, match="float tensors, got one of dtype int32"):
        transformation(lambda x: x * 1.0)(ops.convert_to_tensor(3))


def test_aux_needs_a_pair(trainable_backend: Backend) -> None:
    with pytest.raises(ValueError, match=r"has_aux=True: square must return a pair"):
        ops.grad(ops.square, has_aux=True)(3.0)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: ops.grad(ops.sum)(x),
        lambda x: ops.vjp(ops.sum, x),
        lambda x: ops.jvp(ops.sum, (x,), (x,)),
        lambda x: ops.jacobian(ops.exp)(x),
        lambda x: ops.hessian(ops.sum)(x),
    ],
)
def test_a_backend_without_gradients_says_so(call: Any, backend: Backend) -> None:
    if backend.trainable:
        pytest.skip("it has gradients")
    with pytest.raises(UnsupportedOp, match=rf"\(\): the {backend.name} backend computes no gradients"):
        call(ops.convert_to_tensor(X))


# -- products with the Jacobian


def test_vjp_of_structures(trainable_backend: Backend) -> None:
    def f(pair: Any, c: Any) -> Any:
        a, b = pair
        return {"product": a * b, "sum": ops.sum(a) + c, "none": None}

    a, b = np.array([1.0, 2.0], "float32"), np.array([3.0, 4.0], "float32")
    value, pullback = ops.vjp(f, (a, b), 2.0)
    same(value["product"], [3.0, 8.0])
    same(value["sum"], 5.0)
    assert value["none"] is None
    for scale in (1.0, 10.0):
        (of_a, of_b), of_c = pullback({"product": np.full(2, scale, "float32"), "sum": 100.0, "none": None})
        same(of_a, 100.0 + scale * b)
        same(of_b, scale * a)
        same(of_c, 100.0)
    (of_a, of_b), of_c = pullback({"product": None, "sum": 1.0, "none": None})
    same(of_a, [1.0, 1.0])
    same(of_b, [0.0, 0.0])
    same(of_c, 1.0)


def test_vjp_with_aux_and_its_derivative(trainable_backend: Backend) -> None:
    value, pullback, aux = ops.vjp(lambda x: (ops.exp(x), {"twice": x * 2.0}), X, has_aux=True)
    same(value, np.exp(X))
    same(aux["twice"], X * 2.0)
    # the pullback is linear in its gradient, so its derivative is itself
    same(ops.grad(lambda g: ops.sum(pullback(g)[0]))(ops.ones(4)), np.exp(X))

    def pulled(x: Any) -> Any:
        return ops.sum(ops.vjp(ops.exp, x)[1](ops.ones(4))[0])

    same(ops.grad(pulled)(ops.convert_to_tensor(X)), np.exp(X))


def test_pullback_refuses_other_shapes(trainable_backend: Backend) -> None:
    _, pullback = ops.vjp(ops.exp, X)
    with pytest.raises(ValueError, match=r"pullback of vjp\(\): got a tensor of shape \(3,\), expected \(4,\)"):
        pullback(ops.ones(3))


def test_jvp_of_structures(trainable_backend: Backend) -> None:
    def f(x: Any, pair: Any) -> Any:
        return {"y": ops.exp(x) * pair[0], "sum": ops.sum(pair[1])}

    a, b = np.float32(2.0), np.array([1.0, 3.0], "float32")
    da, db, dx = np.float32(0.5), np.array([1.0, -3.0], "float32"), draw(4).astype("float32")
    value, tangent = ops.jvp(f, (X, (a, b)), (dx, (da, db)))
    same(value["y"], np.exp(X) * a)
    same(tangent["y"], np.exp(X) * (dx * a + da))
    same(tangent["sum"], -2.0)
    _, tangent = ops.linalg.jvp(f, (X, (a, b)), (None, (da, None)))
    same(tangent["y"], np.exp(X) * da)
    same(tangent["sum"], 0.0)


def test_jvp_with_aux(trainable_backend: Backend) -> None:
    value, tangent, aux = ops.jvp(lambda x: (ops.square(x), x + 1.0), (X,), (np.ones_like(X),), has_aux=True)
    same(value, X * X)
    same(tangent, 2 * X)
    same(aux, X + 1.0)


def test_jvp_and_grad_nest_in_every_order(trainable_backend: Backend) -> None:
    def f(x: Any) -> Any:
        return ops.sum(ops.sin(x) * x)

    direction = np.ones_like(X)
    slope = -np.sin(X) * X + 2 * np.cos(X)  # the second derivative, a diagonal

    def forward(g: Any) -> Any:
        return lambda x: ops.jvp(g, (x,), (direction,))[1]

    x = ops.convert_to_tensor(X)
    same(forward(ops.grad(f))(x), slope)
    same(ops.grad(forward(f))(x), slope)
    same(forward(forward(f))(x), np.sum(slope))
    third = -np.cos(X) * X - 3 * np.sin(X)
    same(forward(ops.grad(forward(f)))(x), third)
    same(ops.grad(forward(forward(f)))(x), third)


def test_jvp_refuses_what_does_not_fit(trainable_backend: Backend) -> None:
    with pytest.raises(TypeError, match=r"jvp\(\): primals must be a tuple or list"):
        ops.jvp(ops.exp, X, (X,))
    with pytest.raises(ValueError, match="1 primals and 2 tangents"):
        ops.jvp(ops.exp, (X,), (X, X))
    with pytest.raises(ValueError, match=r"jvp\(\): tangents: got a tensor of shape \(3,\), expected \(4,\)"):
        ops.jvp(ops.exp, (X,), (X[:3],))
    with pytest.raises(TypeError, match="dtype int32"):
        ops.jvp(ops.exp, (np.arange(3, dtype="int32"),), (np.ones(3, "float32"),))


def test_jvp_is_an_op_of_graphs(trainable_backend: Backend) -> None:
    x = KerasTensor((None, 4))
    value, tangent = ops.jvp(lambda x: ops.sum(x * x, axis=-1), (x,), (ops.ones_like(x),))
    assert (value.shape, tangent.shape) == ((None,), (None,))
    value, tangent = Function(x, [value, tangent])(ops.convert_to_tensor(X[None]))
    same(tangent, [2 * np.sum(X)])


def test_jvp_of_a_gradient_is_inferred(trainable_backend: Backend) -> None:
    x = KerasTensor((3, 4))
    _, tangent = ops.jvp(ops.grad(lambda x: ops.sum(ops.exp(x))), (x,), (x,))
    assert tangent.shape == (3, 4)


# -- Jacobians


def test_jacobian_goes_both_ways(trainable_backend: Backend) -> None:
    a = draw(3, 4).astype("float32")
    same(ops.jacobian(lambda x: ops.matmul(a, ops.sin(x)))(X), a * np.cos(X))
    same(ops.jacobian(lambda x: ops.matmul(ops.transpose(a), x))(X[:3]), a.T)
    x = draw(2, 3).astype("float32")
    expected = np.einsum("ik,jl->ijkl", np.eye(2), np.eye(3)) * (2 * x)[..., None, None]
    same(ops.jacobian(ops.square)(x), expected)


def test_jacobian_of_structures(trainable_backend: Backend) -> None:
    def f(pair: Any, c: Any) -> Any:
        return {"y": pair[0] * pair[1], "sum": ops.sum(pair[0]) * c}

    a, b, c = X[:2], X[2:], np.float32(3.0)
    found = ops.jacobian(f, argnums=(0, 1))((a, b), c)
    (of_a, of_b), of_c = found["y"]
    same(of_a, np.diag(b))
    same(of_b, np.diag(a))
    same(of_c, np.zeros(2))
    (of_a, of_b), of_c = found["sum"]
    same(of_a, np.full(2, c))
    same(of_b, np.zeros(2))
    same(of_c, np.sum(a))


def test_jacobian_of_nothing(trainable_backend: Backend) -> None:
    assert tuple(ops.jacobian(ops.exp)(np.zeros((0,), "float32")).shape) == (0, 0)
    assert tuple(ops.jacobian(ops.sum)(np.zeros((0,), "float32")).shape) == (0,)


def test_hessian(trainable_backend: Backend) -> None:
    a = draw(4, 4).astype("float32")
    same(ops.hessian(lambda x: ops.dot(x, ops.matmul(a, x)) + ops.sum(ops.exp(x)))(X), a + a.T + np.diag(np.exp(X)))
    (aa, ab), (ba, bb) = ops.hessian(lambda x, y: ops.sum(x * x) * y, argnums=(0, 1))(X, 3.0)
    same(aa, 6.0 * np.eye(4))
    same(ab, 2 * X)
    same(ba, 2 * X)
    same(bb, 0.0)


# -- gradients of one's own


def test_custom_gradient(trainable_backend: Backend) -> None:
    @ops.custom_gradient
    def log1p_exp(x: Any) -> Any:
        e = ops.exp(x)

        def grad(*args: Any, upstream: Any = None) -> Any:
            if upstream is None:
                (upstream,) = args
            return ops.multiply(upstream, 1.0 - 1.0 / ops.add(1.0, e))

        return ops.log(1.0 + e), grad

    sigmoid = 1 / (1 + np.exp(-X))
    x = ops.convert_to_tensor(X)
    same(log1p_exp(x), np.log1p(np.exp(X)))
    same(ops.grad(lambda x: ops.sum(log1p_exp(x)))(x), sigmoid)
    same(ops.grad(lambda x: ops.sum(ops.grad(lambda x: ops.sum(log1p_exp(x)))(x)))(x), sigmoid * (1 - sigmoid))
    same(ops.jvp(log1p_exp, (x,), (ops.full((4,), 2.0),))[1], 2 * sigmoid)
    pushed = lambda x: ops.sum(ops.jvp(log1p_exp, (x,), (ops.ones(4),))[1])  # noqa: E731
    same(ops.grad(pushed)(x), sigmoid * (1 - sigmoid))
    slope = ops.grad(lambda x: ops.sum(log1p_exp(x)))
    same(ops.jvp(slope, (x,), (ops.ones(4),))[1], sigmoid * (1 - sigmoid))
    assert float(numbers(ops.grad(log1p_exp)(ops.convert_to_tensor(80.0)))) == 1.0


def test_custom_gradient_decides_alone(trainable_backend: Backend) -> None:
    @ops.custom_gradient
    def f(pair: Any, c: Any) -> Any:
        return {"y": pair[0] * 2.0, "z": pair[1] + c}, lambda up: (up["y"] * 10.0, up["z"] * 100.0, None)

    def total(a: Any, b: Any, c: Any) -> Any:
        result = f((a, b), c)
        return ops.sum(result["y"]) + ops.sum(result["z"])

    x = ops.convert_to_tensor(X)
    same(total(x, x, x), np.sum(4 * X), 1e-4)
    for found, expected in zip(ops.grad(total, argnums=(0, 1, 2))(x, x, x), (10.0, 100.0, 0.0), strict=True):
        same(found, np.full(4, expected))


def test_custom_gradient_with_all_that_grad_fn_may_take(trainable_backend: Backend) -> None:
    x = ops.convert_to_tensor(X)
    by_keyword = ops.custom_gradient(lambda x, scale=1.0: (x * scale, lambda *args, upstream: upstream * args[0]))
    same(ops.grad(lambda x: ops.sum(by_keyword(x, scale=3.0)))(x), X)
    with pytest.raises(ValueError, match="gave 2 gradients for 1 tensors"):
        ops.grad(lambda x: ops.sum(ops.custom_gradient(lambda x: (x * 1.0, lambda up: (up, up)))(x)))(x)
    with pytest.raises(ValueError, match=r"shape \(\), expected \(4,\)"):
        ops.grad(lambda x: ops.sum(ops.custom_gradient(lambda x: (x * 1.0, lambda up: ops.sum(up)))(x)))(x)


def test_custom_and_stopped_gradients_in_graphs(backend: Backend) -> None:
    double = ops.custom_gradient(lambda x: (x * 2.0, lambda upstream: upstream * 7.0))
    x = KerasTensor((None, 4))
    function = Function(x, double(x) + ops.stop_gradient(x))
    assert function.outputs[0].shape == (None, 4)
    batch = ops.convert_to_tensor(X[None])
    same(function(batch), 3 * X[None])
    if backend.trainable:
        same(ops.grad(lambda x: ops.sum(function(x)))(batch), np.full((1, 4), 7.0))


def test_stop_gradient_in_both_directions(trainable_backend: Backend) -> None:
    x = ops.convert_to_tensor(X)
    same(ops.grad(lambda x: ops.sum(x * ops.stop_gradient(x)))(x), X)
    same(ops.jvp(lambda x: x * ops.stop_gradient(x), (x,), (ops.ones(4),))[1], X)


# -- checkpoints


def test_remat_changes_nothing(trainable_backend: Backend) -> None:
    w = Variable(X)

    def f(x: Any, k: int) -> Any:
        return {"y": ops.tanh(x * w) * k, "k": k, "none": None}

    x = ops.convert_to_tensor(X)

    def total(g: Any) -> Any:
        return lambda x: ops.sum(ops.square(g(x, 3)["y"]))

    plain, again = total(f), total(ops.remat(f))
    assert ops.remat(f)(x, 3)["none"] is None
    same(again(x), numbers(plain(x)))
    same(ops.grad(again)(x), numbers(ops.grad(plain)(x)))
    slopes = [ops.grad(plain), ops.grad(again)]
    second = [ops.grad(lambda x, slope=slope: ops.sum(ops.sin(slope(x))))(x) for slope in slopes]
    same(second[1], numbers(second[0]), 1e-4)
    of_w = [ops.value_and_grad(g, [w])(x)[1][0] for g in (plain, again)]
    same(of_w[1], numbers(of_w[0]))
    pushed = [lambda x, g=g: ops.jvp(g, (x,), (x,))[1] for g in (plain, again)]
    same(pushed[1](x), numbers(pushed[0](x)))
    same(ops.grad(pushed[1])(x), numbers(ops.grad(pushed[0])(x)), 1e-4)
    same(ops.jvp(ops.grad(again), (x,), (x,))[1], numbers(ops.jvp(ops.grad(plain), (x,), (x,))[1]), 1e-4)


def test_remat_assigns_once(trainable_backend: Backend) -> None:
    w, count = Variable(2.0), Variable(0.0, trainable=False)

    def f(x: Any) -> Any:
        count.assign_add(1.0)
        return x * w * count

    value, (gradient,) = ops.value_and_grad(ops.remat(f), [w])(ops.convert_to_tensor(3.0))
    assert float(numbers(value)) == 6.0
    assert float(numbers(gradient)) == 3.0
    assert float(count) == 1.0


def test_remat_in_a_compiled_step(trainable_backend: Backend) -> None:
    w, count = Variable(X), Variable(0.0, trainable=False)

    def layer(x: Any) -> Any:
        count.assign_add(1.0)
        return ops.tanh(x * w)

    def step(x: Any) -> Any:
        f = ops.remat(layer)
        _, (gradient,) = ops.value_and_grad(lambda x: ops.sum(f(f(x))), [w])(x)
        return gradient

    compiled = trainable_backend.compile_step(step, [w, count])
    x = ops.convert_to_tensor(X)
    same(compiled(x), numbers(step(x)))
    assert float(count) == 4.0


# -- vectorization


def test_vmap_along_any_axis(backend: Backend) -> None:
    a, b = draw(2, 5, 3).astype("float32"), draw(3).astype("float32")
    same(ops.vmap(lambda a, b: ops.matmul(a, b), in_axes=(1, None))(a, b), np.einsum("nbk,k->bn", a, b))
    same(ops.vmap(lambda a: a * 2.0, in_axes=-1, out_axes=-1)(a), 2 * a)
    found = ops.vmap(
        lambda p, *, c: {"y": p["x"] * p["k"], "z": c}, in_axes=({"x": 1, "k": None},), out_axes={"y": 1, "z": 0}
    )({"x": a, "k": 3.0}, c=np.arange(5.0, dtype="float32"))
    same(found["y"], 3 * a)
    same(found["z"], np.arange(5.0))


def test_vmap_of_gradients(trainable_backend: Backend) -> None:
    w = draw(3).astype("float32")
    x = draw(5, 3).astype("float32")
    per_example = ops.vmap(ops.grad(lambda w, x: ops.square(ops.sum(w * x))), in_axes=(None, 0))
    same(per_example(w, x), 2 * (x @ w)[:, None] * x)
    same(ops.grad(lambda w: ops.sum(ops.vmap(lambda x: ops.square(ops.sum(w * x)))(x)))(w), 2 * (x @ w) @ x, 1e-4)


def test_vmap_of_branches(backend: Backend) -> None:
    f = ops.vmap(lambda x: ops.cond(x > 0, lambda: ops.sin(x), lambda: x * 2.0))
    same(f(X), np.where(X > 0, np.sin(X), 2 * X))
    if backend.trainable:
        same(ops.grad(lambda x: ops.sum(f(x)))(X), np.where(X > 0, np.cos(X), 2.0))


def test_vmap_refuses_what_does_not_fit(backend: Backend) -> None:
    a = np.ones((2, 3), "float32")
    with pytest.raises(ValueError, match="one for each of 2 arguments"):
        ops.vmap(ops.add, in_axes=(0,))(a, a)
    with pytest.raises(ValueError, match=r"no axis 2 in an argument of shape \(2, 3\)"):
        ops.vmap(ops.exp, in_axes=2)(a)
    with pytest.raises(ValueError, match="no argument has an axis"):
        ops.vmap(ops.exp, in_axes=None)(a)
    with pytest.raises(ValueError, match=r"differ: \[2, 3\]"):
        ops.vmap(ops.add, in_axes=(0, 1))(a, a)
    with pytest.raises(ValueError, match="does not fit a structure"):
        ops.vmap(ops.exp, out_axes=(0, 0))(a)


def test_vectorized_map_of_no_rows(backend: Backend) -> None:
    assert tuple(ops.vectorized_map(lambda x: x * 2.0, np.zeros((0, 3), "float32")).shape) == (0, 3)


def test_vmap_of_symbolic_tensors() -> None:
    assert ops.vmap(ops.sum, in_axes=1)(KerasTensor((2, None, 3))).shape == (None,)
