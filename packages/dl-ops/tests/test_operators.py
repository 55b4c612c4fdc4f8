"""Python's operators on tensors that are our own, beside NumPy's on arrays."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pytest

from dl_ops import ops
from dl_ops.autodiff import value_and_grad
from dl_ops.backend import Backend
from dl_ops.dtypes import standardize_dtype
from dl_ops.interchange import convert_to_numpy
from dl_ops.symbolic import KerasTensor
from dl_ops.variable import Variable

_FLOATS: Final = np.array([[1.5, -2.25], [3.0, 0.75]], "float32"), np.array([[2.0, 0.5], [-1.5, 4.0]], "float32")
_INTEGERS: Final = np.array([[7, -5], [3, 12]], "int32"), np.array([[2, 3], [1, 4]], "int32")
_FLAGS: Final = np.array([[True, False], [True, False]]), np.array([[True, True], [False, False]])

_ARITHMETIC: Final = (
    *(operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.matmul),
    *(operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge),
)
_LOGIC: Final = (operator.and_, operator.or_, operator.xor)
_SHIFTS: Final = (operator.lshift, operator.rshift)
_UNARY: Final = (operator.neg, abs, round)

_BINARY: Final = [
    *((function, *_FLOATS) for function in _ARITHMETIC),
    *((function, *_INTEGERS) for function in (*_ARITHMETIC, operator.pow, *_SHIFTS)),
    *((function, *_FLAGS) for function in _LOGIC),
    (operator.pow, np.abs(_FLOATS[0]), _FLOATS[1]),
]
_IDS: Final = [f"{function.__name__}-{x.dtype}" for function, x, _ in _BINARY]


def agree(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(convert_to_numpy(found), expected, rtol=1e-5, err_msg=repr(found))


@pytest.mark.parametrize(("function", "x", "y"), _BINARY, ids=_IDS)
def test_variables_have_the_operators_of_arrays(function: Callable[..., Any], x: Any, y: Any, backend: Backend) -> None:
    expected = function(x, y)
    left, right = Variable(x, trainable=False), Variable(y, trainable=False)
    agree(function(left, right), expected)
    agree(function(left, y), expected)
    agree(function(x, right), expected)
    agree(function(left, ops.convert_to_tensor(y)), expected)


@pytest.mark.parametrize(("function", "x", "y"), _BINARY, ids=_IDS)
def test_symbolic_tensors_have_them_too(function: Callable[..., Any], x: Any, y: Any, backend: Backend) -> None:
    spec = function(KerasTensor(x.shape, x.dtype), KerasTensor(y.shape, y.dtype))
    result = function(Variable(x, trainable=False), y)
    assert (spec.shape, spec.dtype) == (tuple(result.shape), standardize_dtype(result.dtype))
    for other in (function(KerasTensor(x.shape, x.dtype), y), function(x, KerasTensor(y.shape, y.dtype))):
        assert (other.shape, other.dtype) == (spec.shape, spec.dtype)


@pytest.mark.parametrize(("function", "x", "y"), _BINARY, ids=_IDS)
@pytest.mark.parametrize("name", ["numpy", "openvino"])
def test_tensors_of_our_own_have_them_too(function: Callable[..., Any], x: Any, y: Any, name: str) -> None:
    from dl_ops.backend.registry import available_backends, backend_scope

    if name not in available_backends():
        pytest.skip(f"{name} is not installed")
    with backend_scope(name):
        expected = function(x, y)
        tensor = ops.convert_to_tensor(x)
        agree(function(tensor, y), expected)
        agree(function(x, ops.convert_to_tensor(y)), expected)


@pytest.mark.parametrize("function", _UNARY, ids=lambda function: function.__name__)
def test_operators_of_one_tensor(function: Callable[..., Any], backend: Backend) -> None:
    x = _FLOATS[0]
    expected = np.round(x) if function is round else function(x)
    agree(function(Variable(x, trainable=False)), expected)
    spec = function(KerasTensor((None, 2)))
    assert (spec.shape, spec.dtype) == ((None, 2), "float32")


def test_numbers_on_either_side(backend: Backend) -> None:
    v = Variable(_FLOATS[0], trainable=False)
    agree(2 - v, 2 - _FLOATS[0])
    agree(v**2, _FLOATS[0] ** 2)
    agree(2**v, 2 ** _FLOATS[0])
    agree(7 // v, 7 // _FLOATS[0])
    agree(7 % v, 7 % _FLOATS[0])
    agree(1 / v, 1 / _FLOATS[0])
    agree(round(v, 1), np.round(_FLOATS[0], 1))
    integers = Variable(_INTEGERS[1], trainable=False)
    agree(1 << integers, 1 << _INTEGERS[1])
    agree(64 >> integers, 64 >> _INTEGERS[1])
    flags = Variable(_FLAGS[0], trainable=False)
    agree(True & flags, _FLAGS[0])
    agree(False | flags, _FLAGS[0])
    agree(True ^ flags, ~_FLAGS[0])


def test_logic_is_that_of_truth_values(backend: Backend) -> None:
    """Of integers too, as on Keras's symbolic tensors and variables."""
    v = Variable([2, 0, 1], trainable=False)
    agree(v & 1, [True, False, True])
    agree(v | 0, [True, False, True])
    agree(v ^ 1, [False, True, False])
    agree(~Variable([True, False], trainable=False), [False, True])
    assert (~KerasTensor((3,), "bool")).dtype == "bool"
    assert (KerasTensor((3,), "int32") & KerasTensor((3,), "int32")).dtype == "bool"


def test_variables_are_inverted_as_tensors_are(backend: Backend) -> None:
    agree(~Variable([True, False], trainable=False), [False, True])
    agree(~Variable([0, 5], trainable=False), [-1, -6])


def test_operators_of_arrays_on_a_tape() -> None:
    def f(x: Any) -> Any:
        y = np.float32(2) * x + (1 - x) ** 2 / (3 + abs(-x)) + 2.0 ** (x @ x) - x % 0.7 + x // 0.7
        return ops.sum(ops.where((x > 0.3) & (x <= 2.0) | ~(x != 5.0), y, x * 0.0))

    from dl_ops.backend.registry import backend_scope

    with backend_scope("numpy"):
        x = np.array([[0.5, 1.1], [0.9, 0.4]])
        _, gradient = value_and_grad(f)(x)
        direction = np.array([[0.3, -0.2], [0.5, 0.7]])
        step = 1e-6
        slope = (f(x + step * direction) - f(x - step * direction)) / (2 * step)
        np.testing.assert_allclose(np.sum(gradient * direction), slope, rtol=1e-6)
