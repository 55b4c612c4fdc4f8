"""The TensorFlow backend's side of the contract: tensors, gradients, compiled steps, control flow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from dl_ops import AutocastScope, Variable, backend_scope, get_backend, ops
from dl_ops.autodiff import value_and_grad
from dl_ops.random.primitives import random_uniform
from dl_ops.random.seeding import SeedGenerator

backend = get_backend("tensorflow")


@pytest.fixture(autouse=True)
def _on_tensorflow() -> Iterator[None]:
    with backend_scope("tensorflow"):
        yield


def array(*values: float) -> Any:
    return np.array(values, "float32")


# -- tensors --


@pytest.mark.parametrize(
    "dtype",
    ["bool", "uint8", "int8", "int32", "uint32", "float16", "bfloat16", "float64", "float8_e4m3fn", "complex64"],
)
def test_numpy_round_trip(dtype: str) -> None:
    x = backend.to_tensor([[0, 1], [1, 0]], dtype)
    assert isinstance(x, tf.Tensor)
    assert backend.dtype_name(x.dtype) == dtype == backend.to_numpy(x).dtype.name
    assert backend.to_numpy(x).real.astype("float32").tolist() == [[0, 1], [1, 0]]


def test_a_tensor_does_not_share_memory_with_the_array_it_came_from() -> None:
    source = np.zeros(1 << 16, "float32")
    x = backend.to_tensor(source)
    source[:] = 1
    assert float(ops.sum(x)) == 0


def aligned(size: int) -> np.ndarray:
    """Zeros of float32, aligned to 64 bytes as TensorFlow needs it."""
    memory = np.zeros(4 * size + 64, "uint8")
    start = -memory.ctypes.data % 64
    return memory[start : start + 4 * size].view("float32")


def test_dlpack_shares_memory() -> None:
    source = aligned(4)
    source[:] = np.arange(4)
    x = backend.from_dlpack(source)
    assert x.numpy().tolist() == [0, 1, 2, 3]
    assert np.from_dlpack(backend.to_dlpack(x)).ctypes.data == source.ctypes.data


def test_dlpack_does_not_share_memory_that_tensorflow_cannot_read() -> None:
    with pytest.raises(BufferError, match="aligned"):
        backend.from_dlpack(aligned(5)[1:])


def test_devices() -> None:
    assert "cpu:0" in backend.devices()
    with backend.device_scope("cpu:0"):
        assert backend.to_tensor([1.0]).device.endswith("CPU:0")
    with pytest.raises(ValueError, match=r"device 'cpu:99'.*cpu:0"), backend.device_scope("cpu:99"):
        pass


def test_the_framework_s_own_variables_and_tapes_work() -> None:
    w = Variable(array(1, 2))
    with tf.GradientTape() as tape:
        loss = ops.sum(ops.square(w))
    assert tape.gradient(loss, w._value).numpy().tolist() == [2, 4]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("conv2d{}/kernel", "conv2d/kernel"),
        ("adam/conv2d{}_kernel_momentum", "adam/conv2d_kernel_momentum"),
        ("two words/a{}", "two_words/a"),
        ("block_2a{}", "block_2a"),
    ],
)
def test_names_that_count_up_are_one_for_tensorflow_which_forgets_none(path: str, expected: str) -> None:
    names = [path.format(number) for number in ("", "_1", "_23")]
    found = {backend.create_storage(array(1), trainable=True, name=name).name for name in names}
    assert found == {f"{expected}:0"}


@pytest.mark.parametrize("function", [lambda x, v: x * v, lambda x, v: v * x, tf.multiply])
def test_gradients_reach_variables_through_the_framework_s_operators(function: Any) -> None:
    v = Variable(array(1, 2))
    _, (gradient,) = value_and_grad(lambda: ops.sum(function(tf.constant([3.0, 4.0]), v)), [v])()
    assert gradient.numpy().tolist() == [3, 4]


def test_ops_inside_a_data_pipeline() -> None:
    data = tf.data.Dataset.from_tensor_slices(np.arange(6, dtype="float32").reshape(3, 2)).batch(2)
    mapped = data.map(lambda x: ops.softmax(ops.reshape(ops.expand_dims(x, 1) + 1, (-1, 2)), axis=-1))
    assert [x.shape[0] for x in mapped] == [2, 1]


# -- gradients --


def test_value_and_grad_of_variables_keeps_assignments() -> None:
    w, calls = Variable(array(1, 2)), Variable(array(0), trainable=False)

    def loss(x: Any) -> tuple[Any, Any]:
        calls.assign_add([1.0])
        return ops.sum(ops.square(w) * x), {"seen": calls.value, "name": "kept"}

    (value, aux), (gradient,) = value_and_grad(loss, [w], has_aux=True)(3.0)
    assert float(value) == 15
    assert gradient.numpy().tolist() == [6, 12]
    assert aux["seen"].numpy().tolist() == [1]
    assert aux["name"] == "kept"
    assert calls.numpy().tolist() == [1]
    assert w.numpy().tolist() == [1, 2]


def test_gradient_of_a_gradient() -> None:
    def slope(x: Any) -> Any:
        return value_and_grad(lambda y: ops.sum(y * y * y))(x)[1]

    _, second = value_and_grad(lambda x: ops.sum(slope(x)))(tf.constant(2.0))
    assert float(second) == 12


def test_gradients_of_gathered_rows_are_dense() -> None:
    table = Variable(np.ones((4, 2), "float32"))
    _, (gradient,) = value_and_grad(lambda: ops.sum(ops.take(table, [0, 2, 2], axis=0)), [table])()
    assert gradient.numpy().tolist() == [[1, 1], [0, 0], [2, 2], [0, 0]]


def test_a_variable_that_does_not_matter_has_no_gradient() -> None:
    v, w = Variable(array(1)), Variable(array(1))
    assert value_and_grad(lambda: ops.sum(v * 2), [v, w])()[1][1] is None


def test_stop_gradient() -> None:
    _, gradient = value_and_grad(lambda x: ops.sum(x * ops.stop_gradient(x)))(tf.constant([3.0]))
    assert gradient.numpy().tolist() == [3]


# -- compiled steps --


def make_step() -> tuple[Any, list[Variable]]:
    """Least squares by gradient descent, with a moving mean and a counter, as layers and optimizers keep them."""
    w, mean = Variable(array(0, 0), name="w"), Variable(np.float32(0), trainable=False, name="mean")
    count = Variable(0, dtype="int32", trainable=False, name="count")

    def step(x: Any, y: Any) -> dict[str, Any]:
        def loss() -> Any:
            mean.assign(mean * 0.5 + ops.mean(x) * 0.5)
            return ops.mean(ops.square(ops.matmul(x, w) - y))

        value, (gradient,) = value_and_grad(loss, [w])()
        w.assign_sub(0.1 * gradient)
        count.assign_add(1)
        return {"loss": value}

    return step, [w, mean, count]


def batches(n: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    x = np.random.default_rng(0).standard_normal((n, 8, 2)).astype("float32")
    return x, x @ array(1, -2)


@pytest.mark.parametrize("jit", [True, False])
@pytest.mark.parametrize("steps_per_call", [1, 3])
def test_compiled_step_does_what_the_step_does(jit: bool, steps_per_call: int) -> None:
    x, y = batches(6)
    step, expected = make_step()
    losses = [float(step(a, b)["loss"]) for a, b in zip(x, y, strict=True)]
    step, state = make_step()
    compiled = backend.compile_step(step, state, jit=jit, steps_per_call=steps_per_call)
    for i in range(0, 6, steps_per_call):
        result = compiled(x[i], y[i]) if steps_per_call == 1 else compiled(x[i : i + 3], y[i : i + 3])
        assert float(result["loss"]) == pytest.approx(losses[i + steps_per_call - 1], rel=1e-5)
    for one, other in zip(state, expected, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-5)


def test_assigning_a_variable_outside_the_state_is_an_error() -> None:
    inside, outside = Variable(array(0)), Variable(array(0), name="forgotten")

    def step() -> None:
        inside.assign_add([1.0])
        outside.assign_add([1.0])

    with pytest.raises(ValueError, match="'forgotten'"):
        backend.compile_step(step, [inside])()
    assert outside.numpy().tolist() == inside.numpy().tolist() == [0]


def test_a_step_that_assigns_more_when_traced_again() -> None:
    first, second = Variable(array(0)), Variable(array(0))

    def step(x: Any) -> None:
        first.assign_add([1.0])
        if x.shape[0] > 1:
            second.assign_add([1.0])

    compiled = backend.compile_step(step, [first, second])
    for n in (1, 2, 1):
        compiled(np.zeros(n, "float32"))
    assert (first.numpy().tolist(), second.numpy().tolist()) == ([3], [1])


def test_random_numbers_differ_from_call_to_call() -> None:
    seed = SeedGenerator(3)
    compiled = backend.compile_step(lambda: random_uniform(seed.next(), (2,), "float32"), [seed.state])
    drawn = [tuple(compiled().numpy().tolist()) for _ in range(3)]
    with backend_scope("tensorflow"):
        again = SeedGenerator(3)
        assert drawn == [tuple(random_uniform(again.next(), (2,), "float32").numpy().tolist()) for _ in range(3)]
    assert len(set(drawn)) == 3
    assert seed.state.numpy().tolist() == [3, 3]


def test_autocast() -> None:
    v = Variable(array(1))
    with AutocastScope("bfloat16"):
        assert ops.add(v, 1).dtype == "bfloat16"


def test_sizes_are_left_unknown_where_many_come() -> None:
    traced = []
    total = Variable(np.float32(0), trainable=False)

    def step(x: Any) -> Any:
        traced.append(tuple(x.shape))
        return total.assign_add(ops.sum(ops.mean(x, axis=1)))

    compiled = backend.compile_step(step, [total])
    for n in (4, 4, 3, 5, 6, 7, 4):
        compiled(np.ones((n, 2), "float32"))
    assert traced == [(4, 2), (3, 2), (None, 2)]
    assert float(total) == 33


def test_a_step_that_needs_to_know_sizes() -> None:
    def step(x: Any) -> Any:
        return ops.sum(x) / float(x.shape[0])

    compiled = backend.compile_step(step, [])
    assert [float(compiled(np.ones(n, "float32"))) for n in (4, 3, 5, 6)] == [1, 1, 1, 1]


def test_nested_arguments_and_results() -> None:
    compiled = backend.compile_step(lambda data, w: {"b": data["x"] + 1, "a": (data["y"][0], w)}, [])
    result = compiled({"x": array(1), "y": [array(2), None]}, None)
    assert result["b"].numpy().tolist() == [2]
    assert result["a"][0].numpy().tolist() == [2]
    assert result["a"][1] is None


def test_numbers_as_arguments_are_not_constants() -> None:
    traces = []
    compiled = backend.compile_step(lambda x: traces.append(1) or x * 2, [])
    assert [float(compiled(x)) for x in (1.0, 2.0, 3.0)] == [2, 4, 6]
    assert len(traces) == 1


def test_variables_created_while_tracing_are_real() -> None:
    created: list[Variable] = []

    @tf.function(autograph=False)
    def f(x: Any) -> Any:
        if not created:
            created.append(Variable(array(1, 2)))
        return ops.sum(created[-1] * x)

    assert float(f(tf.ones(2))) == 3
    assert created[0].numpy().tolist() == [1, 2]


# -- control flow --


def test_variables_assigned_in_branches_and_loops() -> None:
    n = Variable(0, dtype="int32", trainable=False)

    def count(by: int, result: Any) -> Any:
        n.assign_add(by)
        return result

    def step(x: Any) -> Any:
        ops.cond(x > 0, lambda: count(1, x), lambda: x)
        ops.switch(ops.cast(x, "int32"), [lambda y: y, lambda y: count(10, y)], x)
        ops.scan(lambda c, _: count(100, (c, c)), x, length=3)
        ops.fori_loop(0, 2, lambda i, c: count(1000, c), x)
        return ops.while_loop(lambda i: i < 2, lambda i: count(10000, i + 1), ops.zeros((), "int32"))

    compiled = backend.compile_step(step, [n])
    assert int(compiled(np.float32(1))) == 2
    assert int(n) == 22311
    step(tf.constant(1.0))
    assert int(n) == 2 * 22311
    compiled(np.float32(0))
    assert int(n) == 2 * 22311 + 22300


def test_what_loops_create_belongs_to_their_tensors_backend() -> None:
    with backend_scope("numpy"):
        total, _ = ops.scan(lambda carry, x: (carry + x * ops.ones(()), None), 0.0, tf.ones(2))
    assert isinstance(total, tf.Tensor)
    assert float(total) == 2


# -- several steps in one call --


def test_what_xla_cannot_compile_runs_as_a_graph() -> None:
    total = Variable(0.0, name="total", trainable=False)
    steps = []

    def step(x: Any) -> Any:
        steps.append(x)
        # text is beyond XLA
        total.assign_add(tf.strings.to_number(tf.strings.as_string(tf.reduce_sum(x))))
        return total.value

    compiled = backend.compile_step(step, [total], steps_per_call=3)
    x = np.arange(6, dtype="float32").reshape(3, 2)
    for call in (1, 2):
        assert float(compiled(x)) == call * 15.0
        assert total.numpy() == call * 15.0
    assert len(steps) > 0


@pytest.mark.parametrize("convolves", [False, True])
def test_steps_in_one_call_assign_what_single_steps_do(convolves: bool) -> None:
    w = Variable(np.full((1, 1, 1, 1), 0.5, "float32"), name="w")
    count = Variable(0, dtype="int32", trainable=False, name="count")
    unread = Variable([7.0], trainable=False, name="unread")

    def step(x: Any) -> Any:
        y = ops.conv(x, w, 1) if convolves else ops.multiply(x, ops.reshape(w, (1,)))
        w.assign_add(ops.reshape(ops.mean(y), (1, 1, 1, 1)))
        count.assign_add(1)
        return {"mean": ops.mean(y), "nothing": None}

    x = np.arange(32, dtype="float32").reshape(4, 2, 2, 2, 1) / 10
    single = backend.compile_step(step, [w, count, unread])
    results = [single(x[i]) for i in range(4)]
    expected, w_after = float(results[-1]["mean"]), w.numpy()
    w.assign(np.full((1, 1, 1, 1), 0.5, "float32"))
    count.assign(0)
    several = backend.compile_step(step, [w, count, unread], steps_per_call=4)
    found = several(x)
    assert found["nothing"] is None
    np.testing.assert_allclose(found["mean"], expected, rtol=1e-5)
    np.testing.assert_allclose(w.numpy(), w_after, rtol=1e-5)
    assert (int(count), unread.numpy().tolist()) == (4, [7.0])
