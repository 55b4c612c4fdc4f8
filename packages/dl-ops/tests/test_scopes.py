"""What holds for a stretch of code: names, autocast, stateless execution, symbolic execution; in one thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dl_ops import AutocastScope, StatelessScope, SymbolicScope, Variable, backend_scope, name_scope, ops
from dl_ops.backend import backend_choice
from dl_ops.scopes import current, current_path, in_stateless_scope, symbolic_scope
from dl_ops.symbolic import KerasTensor


@pytest.fixture(autouse=True)
def numpy() -> Iterator[None]:
    with backend_scope("numpy"):
        yield


def test_names_nest_and_go_into_variables_paths() -> None:
    with name_scope("a"), name_scope("b"):
        v = Variable([1.0], name="kernel")
        assert current_path() == "a/b"
    assert v.path == "a/b/kernel"
    assert current_path() == ""


@pytest.mark.parametrize("name", ["a/b", 3])
def test_a_name_that_is_no_segment_of_a_path_is_an_error(name: object) -> None:
    with pytest.raises(ValueError, match="name_scope"):
        name_scope(name)


def test_autocast_changes_how_float_variables_are_read() -> None:
    v, fixed, number = Variable([1.5]), Variable([1.5], autocast=False), Variable([1], dtype="int32")
    with AutocastScope("float16"):
        assert v.dtype == v.value.dtype == "float16"
        assert fixed.value.dtype == "float32"
        assert number.value.dtype == "int32"
        with AutocastScope(None):
            assert v.value.dtype == "float32"
    assert v.dtype == v.value.dtype == "float32"


def test_assigning_under_autocast_keeps_the_variables_dtype() -> None:
    v = Variable([1.5])
    with AutocastScope("float16"):
        v.assign(v + 1.0)
    assert v.value.dtype == "float32"
    assert v.numpy().tolist() == [2.5]


def test_stateless_keeps_assignments_apart() -> None:
    given, assigned, untouched = Variable([1.0]), Variable([2.0]), Variable([3.0])
    with StatelessScope([(given, np.array([10.0], "float32"))]) as scope:
        assert in_stateless_scope()
        assert given.numpy().tolist() == [10.0]
        assigned.assign([20.0])
        assigned.assign_add([1.0])
        assert assigned.numpy().tolist() == [21.0]
        assert scope.get_current_value(assigned).tolist() == [21.0]
    assert not in_stateless_scope()
    assert [v.numpy().tolist() for v in (given, assigned, untouched)] == [[1.0], [2.0], [3.0]]
    assert scope.written == [assigned]
    assert scope.get_current_value(given).tolist() == [10.0]
    assert scope.get_current_value(assigned).tolist() == [21.0]
    assert scope.get_current_value(untouched) is None


def test_stateless_scopes_nest() -> None:
    v = Variable([1.0])
    with StatelessScope([(v, np.array([2.0], "float32"))]) as outer:
        with StatelessScope([(v, np.array([3.0], "float32"))]):
            v.assign([4.0])
        assert v.numpy().tolist() == [2.0]
        v.assign([5.0])
    assert outer.get_current_value(v).tolist() == [5.0]
    assert v.numpy().tolist() == [1.0]


def test_stateless_restores_after_an_exception() -> None:
    v = Variable([1.0])
    with pytest.raises(ValueError, match="shape"), StatelessScope([(v, np.array([2.0], "float32"))]):
        v.assign(v + ops.ones(3))
    assert v.numpy().tolist() == [1.0]
    assert not in_stateless_scope()


def test_ops_without_tensors_are_symbolic_inside_the_symbolic_scope() -> None:
    with symbolic_scope():
        y = ops.zeros((2, 3))
    assert isinstance(y, KerasTensor)
    assert y.shape == (2, 3)
    assert isinstance(ops.zeros(2), np.ndarray)


def test_scopes_belong_to_a_thread() -> None:
    seen: list[object] = []
    with name_scope("main"), AutocastScope("float16"), StatelessScope():
        thread = threading.Thread(
            target=lambda: seen.extend([current.names, current.autocast, current.stateless, current.backend])
        )
        thread.start()
        thread.join()
    assert seen == [(), None, None, None]
    assert backend_choice().name == "numpy"


def test_symbolic_scopes_nest() -> None:
    with SymbolicScope() as outer:
        with SymbolicScope():
            pass
        assert isinstance(ops.zeros(2), KerasTensor)
    assert outer is not None
    assert isinstance(ops.zeros(2), np.ndarray)


def test_updates_of_a_stateless_scope_end_with_it() -> None:
    v = Variable([1.0, 2.0])
    with StatelessScope() as scope:
        scope.add_update((v, ops.convert_to_tensor([5.0, 6.0])))
        np.testing.assert_array_equal(ops.convert_to_numpy(v.value), [5.0, 6.0])
    np.testing.assert_array_equal(scope.get_current_value(v), [5.0, 6.0])
    np.testing.assert_array_equal(v.numpy(), [1.0, 2.0])


@pytest.mark.parametrize("pairs", [[(1, 2)], [(Variable, 1, 2)], [3]])
def test_a_stateless_scope_wants_pairs_of_variables_and_values(pairs: Any) -> None:
    with pytest.raises(ValueError, match="state_mapping must be pairs"):
        StatelessScope(pairs)
    with pytest.raises(ValueError, match="update must be pairs"):
        StatelessScope().add_update(pairs[0])


def test_losses_are_kept_where_they_are_asked_for() -> None:
    scope = StatelessScope(collect_losses=True)
    scope.add_loss(1.0)
    assert (scope.losses, scope.collect_losses, StatelessScope().collect_losses) == ([1.0], True, False)
