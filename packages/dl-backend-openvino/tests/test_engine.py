"""What the OpenVINO backend does beside kernels: tensors, variables, and steps as compiled graphs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from dl_backend_openvino.engine import OpenVINOBackend
from dl_backend_openvino.tensors import GraphTensor, HostTensor
from dl_ops import Variable, ops, random
from dl_ops.autodiff import value_and_grad
from dl_ops.backend import UnsupportedOp, backend_scope, get_backend
from dl_ops.random.seeding import SeedGenerator


@pytest.fixture(autouse=True)
def openvino() -> Iterator[OpenVINOBackend]:
    found = get_backend("openvino")
    assert isinstance(found, OpenVINOBackend)
    with backend_scope(found):
        yield found


def _uniform(*shape: int, dtype: Any = "float32") -> Any:
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(dtype)


# -- tensors and variables --


@pytest.mark.parametrize("dtype", ["bool", "uint32", "int64", "float16", "float64", ml_dtypes.bfloat16])
def test_values_keep_their_dtype(openvino: OpenVINOBackend, dtype: Any) -> None:
    array = np.array([0, 1, 3]).astype(dtype)
    x = openvino.to_tensor(array)
    assert isinstance(x, HostTensor)
    assert (x.dtype, x.tolist()) == (np.dtype(dtype).name, array.tolist())
    assert openvino.to_numpy(openvino.cast(x, "int32")).tolist() == array.astype("int32").tolist()


def test_integers_that_the_device_has_not_are_exact_on_the_host() -> None:
    big = np.array([2**40 + 1], "int64")
    assert ops.convert_to_numpy(ops.add(big, 1)).tolist() == [2**40 + 2]


def test_a_variable_shares_no_memory_with_what_it_was_assigned() -> None:
    array = np.ones(2, "float32")
    v = Variable(array)
    v.assign(array)
    array[0] = 7.0
    assert v.numpy().tolist() == [1.0, 1.0]


def test_gradients_are_refused_by_name() -> None:
    with pytest.raises(UnsupportedOp, match="the openvino backend computes no gradients"):
        value_and_grad(lambda x: ops.sum(x))(np.ones(2, "float32"))


def test_devices_by_name(openvino: OpenVINOBackend) -> None:
    assert "cpu:0" in openvino.devices()
    with openvino.device_scope("cpu"):
        assert ops.convert_to_numpy(ops.erf(0.0)) == 0.0
    with (
        pytest.raises(ValueError, match=r"device_name='tpu': expected one of .*'cpu:0'"),
        openvino.device_scope("tpu"),
    ):
        pass


# -- compiled steps --


def _network() -> tuple[Any, list[Variable]]:
    weights = [
        Variable(_uniform(3, 3, 2, 4)),
        Variable(_uniform(4)),
        Variable(_uniform(4 * 4 * 4, 5)),
        Variable(_uniform(5)),
    ]

    def predict(x: Any) -> Any:
        kernel, bias, dense, offset = weights
        y = ops.relu(ops.add(ops.conv(x, kernel, padding="same"), bias))
        y = ops.max_pool(y, 2)
        y = ops.reshape(y, (x.shape[0], 4 * 4 * 4))
        return {"probabilities": ops.softmax(ops.add(ops.matmul(y, dense), offset)), "kind": "softmax"}

    return predict, weights


def test_a_compiled_step_agrees_with_the_host(openvino: OpenVINOBackend) -> None:
    predict, weights = _network()
    run = openvino.compile_step(predict, weights)
    for batch in (2, 3):
        x = _uniform(batch, 8, 8, 2)
        result = run(x)
        assert result["kind"] == "softmax"
        np.testing.assert_allclose(result["probabilities"], predict(openvino.to_tensor(x))["probabilities"], atol=1e-5)


def test_a_compiled_step_sees_that_a_weight_was_assigned(openvino: OpenVINOBackend) -> None:
    w = Variable([1.0, 2.0])
    run = openvino.compile_step(lambda x: ops.multiply(x, w), [w])
    x = np.ones(2, "float32")
    assert run(x).tolist() == [1.0, 2.0]
    w.assign([3.0, 4.0])
    assert run(x).tolist() == [3.0, 4.0]


def test_a_compiled_step_traces_once_for_each_signature(openvino: OpenVINOBackend) -> None:
    calls = []

    def step(x: Any, scale: Any) -> Any:
        calls.append(x.shape)
        assert isinstance(x, GraphTensor)
        return ops.multiply(x, scale)

    run = openvino.compile_step(step, [])
    for size in (2, 2, 3, 2):
        assert run(np.ones(size, "float32"), 2.0).tolist() == [2.0] * size
    assert calls == [(2,), (3,)]


def test_a_compiled_step_assigns_what_it_counts(openvino: OpenVINOBackend) -> None:
    total, count, other = Variable(0.0), Variable(0, dtype="int32"), Variable([5.0])

    def step(x: Any) -> Any:
        count.assign_add(1)
        total.assign_add(ops.sum(ops.multiply(x, other)))
        return ops.divide(total, ops.cast(count, "float32"))

    run = openvino.compile_step(step, [total, count, other])
    assert [float(run(np.full(2, float(i), "float32"))) for i in range(3)] == [0.0, 5.0, 10.0]
    assert (float(total), int(count), other.numpy().tolist()) == (30.0, 3, [5.0])
    total.assign(0.0)
    assert float(run(np.zeros(2, "float32"))) == 0.0


def test_several_steps_in_one_call(openvino: OpenVINOBackend) -> None:
    total = Variable(0.0)
    run = openvino.compile_step(lambda x: total.assign_add(ops.sum(x)), [total], steps_per_call=3)
    assert float(run(np.arange(6, dtype="float32").reshape(3, 2))) == float(total) == 15.0


def test_results_that_are_inputs_constants_and_one_another(openvino: OpenVINOBackend) -> None:
    def step(x: Any) -> Any:
        y = ops.add(x, 1.0)
        return x, y, [y, None], ops.ones((2,))

    x, y, (again, nothing), ones = openvino.compile_step(step, [])(np.zeros(2, "float32"))
    assert [t.tolist() for t in (x, y, again, ones)] == [[0.0, 0.0], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
    assert nothing is None


def test_results_stay_when_the_step_runs_again(openvino: OpenVINOBackend) -> None:
    run = openvino.compile_step(lambda x: ops.multiply(x, 2.0), [])
    first = run(np.ones(2, "float32"))
    run(np.zeros(2, "float32"))
    assert first.tolist() == [2.0, 2.0]


def test_a_choice_that_depends_on_values(openvino: OpenVINOBackend) -> None:
    def step(x: Any) -> Any:
        return ops.cond(ops.greater(ops.sum(x), 0.0), lambda: ops.add(x, 1.0), lambda: ops.negative(x))

    run = openvino.compile_step(step, [])
    assert run(np.array([2.0, -1.0], "float32")).tolist() == [3.0, 0.0]
    assert run(np.array([-2.0, 1.0], "float32")).tolist() == [2.0, -1.0]


def test_what_a_graph_cannot_do_is_named(openvino: OpenVINOBackend) -> None:
    matrix = np.eye(2, dtype="float32")
    assert ops.convert_to_numpy(ops.cholesky(matrix)).tolist() == matrix.tolist()
    with pytest.raises(UnsupportedOp, match="'cholesky' has no kernel on openvino"):
        openvino.compile_step(ops.cholesky, [])(matrix)


def test_random_numbers_in_a_graph_are_named_too(openvino: OpenVINOBackend) -> None:
    seed = SeedGenerator(1)
    assert random.uniform((2,), seed=seed).shape == (2,)
    with pytest.raises(UnsupportedOp, match="'random_uniform' has no kernel on openvino"):
        openvino.compile_step(lambda x: ops.add(x, random.uniform((2,), seed=seed)), [seed.state])(
            np.ones(2, "float32")
        )


def test_a_compiled_step_must_know_what_it_assigns(openvino: OpenVINOBackend) -> None:
    v = Variable(0.0, name="forgotten")
    with pytest.raises(ValueError, match="assigns 'forgotten', not among the variables"):
        openvino.compile_step(lambda x: v.assign(ops.sum(x)), [])(np.ones(2, "float32"))
    assert float(v) == 0.0
