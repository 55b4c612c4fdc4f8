"""Gradients of Python functions on every backend that has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dl_ops import UnsupportedOp, Variable, backend_scope, ops
from dl_ops.backend import Backend, get_backend
from dl_ops.ops import value_and_grad


def numbers(x: Any) -> Any:
    return ops.convert_to_numpy(x).tolist()


def test_variables_that_the_function_reads(trainable_backend: Backend) -> None:
    w, b, unused = Variable([1.0, 2.0]), Variable(0.5), Variable([1.0])
    value, gradients = value_and_grad(lambda x: ops.sum(w * w * x) + b, [w, b, unused])(3.0)
    assert numbers(value) == 15.5
    assert numbers(gradients[0]) == [6.0, 12.0]
    assert numbers(gradients[1]) == 1.0
    assert gradients[2] is None or numbers(gradients[2]) == [0.0]
    assert len(gradients) == 3


def test_a_variable_read_several_times(trainable_backend: Backend) -> None:
    w = Variable(2.0)
    _, (gradient,) = value_and_grad(lambda: w * w * w, [w])()
    assert numbers(gradient) == 12.0


def test_variables_that_are_assigned_stay_assigned(trainable_backend: Backend) -> None:
    w, count = Variable([1.0, 2.0]), Variable(0.0, trainable=False)

    def f(x: Any) -> Any:
        count.assign_add(ops.sum(x))
        return ops.sum(w * x)

    step = value_and_grad(f, [w])
    x = np.array([1.0, 10.0], "float32")
    step(x)
    value, (gradient,) = step(x)
    assert numbers(value) == 21.0
    assert numbers(gradient) == [1.0, 10.0]
    assert numbers(count) == 22.0
    assert numbers(w) == [1.0, 2.0]


def test_aux_comes_along(trainable_backend: Backend) -> None:
    w = Variable([1.0, 2.0])

    def f(x: Any) -> Any:
        y = w * x
        return ops.sum(y), {"y": y, "list": [y + 1.0]}

    (value, aux), (gradient,) = value_and_grad(f, [w], has_aux=True)(2.0)
    assert numbers(value) == 6.0
    assert numbers(aux["y"]) == [2.0, 4.0]
    assert numbers(aux["list"][0]) == [3.0, 5.0]
    assert numbers(gradient) == [2.0, 2.0]


def test_arguments_are_structures(trainable_backend: Backend) -> None:
    def f(parameters: Any, x: Any, *, scale: float) -> Any:
        return ops.sum(parameters["w"] * x + parameters["b"][0]) * scale

    x = ops.convert_to_tensor([1.0, 2.0])
    parameters = {"w": x, "b": [ops.convert_to_tensor(3.0)]}
    value, gradient = value_and_grad(f)(parameters, x, scale=2.0)
    assert numbers(value) == 22.0
    assert numbers(gradient["w"]) == [2.0, 4.0]
    assert numbers(gradient["b"][0]) == 4.0
    _, (first, second) = value_and_grad(f, argnums=(0, 1))(parameters, x, scale=1.0)
    assert numbers(first["b"][0]) == 2.0
    assert numbers(second) == [1.0, 2.0]


def test_arguments_that_do_not_matter_have_zeros(trainable_backend: Backend) -> None:
    _, gradient = value_and_grad(lambda x: ops.sum(ops.stop_gradient(x)))(ops.convert_to_tensor([1.0, 2.0]))
    assert numbers(gradient) == [0.0, 0.0]


def test_a_result_that_is_no_scalar_is_an_error(trainable_backend: Backend) -> None:
    w = Variable([1.0, 2.0])
    with pytest.raises(ValueError, match=r"must return a scalar, got a tensor of shape \(2,\)"):
        value_and_grad(lambda: w * 2.0, [w])()


def test_variables_of_two_backends_are_an_error_that_names_both(trainable_backend: Backend) -> None:
    if trainable_backend.name == "numpy":
        pytest.skip("the other backend is NumPy")
    ours = Variable(1.0)
    with backend_scope("numpy"):
        theirs = Variable(1.0)
    with pytest.raises(TypeError, match=f"{trainable_backend.name}.*numpy|numpy.*{trainable_backend.name}"):
        value_and_grad(lambda: ours * 2.0, [ours, theirs])()


def test_it_enters_the_variables_backend() -> None:
    with backend_scope("numpy"):
        w = Variable([1.0, 2.0])
    seen: list[Any] = []

    def f() -> Any:
        seen.append(type(ops.zeros(2)))
        return ops.sum(w)

    value_and_grad(f, [w])()
    assert seen == [np.ndarray]
    assert w.backend is get_backend("numpy")


def test_a_backend_without_gradients_says_so(backend: Backend) -> None:
    if backend.trainable:
        pytest.skip("it has gradients")
    with pytest.raises(UnsupportedOp, match=f"the {backend.name} backend computes no gradients; train on another"):
        value_and_grad(lambda x: x)(1.0)


def test_an_argument_that_is_missing_is_named(trainable_backend: Backend) -> None:
    with pytest.raises(ValueError, match=r"argnums=2\): called with 1 positional"):
        value_and_grad(lambda x: x, argnums=2)(1.0)


def test_second_derivatives(trainable_backend: Backend) -> None:
    def slope(x: Any) -> Any:
        return value_and_grad(lambda x: ops.sum(ops.exp(x) * x))(x)[1]

    x = ops.convert_to_tensor([0.0, 1.0])
    _, second = value_and_grad(lambda x: ops.sum(slope(x)))(x)
    np.testing.assert_allclose(ops.convert_to_numpy(second), [2.0, 3 * np.e], rtol=1e-5)
