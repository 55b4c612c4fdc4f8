"""The JAX backend's side of the contract: tensors, gradients, compiled steps, control flow."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dl_ops import AutocastScope, Variable, backend_scope, get_backend, ops
from dl_ops.autodiff import value_and_grad
from dl_ops.random.primitives import random_uniform
from dl_ops.random.seeding import SeedGenerator

backend = get_backend("jax")


@pytest.fixture(autouse=True)
def _on_jax() -> Iterator[None]:
    with backend_scope("jax"):
        yield


def array(*values: float) -> Any:
    return np.array(values, "float32")


# -- tensors --


@pytest.mark.parametrize(
    "dtype",
    ["bool", "uint8", "int8", "int32", "uint32", "float16", "bfloat16", "float32", "float8_e4m3fn", "complex64"],
)
def test_numpy_round_trip(dtype: str) -> None:
    x = backend.to_tensor([[0, 1], [1, 0]], dtype)
    assert isinstance(x, jax.Array)
    assert backend.dtype_name(x.dtype) == dtype == backend.to_numpy(x).dtype.name
    assert backend.to_numpy(x).real.astype("float32").tolist() == [[0, 1], [1, 0]]
    assert not x.weak_type


def test_a_tensor_does_not_share_memory_with_the_array_it_came_from() -> None:
    for size in (8, 1 << 16, 1 << 22):
        source = np.zeros(size, "float32")
        x = backend.to_tensor(source)
        source[:] = 1
        assert float(x.sum()) == 0


def test_64_bits_become_32_unless_enabled() -> None:
    assert backend.to_tensor(np.arange(3)).dtype == "int32"
    assert backend.cast(jnp.ones(2), "int64").dtype == "int32"
    assert backend.cast(jnp.ones(2), "float64").dtype == "float32"
    with jax.enable_x64(True):
        assert backend.cast(jnp.ones(2), "float64").dtype == "float64"


def test_dlpack_shares_memory() -> None:
    x = jnp.arange(4.0)
    exported = np.from_dlpack(backend.to_dlpack(x))
    assert exported.ctypes.data == x.unsafe_buffer_pointer()
    assert backend.from_dlpack(np.arange(3.0, dtype="float32")).tolist() == [0, 1, 2]


def test_devices() -> None:
    assert "cpu:0" in backend.devices()
    with backend.device_scope("cpu:0"):
        assert backend.to_tensor([1.0]).device == jax.local_devices(backend="cpu")[0]
    with pytest.raises(ValueError, match=r"device 'cpu:99'.*cpu:0"), backend.device_scope("cpu:99"):
        pass


# -- gradients --


def test_value_and_grad_of_variables_keeps_assignments() -> None:
    w, calls = Variable(array(1, 2)), Variable(array(0), trainable=False)

    def loss(x: Any) -> tuple[Any, Any]:
        calls.assign_add([1.0])
        return ops.sum(ops.square(w) * x), {"seen": calls.value, "name": "kept"}

    (value, aux), (gradient,) = value_and_grad(loss, [w], has_aux=True)(3.0)
    assert float(value) == 15
    assert gradient.tolist() == [6, 12]
    assert aux["seen"].tolist() == [1]
    assert aux["name"] == "kept"
    assert calls.numpy().tolist() == [1]
    assert w.numpy().tolist() == [1, 2]


def test_gradient_of_a_gradient() -> None:
    def slope(x: Any) -> Any:
        return value_and_grad(lambda y: ops.sum(y * y * y))(x)[1]

    _, second = value_and_grad(lambda x: ops.sum(slope(x)))(jnp.array(2.0))
    assert float(second) == 12


def test_stop_gradient() -> None:
    _, gradient = value_and_grad(lambda x: ops.sum(x * ops.stop_gradient(x)))(jnp.array([3.0]))
    assert gradient.tolist() == [3]


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


def test_compiled_once_for_each_shape() -> None:
    traces = []
    total = Variable(np.float32(0), trainable=False)

    def step(x: Any) -> Any:
        traces.append(x.shape)
        return total.assign_add(ops.sum(x))

    compiled = backend.compile_step(step, [total])
    for n in (4, 4, 3, 4, 3):
        compiled(np.ones(n, "float32"))
    assert traces == [(4,), (3,)]
    assert float(total) == 18


def test_assigning_a_variable_outside_the_state_is_an_error() -> None:
    inside, outside = Variable(array(0)), Variable(array(0), name="forgotten")

    def step() -> None:
        inside.assign_add([1.0])
        outside.assign_add([1.0])

    with pytest.raises(ValueError, match="'forgotten'"):
        backend.compile_step(step, [inside])()
    assert outside.numpy().tolist() == inside.numpy().tolist() == [0]


def test_values_that_somebody_else_holds_survive() -> None:
    mine = jnp.array([1.0, 2.0])
    a, b, unchanged = Variable(array(0, 0)), Variable(array(0, 0)), Variable(array(5, 5))
    held = unchanged.value

    def step() -> None:
        a.assign_add(unchanged)
        b.assign_add(unchanged)

    compiled = backend.compile_step(step, [a, b, unchanged])
    for _ in range(2):
        a.assign(mine)
        b.assign(mine)
        compiled()
    assert mine.tolist() == [1, 2]
    assert held.tolist() == [5, 5]
    assert a.numpy().tolist() == b.numpy().tolist() == [6, 7]


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


def test_a_loop_leaves_the_variables_as_single_calls_do() -> None:
    first, second = Variable(array(0), name="first"), Variable(array(0), name="second")
    rate = Variable(array(2), name="rate")

    def step(x: Any) -> Any:
        first.assign_add(ops.sum(x) * rate)
        if x.shape[0] > 1:
            second.assign_add([1.0])
        return first.value

    compiled: Any = backend.compile_step(step, [first, second, rate])
    held = first.value
    # shapes differ on the way, and with the second one more is assigned
    count, result = compiled.over([(np.ones(n, "float32"),) for n in (1, 1, 2, 2, 1)])
    assert (count, result.tolist()) == (5, [14])
    assert (first.numpy().tolist(), second.numpy().tolist()) == ([14], [2])
    assert held.tolist() == [0]
    assert compiled.over([]) == (0, None)


def test_a_loop_that_ends_in_an_error_leaves_the_variables_usable() -> None:
    v = Variable(array(0))
    compiled: Any = backend.compile_step(lambda x: v.assign_add(x), [v])

    def batches() -> Iterator[Any]:
        for _ in range(3):
            yield (array(1),)
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        compiled.over(batches())
    assert v.numpy().tolist() == [3]
    compiled(array(1))
    assert v.numpy().tolist() == [4]


def test_an_interrupt_leaves_the_variables_usable() -> None:
    w = Variable(np.eye(400, dtype="float32"))
    compiled = backend.compile_step(lambda: w.assign(ops.matmul(w, w)), [w])
    compiled()

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    def forever() -> None:
        while True:
            compiled()

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for delay in (0.002, 0.003, 0.005, 0.008):
            signal.setitimer(signal.ITIMER_REAL, delay)
            with pytest.raises(KeyboardInterrupt):
                forever()
            assert w.numpy()[0, 0] == 1
    finally:
        signal.signal(signal.SIGALRM, before)


def test_random_numbers_differ_from_call_to_call() -> None:
    seed = SeedGenerator(3)
    compiled = backend.compile_step(lambda: random_uniform(seed.next(), (2,), "float32"), [seed.state])
    drawn = [tuple(compiled().tolist()) for _ in range(3)]
    with backend_scope("jax"):
        again = SeedGenerator(3)
        assert drawn == [tuple(random_uniform(again.next(), (2,), "float32").tolist()) for _ in range(3)]
    assert len(set(drawn)) == 3
    assert seed.state.numpy().tolist() == [3, 3]


def test_variables_created_while_tracing_are_real() -> None:
    created = []

    def f(x: Any) -> Any:
        created.append(Variable(array(1, 2)))
        return ops.sum(created[-1] * x)

    jax.jit(f)(jnp.ones(2))
    assert created[0].numpy().tolist() == [1, 2]


def test_autocast() -> None:
    v = Variable(array(1))
    with AutocastScope("bfloat16"):
        assert ops.add(v, 1).dtype == "bfloat16"


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
    step(jnp.float32(1))
    assert int(n) == 2 * 22311
    compiled(np.float32(0))
    assert int(n) == 2 * 22311 + 22300


def test_a_failing_call_is_explained_by_the_op() -> None:
    with pytest.raises(ValueError, match=r"add\(\): shapes \(2,\), \(3,\) do not broadcast"):
        ops.add(jnp.ones(2), jnp.ones(3))


def test_defaults_follow_the_configuration() -> None:
    from dl_ops import config

    before = config.floatx()
    try:
        assert ops.eye(2).dtype == "float32"
        config.set_floatx("bfloat16")
        assert ops.eye(2).dtype == "bfloat16"
    finally:
        config.set_floatx(before)


def test_lists_as_static_arguments() -> None:
    assert ops.sum(jnp.ones((2, 3)), axis=[0, 1]).tolist() == 6
    assert ops.pad(jnp.ones(1), [[1, 0]]).tolist() == [0, 1]


def test_what_loops_create_belongs_to_their_tensors_backend() -> None:
    with backend_scope("numpy"):
        total, _ = ops.scan(lambda carry, x: (carry + x * ops.ones(()), None), 0.0, jnp.ones(2))
    assert isinstance(total, jax.Array)
    assert float(total) == 2
