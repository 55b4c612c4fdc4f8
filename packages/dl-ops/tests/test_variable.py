"""Variables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from dl_ops import Variable, backend_scope, get_backend, ops
from dl_ops.backend import Backend


def test_value_shape_and_dtype(backend: Backend) -> None:
    v = Variable([[1.0, 2.0], [3.0, 4.0]], name="w")
    assert (v.shape, v.dtype, v.ndim, v.name, v.backend) == ((2, 2), "float32", 2, "w", backend)
    assert v.numpy().tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert backend.is_tensor(v.value)


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        (1, None, "int32"),
        ([1.5], None, "float32"),
        (True, None, "bool"),
        (np.ones(2, "float16"), None, "float16"),
        (np.ones(2, "float32"), "bfloat16", "bfloat16"),
        ([1], "uint8", "uint8"),
    ],
)
def test_dtype_of_the_initial_value(backend: Backend, value: Any, dtype: str | None, expected: str) -> None:
    assert Variable(value, dtype=dtype).dtype == expected


def test_an_initializer_is_called_with_shape_and_dtype(backend: Backend) -> None:
    seen: list[Any] = []

    def initializer(shape: Any, dtype: Any = None) -> Any:
        seen.append((shape, dtype))
        return np.full(shape, 2.0)

    v = Variable(initializer, shape=(2, 3), dtype="float16")
    assert seen == [((2, 3), "float16")]
    assert v.dtype == "float16"
    assert v.numpy().tolist() == [[2.0] * 3] * 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"initializer": lambda shape, dtype: 0}, "shape=None must be fully known"),
        ({"initializer": lambda shape, dtype: 0, "shape": (None, 2)}, "must be fully known"),
        ({"initializer": [1.0, 2.0], "shape": (3,)}, r"initial value has shape \(2,\), expected \(3,\)"),
        ({"initializer": 1.0, "name": "a/b"}, "name='a/b'"),
        ({"initializer": 1.0, "aggregation": "median"}, "aggregation='median'"),
        ({"initializer": 1.0, "synchronization": "never"}, "synchronization='never'"),
        ({"initializer": 1.0, "dtype": "float33"}, "dtype='float33'"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with backend_scope("numpy"), pytest.raises(ValueError, match=message):
        Variable(**arguments)


def test_assignment_casts_and_checks_the_shape(backend: Backend) -> None:
    v = Variable([1.0, 2.0], name="v")
    v.assign(np.array([3, 4]))
    assert v.numpy().tolist() == [3.0, 4.0]
    assert v.dtype == "float32"
    v.assign_add([1.0, 1.0])
    v.assign_sub([0.5, 0.5])
    assert v.numpy().tolist() == [3.5, 4.5]
    with pytest.raises(ValueError, match=r"shape \(3,\) to variable 'v' of shape \(2,\)"):
        v.assign([1.0, 2.0, 3.0])
    assert v.numpy().tolist() == [3.5, 4.5]


def test_assigning_from_the_own_value_reads_before_it_writes(backend: Backend) -> None:
    v = Variable([1.0, 2.0, 3.0])
    old = v.numpy()
    v.assign(ops.flip(v))
    assert v.numpy().tolist() == [3.0, 2.0, 1.0]
    assert old.tolist() == [1.0, 2.0, 3.0], "what was read before is not touched"


def test_the_initial_array_is_not_shared(backend: Backend) -> None:
    array = np.zeros(2, "float32")
    v = Variable(array)
    v.assign_add([1.0, 1.0])
    assert array.tolist() == [0.0, 0.0]
    copy = v.numpy()
    copy += 5
    assert v.numpy().tolist() == [1.0, 1.0]


def test_operators_are_ops(backend: Backend) -> None:
    v = Variable([2.0, -3.0])
    assert ops.convert_to_numpy(v + 1).tolist() == [3.0, -2.0]
    assert ops.convert_to_numpy(1 - v).tolist() == [-1.0, 4.0]
    assert ops.convert_to_numpy(-v * v).tolist() == [-4.0, -9.0]
    assert ops.convert_to_numpy(abs(v)).tolist() == [2.0, 3.0]
    assert ops.convert_to_numpy(v[0]).tolist() == 2.0
    assert ops.convert_to_numpy(v > 0).tolist() == [True, False]
    assert ops.convert_to_numpy(v / 2).tolist() == [1.0, -1.5]


def test_python_conversions(backend: Backend) -> None:
    assert float(Variable(1.5)) == 1.5
    assert int(Variable(3)) == 3
    assert bool(Variable(True))
    assert len(Variable([1.0, 2.0])) == 2
    assert np.asarray(Variable([1.0])).tolist() == [1.0]
    with pytest.raises(TypeError, match="no dimensions"):
        len(Variable(1.0))


def test_it_stays_on_the_backend_it_was_created_on() -> None:
    with backend_scope("numpy"):
        v = Variable([1.0])
    assert v.backend is get_backend("numpy")
    assert isinstance(ops.add(v, 1.0), np.ndarray)


def test_many_are_assigned_at_once(backend: Backend) -> None:
    variables = [Variable([1.0]), Variable([[2.0]])]
    values = [backend.to_tensor([3.0], "float32"), backend.to_tensor([[4.0]], "float32")]
    backend.assign_all(variables, values)
    assert [v.numpy().tolist() for v in variables] == [[3.0], [[4.0]]]


def test_trainable_can_be_changed(backend: Backend) -> None:
    v = Variable([1.0], trainable=False)
    assert not v.trainable
    v.trainable = True
    assert v.trainable


def test_iteration_ends_with_the_rows(backend: Backend) -> None:
    variable = Variable(np.arange(6.0).reshape(3, 2))
    assert [ops.convert_to_numpy(row).tolist() for row in variable] == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    with pytest.raises(TypeError, match="no dimensions"):
        iter(Variable(1.0))


# -- first values, computed when somebody asks -------------------------------------------------------------------------


class Counted:
    """An initializer that may wait, and how often it was called."""

    deferrable = True

    def __init__(self) -> None:
        self.calls = 0

    def on_host(self, shape: Any, dtype: str) -> Any:
        self.calls += 1
        return np.full(shape, 0.5, dtype)

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        raise AssertionError("on_host serves variables")


def test_a_first_value_waits_until_somebody_asks_and_is_computed_once(backend: Backend) -> None:
    initializer = Counted()
    v = Variable(initializer, shape=(2, 3), dtype="float32", name="late")
    assert (v.shape, v.dtype, v.path, v.trainable) == ((2, 3), "float32", "late", True)
    v.trainable = False
    assert "late" in repr(v)
    assert not hasattr(v, "no_such_attribute")
    assert initializer.calls == 0
    np.testing.assert_array_equal(v.numpy(), np.full((2, 3), 0.5, "float32"))
    assert backend.is_tensor(v.value)
    assert initializer.calls == 1


def test_what_is_assigned_before_anybody_asks_is_all_there_is(backend: Backend) -> None:
    initializer = Counted()
    v = Variable(initializer, shape=(2,), dtype="float32")
    given = np.array([1.0, 2.0], "float32")
    v.assign(given)
    given[:] = 0
    assert v.numpy().tolist() == [1.0, 2.0]
    assert initializer.calls == 0
    with pytest.raises(ValueError, match="shape"):
        Variable(Counted(), shape=(2,)).assign([1.0])


def test_a_first_value_may_be_asked_for_while_a_step_is_compiled(trainable_backend: Backend) -> None:
    v = Variable(Counted(), shape=(2,), dtype="float32")
    unlisted = Variable(Counted(), shape=(2,), dtype="float32", trainable=False)

    def step(x: Any) -> Any:
        return ops.sum(ops.multiply(v, x) + unlisted)

    jit = trainable_backend.name != "torch"
    compiled = trainable_backend.compile_step(step, [v], jit=jit)
    for _ in range(2):
        result = compiled(trainable_backend.to_tensor(np.ones(2, "float32")))
        assert float(ops.convert_to_numpy(result)) == 2.0
    loss, gradients = ops.value_and_grad(lambda: ops.sum(v * v * unlisted), [v])()
    assert float(ops.convert_to_numpy(loss)) == 0.25
    np.testing.assert_allclose(ops.convert_to_numpy(gradients[0]), [0.5, 0.5])
    assert v.numpy().tolist() == unlisted.numpy().tolist() == [0.5, 0.5]


def test_threads_that_ask_at_once_get_one_value(backend: Backend) -> None:
    initializer = Counted()
    v = Variable(initializer, shape=(200, 200), dtype="float32")
    with ThreadPoolExecutor(8) as pool:
        sums = list(pool.map(lambda _: float(v.numpy().sum()), range(16)))
    assert set(sums) == {20000.0}
    assert initializer.calls == 1
