"""What the Torch backend does beside kernels: variables, gradients, devices, lists of tensors, exchange with NumPy."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import torch

from dl_backend_torch.engine import TorchBackend
from dl_backend_torch.tensor_list import TensorList
from dl_ops import Variable, ops, random
from dl_ops.autodiff import value_and_grad
from dl_ops.backend.registry import backend_scope, get_backend
from dl_ops.random.primitives import random_uniform
from dl_ops.random.seeding import SeedGenerator


@pytest.fixture(autouse=True)
def backend() -> Iterator[TorchBackend]:
    found = get_backend("torch")
    assert isinstance(found, TorchBackend)
    with backend_scope(found):
        yield found


# -- tensors --


@pytest.mark.parametrize(
    "dtype", ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int32", "float16", "float64", "complex64"]
)
def test_arrays_come_back_from_tensors(backend: TorchBackend, dtype: str) -> None:
    array = np.array([[0, 1, 3], [2, 1, 0]]).astype(dtype)
    tensor = backend.to_tensor(array)
    assert backend.dtype_name(tensor.dtype) == dtype
    np.testing.assert_array_equal(backend.to_numpy(tensor), array)
    assert backend.to_numpy(tensor).dtype == array.dtype


@pytest.mark.parametrize("dtype", [ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2])
def test_dtypes_that_numpy_lacks_come_back_too(backend: TorchBackend, dtype: Any) -> None:
    array = np.array([0.5, -2.0, 1.5]).astype(dtype)
    tensor = backend.to_tensor(array)
    assert tensor.float().tolist() == [0.5, -2.0, 1.5]
    back = backend.to_numpy(tensor)
    assert back.dtype == dtype
    np.testing.assert_array_equal(back, array)


def test_arrays_that_torch_cannot_share_are_copied(backend: TorchBackend) -> None:
    frozen = np.arange(3.0)
    frozen.flags.writeable = False
    for array in (frozen, np.arange(3.0)[::-1], np.arange(3.0).astype(">f8")):
        assert backend.to_tensor(array).tolist() == array.tolist()


def test_strings_are_refused(backend: TorchBackend) -> None:
    with pytest.raises(TypeError, match="PyTorch has no tensors of dtype"):
        backend.to_tensor(np.array(["a"]))


def test_a_tensor_that_requires_gradients_gives_its_values(backend: TorchBackend) -> None:
    x = torch.ones(2, requires_grad=True)
    assert backend.to_numpy(x * 2).tolist() == [2.0, 2.0]


@pytest.mark.parametrize("value", [0.0, -0.0, 2.5, 3, True, float("inf"), 1e300, 2 + 1j])
def test_scalars_have_the_dtype_asked_for(backend: TorchBackend, value: Any) -> None:
    dtype = {bool: "bool", int: "uint8", float: "float16", complex: "complex64"}[type(value)]
    for _ in range(2):
        scalar = backend.scalar(value, dtype)
        assert (scalar.shape, backend.dtype_name(scalar.dtype)) == ((), dtype)
        with np.errstate(over="ignore"):
            expected = np.asarray(value).astype(dtype)
        assert backend.to_numpy(scalar).tobytes() == expected.tobytes()


def test_dlpack_shares_memory_both_ways(backend: TorchBackend) -> None:
    array = np.zeros(3, "float32")
    tensor = backend.from_dlpack(array)
    tensor[1] = 5.0
    assert array.tolist() == [0.0, 5.0, 0.0]
    exported = np.from_dlpack(backend.to_dlpack(torch.nn.Parameter(tensor)))
    assert exported.tolist() == [0.0, 5.0, 0.0]


def test_arrays_are_moved_to_cuda_without_waiting(backend: TorchBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    # stands in for the device: only what PyTorch is asked for
    calls: list[Any] = []
    pinned = torch.zeros(2)

    def pin_memory(x: torch.Tensor) -> torch.Tensor:
        calls.append(x.tolist())
        return pinned

    def to(x: torch.Tensor, *args: Any, **options: Any) -> torch.Tensor:
        calls.append((x is pinned, args, options))
        return x

    monkeypatch.setattr(torch.Tensor, "pin_memory", pin_memory)
    monkeypatch.setattr(torch.Tensor, "to", to)
    with backend.device_scope("gpu:1"):
        assert backend.to_tensor(np.array([1.0, 2.0])) is pinned
    assert calls == [[1.0, 2.0], (True, (torch.device("cuda:1"),), {"non_blocking": True})]
    del calls[:]
    with backend.device_scope("cpu"):
        assert backend.to_tensor(np.array([1.0, 2.0])).tolist() == [1.0, 2.0]
    with backend.device_scope("meta"):
        backend.to_tensor(np.array([1.0, 2.0]))
    assert calls == [(False, (torch.device("meta"),), {})]


def test_device_scope_places_what_is_created(backend: TorchBackend) -> None:
    assert backend.devices()[-1] == "cpu:0"
    with backend.device_scope("meta"):
        assert ops.zeros((2,)).device.type == "meta"  # type: ignore[attr-defined]
        assert backend.to_tensor([1, 2]).device.type == "meta"
    assert ops.zeros((2,)).device.type != "meta"  # type: ignore[attr-defined]
    with (
        pytest.raises(ValueError, match=r"device_name='tpu:0': expected one such as .*'cpu:0'"),
        backend.device_scope("tpu:0"),
    ):
        pass


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64"])
def test_unsigned_arithmetic_wraps_around(dtype: str) -> None:
    x = np.array([0, np.iinfo(dtype).max], dtype)
    result = ops.convert_to_numpy(ops.add(torch.from_numpy(x), 2))
    assert (result.dtype, result.tolist()) == (np.dtype(dtype), [2, 1])


# -- variables --


def test_a_trainable_variable_is_a_leaf_that_backward_finds() -> None:
    w, counter = Variable([1.0, 2.0]), Variable(0, dtype="int32")
    assert isinstance(w.value, torch.nn.Parameter)
    assert not counter.value.requires_grad
    loss: Any = ops.sum(ops.square(w))
    loss.backward()
    gradient: Any = w.value.grad
    assert gradient.tolist() == [2.0, 4.0]
    torch.optim.SGD([w.value], lr=0.5).step()
    assert w.numpy().tolist() == [0.0, 0.0]


def test_assignment_keeps_the_parameter_and_leaves_the_source_alone() -> None:
    w, source = Variable([1.0, 2.0]), Variable([3.0, 4.0], trainable=False)
    parameter = w.value
    w.assign(source)
    assert w.value is parameter
    w.assign_add([1.0, 1.0])
    assert (w.numpy().tolist(), source.numpy().tolist()) == ([4.0, 5.0], [3.0, 4.0])
    source.assign(w)
    w.assign([0.0, 0.0])
    assert source.numpy().tolist() == [4.0, 5.0]


def test_a_variable_does_not_share_its_initial_values_memory() -> None:
    array = np.ones(2, "float32")
    v = Variable(array)
    array[0] = 7.0
    assert v.numpy().tolist() == [1.0, 1.0]


def test_what_autograd_has_saved_survives_an_assignment_in_the_forward_pass() -> None:
    w, mean = Variable([2.0]), Variable([3.0], trainable=False)

    def f() -> Any:
        y = ops.sum(ops.multiply(w, mean))  # saves the mean for the backward pass
        mean.assign(ops.add(mean, w))
        return y

    _, (gradient,) = value_and_grad(f, [w])()
    assert (gradient.tolist(), mean.numpy().tolist()) == ([3.0], [5.0])
    assert not mean.value.requires_grad


def test_freezing_stops_the_graph_and_thawing_brings_it_back() -> None:
    w = Variable([1.0])
    w.trainable = False
    assert not ops.multiply(w, 2.0).requires_grad  # type: ignore[attr-defined]
    w.trainable = True
    assert ops.multiply(w, 2.0).requires_grad  # type: ignore[attr-defined]


def test_assign_all_takes_values_that_are_the_variables_own_memory(backend: TorchBackend) -> None:
    a, b = Variable([1.0]), Variable([2.0])
    backend.assign_all([a, b], [b.value, a.value])
    assert (a.numpy().tolist(), b.numpy().tolist()) == ([2.0], [1.0])


# -- gradients --


def test_gradients_of_variables_and_what_the_function_assigned(backend: TorchBackend) -> None:
    w, unused, calls = Variable([1.0, 2.0]), Variable([1.0]), Variable(0, dtype="int32", trainable=False)

    def f() -> Any:
        calls.assign_add(1)
        return ops.sum(ops.power(w, 3.0)), {"y": ops.multiply(w, 2.0)}

    (loss, aux), (gradient, none) = value_and_grad(f, [w, unused], has_aux=True)()
    assert (float(loss), gradient.tolist(), none) == (9.0, [3.0, 12.0], None)
    assert not loss.requires_grad
    assert not aux["y"].requires_grad
    assert int(calls) == 1


def test_gradients_inside_no_grad_and_of_a_frozen_variable() -> None:
    w = Variable([3.0], trainable=False)
    with torch.no_grad():
        loss, (gradient,) = value_and_grad(lambda: ops.sum(ops.square(w)), [w])()
    assert (float(loss), gradient.tolist()) == (9.0, [6.0])


def test_gradients_nest() -> None:
    def cubed(x: Any) -> Any:
        return ops.sum(ops.power(x, 3.0))

    def slope(x: Any) -> Any:
        return ops.sum(value_and_grad(cubed)(x)[1])

    x = torch.tensor([1.0, 2.0])
    value, gradient = value_and_grad(slope)(x)
    assert (float(value), gradient.tolist()) == (15.0, [6.0, 12.0])


def test_a_gradient_penalty_reaches_the_variables() -> None:
    w = Variable([2.0])

    def penalty() -> Any:
        _, slope = value_and_grad(lambda x: ops.sum(ops.multiply(ops.square(w), x)))(torch.ones(1))
        return ops.sum(ops.square(slope))

    loss, (gradient,) = value_and_grad(penalty, [w])()
    assert (float(loss), gradient.tolist()) == (16.0, [32.0])


def test_gradients_inside_vectorized_map() -> None:
    def gradient(x: Any) -> Any:
        return value_and_grad(lambda y: ops.sum(ops.square(y)))(x)[1]

    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert torch.equal(ops.vectorized_map(gradient, x), 2 * x)


def test_inference_scope_records_no_graph(backend: TorchBackend) -> None:
    w = Variable([1.0])
    with backend.inference_scope():
        assert not ops.multiply(w, 2.0).requires_grad  # type: ignore[attr-defined]


# -- steps --


@pytest.mark.parametrize("steps_per_call", [1, 3])
def test_a_compiled_step_reads_and_assigns(backend: TorchBackend, steps_per_call: int) -> None:
    total = Variable(0.0, trainable=False)
    run = backend.compile_step(
        lambda x: total.assign_add(ops.sum(x)), [total], jit=False, steps_per_call=steps_per_call
    )
    data = np.arange(6.0, dtype="float32").reshape(3, 2)
    result = run(data) if steps_per_call > 1 else [run(batch) for batch in data][-1]
    assert float(result) == float(total) == 15.0


def _adjusted(w: Variable, calls: Variable, seed: SeedGenerator) -> Any:
    def step(x: Any, options: Any) -> Any:
        def loss() -> Any:
            calls.assign_add(1)
            return ops.sum(ops.square(ops.matmul(x, w) * options["scale"]))

        value, (gradient,) = value_and_grad(loss, [w])()
        w.assign_sub(gradient * 0.01)
        return {"loss": value, "noise": random.uniform((10_000,), seed=seed), "name": "step"}

    return step


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler")
def test_a_jitted_step_does_what_the_eager_one_does(backend: TorchBackend) -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]], "float32")
    results = []
    for jit in (False, True):
        w, calls, seed = Variable([[1.0], [0.5]]), Variable(0, dtype="int32", trainable=False), SeedGenerator(3)
        parameter = w.value
        run = backend.compile_step(_adjusted(w, calls, seed), [w, calls, seed.state], jit=jit)
        outputs = [run(x, {"scale": 2.0}) for _ in range(3)]
        assert w.value is parameter
        assert outputs[0]["name"] == "step"
        noise = [backend.to_numpy(output["noise"]) for output in outputs]
        assert abs(np.mean(noise) - 0.5) < 0.01
        assert abs(np.std(noise) - 12**-0.5) < 0.01
        assert not np.array_equal(noise[0], noise[1])
        results.append(([float(output["loss"]) for output in outputs], w.numpy(), int(calls), seed.state.numpy()))
    for eager, jitted in zip(*results, strict=True):
        np.testing.assert_allclose(eager, jitted, rtol=1e-5)


def test_a_step_that_cannot_be_jitted_runs_eagerly_and_says_so(backend: TorchBackend) -> None:
    run = backend.compile_step(ops.nonzero, [], jit=True)
    with pytest.warns(UserWarning, match="runs eagerly, since it cannot be compiled: DynamicOutputShape"):
        (found,) = run(np.array([0.0, 1.0, 2.0]))
    assert found.tolist() == [1, 2]


def test_a_jitted_step_must_know_what_it_assigns(backend: TorchBackend) -> None:
    v = Variable(0.0, name="forgotten", trainable=False)
    with pytest.raises(ValueError, match="assigns 'forgotten', not among the variables"):
        backend.compile_step(lambda x: v.assign(ops.sum(x)), [], jit=True)(np.ones(2))
    assert float(v) == 0.0


# -- lists of tensors --

_UNARY = ["absolute", "exp", "floor", "log", "negative", "reciprocal", "rsqrt", "sign", "sqrt", "square", "tanh", "sum"]
_BINARY = ["add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "greater"]


def _lists(backend: TorchBackend) -> tuple[list[Any], list[Any], TensorList, TensorList]:
    rng = np.random.default_rng(0)
    a, b = ([torch.tensor(rng.uniform(0.5, 2, shape)) for shape in ((2, 3), (4,), ())] for _ in range(2))
    return a, b, backend.batch_tensors(a), backend.batch_tensors(b)


def _assert_same(batch: TensorList, expected: list[Any]) -> None:
    assert isinstance(batch, TensorList)
    for x, y in zip(batch.tensors, expected, strict=True):
        torch.testing.assert_close(x, y)


@pytest.mark.parametrize("name", _UNARY)
def test_unary_ops_act_on_each_tensor(backend: TorchBackend, name: str) -> None:
    a, _, batch, _ = _lists(backend)
    op = getattr(ops, name)
    _assert_same(op(batch), [op(x) for x in a])


@pytest.mark.parametrize("name", _BINARY)
def test_binary_ops_act_on_pairs_scalars_and_common_tensors(backend: TorchBackend, name: str) -> None:
    a, b, batch_a, batch_b = _lists(backend)
    op = getattr(ops, name)
    scalar = torch.tensor(1.5, dtype=torch.float64)
    _assert_same(op(batch_a, batch_b), [op(x, y) for x, y in zip(a, b, strict=True)])
    _assert_same(op(batch_a, scalar), [op(x, scalar) for x in a])
    _assert_same(op(scalar, batch_b), [op(scalar, y) for y in b])
    _assert_same(op(batch_a, 2.0), [op(x, 2.0) for x in a])
    _assert_same(op(2.0, batch_b), [op(2.0, y) for y in b])


def test_lists_have_operators_promote_and_choose(backend: TorchBackend) -> None:
    a, b, batch_a, batch_b = _lists(backend)
    choose: Any = ops.where
    result = choose(batch_a > batch_b, batch_a, 0.0)  # type: ignore[operator]  # filled from a table
    _assert_same(result, [torch.where(x > y, x, 0.0) for x, y in zip(a, b, strict=True)])
    halves = backend.cast(batch_a, "float16")
    assert halves.dtype is torch.float16
    assert (halves + batch_b).dtype is torch.float64


def test_lists_of_parameters_record_no_graph(backend: TorchBackend) -> None:
    w = Variable([1.0, 2.0])
    batch = ops.square(backend.batch_tensors([w.value]))
    assert not any(x.requires_grad for x in backend.unbatch_tensors(batch, [w.value]))


def test_tensors_of_several_dtypes_make_no_list(backend: TorchBackend) -> None:
    assert backend.batch_tensors([torch.ones(1), torch.ones(1, dtype=torch.float16)]) is None
    assert backend.batch_tensors([]) is None


# -- random numbers --


def test_a_draw_depends_on_its_key_alone() -> None:
    def draw(seed: int, counter: int) -> list[float]:
        key = torch.tensor([seed, counter], dtype=torch.uint32)
        numbers: list[float] = random_uniform(key, (4,), "float32").tolist()  # type: ignore[attr-defined]
        return numbers

    first = draw(1, 0)
    torch.manual_seed(0)
    assert draw(1, 0) == first
    others = [draw(1, 1), draw(2, 0), draw(0, 1), draw(0, 0)]
    assert all(numbers != first for numbers in others)
    # the upper half of what is mixed counts too
    assert len({tuple(draw(1, counter)) for counter in range(2**31, 2**31 + 50)}) == 50


@pytest.mark.parametrize("trainable", [True, False])
def test_variables_of_transposed_arrays_lie_in_order(backend: TorchBackend, trainable: bool) -> None:
    array = np.arange(6.0, dtype="float32").reshape(2, 3).T
    with backend_scope(backend):
        for initial in (array, lambda shape, dtype: np.array(array)):
            variable = Variable(initial, shape=(3, 2), trainable=trainable)
            assert variable.value.is_contiguous()
            np.testing.assert_array_equal(variable.numpy(), array)


@pytest.mark.parametrize(
    ("program", "expected"),
    {
        "dl.set_random_seed(5); import torch; torch.manual_seed(7); load()": 7,
        "import torch; dl.set_random_seed(5); load()": 5,
        "import torch; torch.manual_seed(7); dl.set_random_seed(5)": 5,
        "dl.set_random_seed(5); load(); import torch": 5,
    }.items(),
)
def test_the_last_seed_is_that_of_pytorch_s_generator(program: str, expected: int) -> None:
    prelude = (
        "from dl_ops import random as dl; from dl_ops.backend import get_backend; load = lambda: get_backend('torch')"
    )
    code = f"{prelude}; {program}; print(torch.initial_seed())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == expected
