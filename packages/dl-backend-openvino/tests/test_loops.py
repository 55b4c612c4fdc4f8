"""Loops as nodes of a graph: how often they run may be known only when it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dl_backend_openvino.engine import OpenVINOBackend
from dl_ops import Variable, ops
from dl_ops.backend import backend_scope, get_backend


@pytest.fixture(autouse=True)
def openvino() -> Iterator[OpenVINOBackend]:
    found = get_backend("openvino")
    assert isinstance(found, OpenVINOBackend)
    with backend_scope(found):
        yield found


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_loop_runs_as_long_as_its_condition_holds(openvino: OpenVINOBackend, count: int) -> None:
    factor, steps = Variable(2.0), Variable(0, dtype="int32")

    def run(x: Any, last: Any) -> Any:
        # computed outside of the loop, and used in it
        grown = factor + ops.sum(x) * 0.0

        def body(i: Any, y: Any) -> Any:
            steps.assign_add(1)
            return i + 1, y * grown

        return ops.while_loop(lambda i, y: i < last, body, (last * 0, x))[1]

    compiled = openvino.compile_step(run, [factor, steps])
    assert compiled(np.ones(2, "float32"), np.array(count, "int32")).tolist() == [2.0**count] * 2
    assert int(steps) == count


def test_a_loop_ends_after_the_most_iterations(openvino: OpenVINOBackend) -> None:
    run = openvino.compile_step(
        lambda x: ops.while_loop(lambda y: ops.all(y < 1e6), lambda y: y * 2.0, x, maximum_iterations=3), []
    )
    assert run(np.ones(2, "float32")).tolist() == [8.0, 8.0]


def test_loops_nest(openvino: OpenVINOBackend) -> None:
    def run(x: Any, n: Any) -> Any:
        return ops.fori_loop(0, n, lambda i, y: ops.fori_loop(0, i + 1, lambda j, z: z + x, y), x * 0.0)

    assert openvino.compile_step(run, [])(np.ones(2, "float32"), np.array(4, "int32")).tolist() == [10.0, 10.0]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("steps", [3, 40])
def test_a_long_scan_agrees_with_a_short_one(openvino: OpenVINOBackend, steps: int, reverse: bool) -> None:
    weights = Variable(np.random.default_rng(0).normal(size=(4, 4)) * 0.3)

    def run(state: Any, xs: Any) -> Any:
        def step(h: Any, x: Any) -> Any:
            h = ops.tanh(ops.matmul(h, weights) + x)
            return h, {"state": h, "none": None}

        return ops.scan(step, state, xs, reverse=reverse)

    state, xs = np.zeros((2, 4), "float32"), np.random.default_rng(1).normal(size=(steps, 2, 4)).astype("float32")
    last, ys = openvino.compile_step(run, [weights])(state, xs)
    wanted, rows = run(openvino.to_tensor(state), openvino.to_tensor(xs))
    np.testing.assert_allclose(last, wanted, atol=1e-5)
    np.testing.assert_allclose(ys["state"], rows["state"], atol=1e-5)
    assert ys["none"] is None


def test_a_choice_among_several(openvino: OpenVINOBackend) -> None:
    branches = [lambda x: x + 1.0, lambda x: x * 3.0, ops.negative]
    run = openvino.compile_step(lambda i, x: ops.switch(i, branches, x), [])
    x = np.full(1, 2.0, "float32")
    assert [run(np.array(i, "int32"), x).tolist() for i in (-1, 0, 1, 2, 9)] == [[3.0], [3.0], [6.0], [-2.0], [-2.0]]


@pytest.mark.parametrize("steps", [2, 4, 20])
def test_states_that_are_convolved_blended_and_stacked_keep_their_values(openvino: OpenVINOBackend, steps: int) -> None:
    random = np.random.default_rng(0)
    x, kernel = random.normal(size=(steps, 2, 4, 2)), random.normal(size=(1, 2, 2))
    keep = random.uniform(size=(steps, 2, 1, 1)) > 0.4

    def run(x: Any, keep: Any) -> Any:
        def step(state: Any, row: Any) -> Any:
            inputs, kept = row
            state = ops.where(kept, ops.tanh(inputs + ops.conv(state, kernel.astype("float32"))), state)
            return state, state

        return ops.scan(step, ops.zeros((2, 4, 2)), (x, keep))[1]

    state, expected = np.zeros((2, 4, 2)), []
    for inputs, kept in zip(x, keep, strict=True):
        state = np.where(kept, np.tanh(inputs + state @ kernel[0]), state)
        expected.append(state)
    found = openvino.compile_step(run, [])(x.astype("float32"), keep)
    np.testing.assert_allclose(ops.convert_to_numpy(found), expected, atol=1e-5)
