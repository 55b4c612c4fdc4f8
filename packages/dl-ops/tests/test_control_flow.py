"""Branches and loops: structures, limits and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_ops import KerasTensor, backend_scope, ops


@pytest.fixture(autouse=True)
def _numpy() -> Iterator[None]:
    with backend_scope("numpy"):
        yield


@given(st.integers(1, 40), st.integers(0, 1), st.booleans())
def test_associative_scan_of_matrices_is_a_running_product(size: int, axis: int, reverse: bool) -> None:
    with backend_scope("numpy"):
        shape = (size, 2, 2, 2) if axis == 0 else (2, size, 2, 2)
        x = np.random.default_rng(size).normal(size=shape)
        # not commutative: the order counts
        combine = (lambda a, b: ops.matmul(b, a)) if reverse else ops.matmul
        y = np.moveaxis(ops.associative_scan(combine, x, reverse=reverse, axis=axis), axis, 0)
    rows = np.moveaxis(x, axis, 0)
    if reverse:
        rows, y = rows[::-1], y[::-1]
    expected = [rows[0]]
    for row in rows[1:]:
        expected.append(row @ expected[-1] if reverse else expected[-1] @ row)
    np.testing.assert_allclose(y, expected, rtol=1e-9, atol=1e-12)


def test_scan_keeps_structures_and_none() -> None:
    carry, ys = ops.scan(
        lambda carry, x: ({"sum": carry["sum"] + x[0]}, (x[1], None)), {"sum": 0}, (np.arange(3), np.ones((3, 2)))
    )
    assert int(carry["sum"]) == 3
    assert ys[0].shape == (3, 2)
    assert ys[1] is None


def test_loops_of_no_steps() -> None:
    carry, ys = ops.scan(lambda c, x: (c, ops.stack([x, x])), 1.0, np.zeros((0,), "float32"))
    assert float(carry) == 1.0
    assert ys.shape == (0, 2)
    assert ops.map(lambda x: x * 2, np.zeros((0, 3), "float32")).shape == (0, 3)
    assert ops.fori_loop(3, 3, lambda i, x: x + 1, 5) == 5


@pytest.mark.parametrize(("loop_vars", "expected"), [(0, 10), ([0], (10,)), ((0,), (10,))])
def test_while_loop_gives_a_tuple_for_sequences(loop_vars: Any, expected: Any) -> None:
    result = ops.while_loop(lambda i: i < 10, lambda i: i + 1, loop_vars)
    assert isinstance(result, tuple) == isinstance(expected, tuple)
    assert result == expected


def test_while_loop_stops_at_the_limit() -> None:
    assert int(ops.while_loop(lambda i: i < 10, lambda i: i + 1, 0, maximum_iterations=3)) == 3


@pytest.mark.parametrize(("index", "expected"), [(-5, 4.0), (0, 4.0), (1, 6.0), (9, 6.0)])
def test_switch_limits_the_index(index: int, expected: float) -> None:
    assert float(ops.switch(index, [lambda x: x + 1, lambda x: x * 2], 3.0)) == expected


def test_shapes_of_symbolic_loops() -> None:
    carry, y = ops.scan(lambda c, x: (c + ops.sum(x), x * 2), KerasTensor(()), KerasTensor((None, 3)))
    assert (carry.shape, y.shape) == ((), (None, 3))
    assert ops.map(ops.sum, KerasTensor((4, 3))).shape == (4,)
    assert ops.while_loop(lambda x: True, lambda x: x * 2.0, KerasTensor((2, None))).shape == (2, None)
    assert ops.cond(KerasTensor((), "bool"), lambda: KerasTensor((2,)), lambda: KerasTensor((2,))).shape == (2,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.cond(KerasTensor((2,), "bool"), lambda: 1, lambda: 2), r"cond\(\): pred has shape \(2,\)"),
        (
            lambda: ops.cond(KerasTensor((), "bool"), lambda: KerasTensor((2,)), lambda: KerasTensor((3,))),
            r"result of false_fn has shape \(3,\), that of true_fn \(2,\)",
        ),
        (
            lambda: ops.cond(KerasTensor((), "bool"), lambda: KerasTensor((2,)), lambda: [KerasTensor((2,))]),
            "another structure",
        ),
        (lambda: ops.scan(lambda c, x: (c, x), 0), "expected xs or length"),
        (lambda: ops.scan(lambda c, x: (c, x), 0, (np.ones(3), np.ones(4))), r"differ: \[3, 4\]"),
        (lambda: ops.scan(lambda c, x: (c, x), 0, np.ones(3), length=2), r"differ: \[2, 3\]"),
        (lambda: ops.scan(lambda c, x: (ops.stack([c, c]), x), KerasTensor(()), KerasTensor((3,))), "the carry"),
        (lambda: ops.while_loop(lambda x: True, lambda x: x / 2, KerasTensor((), "int32")), "dtype float32"),
        (lambda: ops.map(ops.sum, 3.0), "has a scalar"),
        (lambda: ops.switch(0, []), "branches is empty"),
        (lambda: ops.associative_scan(ops.add, (np.ones(3), np.ones(4))), "sizes along axis 0 differ"),
    ],
)
def test_unfit_arguments_are_named(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
