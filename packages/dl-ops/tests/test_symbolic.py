"""Symbolic tensors, inference and graphs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dl_ops import Function, KerasTensor, Operation, Variable, backend_scope, ops
from dl_ops.symbolic import any_symbolic, is_keras_tensor
from dl_ops.testing import Case, all_cases, check_symbolic


@pytest.fixture(autouse=True)
def numpy() -> Iterator[None]:
    with backend_scope("numpy"):
        yield


@pytest.mark.parametrize("case", list(all_cases()), ids=str)
def test_unknown_sizes_agree_with_known_ones(case: Case) -> None:
    check_symbolic(case)


def test_inference_follows_the_rules() -> None:
    x = KerasTensor((None, 3))
    assert ops.add(x, np.ones((2, 1, 3), "int32")).shape == (2, None, 3)
    assert ops.add(x, np.ones(3, "float16")).dtype == "float32"
    assert ops.sum(KerasTensor((None, 3), "int8"), axis=-1).dtype == "int32"
    assert ops.exp(KerasTensor((2,), "int32")).dtype == "float32"
    assert (x > 0).dtype == "bool"
    assert x[:, 0].shape == (None,)


def test_errors_name_the_op_and_the_shapes() -> None:
    x = KerasTensor((None, 3))
    with pytest.raises(ValueError, match=r"add\(\): shapes \(None, 3\), \(2, 5\) do not broadcast: 3 and 5 differ"):
        ops.add(x, np.ones((2, 5)))
    with pytest.raises(ValueError, match=r"sum\(\): axis=2 is out of range"):
        ops.sum(x, axis=2)


@pytest.mark.parametrize(
    "use",
    [np.asarray, len, iter, float, int, bool, lambda x: range(x)],
    ids=["array", "len", "iter", "float", "int", "bool", "index"],
)
def test_there_are_no_values_to_look_at(use: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"symbolic|KerasTensor"):
        use(KerasTensor((2,)))


def test_a_dtype_and_shape_are_checked() -> None:
    with pytest.raises(ValueError, match="dtype='float33'"):
        KerasTensor((2,), "float33")
    with pytest.raises(ValueError, match="sizes must not be negative"):
        KerasTensor((-1,))
    with pytest.raises(TypeError, match="unexpected arguments"):
        KerasTensor((2,), colour="red")


def test_what_is_symbolic() -> None:
    x = KerasTensor((2,))
    assert is_keras_tensor(x)
    assert any_symbolic([1, {"a": (x,)}])
    assert not any_symbolic([1, {"a": np.ones(2)}])


def test_a_graph_computes_what_built_it() -> None:
    x, y = KerasTensor((None, 3)), KerasTensor((3,))
    z = ops.relu(ops.matmul(x, ops.reshape(y, (3, 1)))) + ops.sum(x)
    f = Function([x, y], {"z": z, "x": x})
    a, b = np.arange(6.0, dtype="float32").reshape(2, 3), np.array([1.0, -1.0, 2.0], "float32")
    out = f([a, b])
    np.testing.assert_allclose(out["z"], np.maximum(a @ b[:, None], 0) + a.sum())
    assert out["x"] is a
    assert f.compute_output_spec([KerasTensor((7, 3)), KerasTensor((3,))])["z"].shape == (7, 1)


def test_a_graph_can_be_called_symbolically_and_nested() -> None:
    x = KerasTensor((None, 2))
    inner = Function(x, ops.exp(x))
    y = KerasTensor((4, 2))
    outer = Function(y, inner(y) * 2)
    np.testing.assert_allclose(outer(np.zeros((4, 2), "float32")), 2.0)


def test_an_op_used_twice_keeps_its_places_apart() -> None:
    x = KerasTensor((2,))
    a = ops.exp(x)
    f = Function(x, [a + a, ops.exp(a)])
    first, second = f(np.zeros(2, "float32"))
    assert first.tolist() == [2.0, 2.0]
    np.testing.assert_allclose(second, np.e, rtol=1e-6)


def test_ops_of_several_results_and_of_lists_are_nodes() -> None:
    x = KerasTensor((4, 2))
    a, b = ops.split(x, 2)
    f = Function(x, ops.concatenate([b, a]))
    array = np.arange(8.0, dtype="float32").reshape(4, 2)
    assert f(array).tolist() == np.concatenate([array[2:], array[:2]]).tolist()


def test_variables_and_arrays_are_constants_of_the_graph() -> None:
    x, v = KerasTensor((2,)), Variable([1.0, 2.0])
    f = Function(x, x * v + np.array([1.0, 1.0], "float32"))
    assert f(np.ones(2, "float32")).tolist() == [2.0, 3.0]
    v.assign([10.0, 20.0])
    assert f(np.ones(2, "float32")).tolist() == [11.0, 21.0]


def test_an_output_that_is_not_computed_from_the_inputs_is_an_error() -> None:
    x, other = KerasTensor((2,)), KerasTensor((2,), name="other")
    with pytest.raises(ValueError, match=r"disconnected.*name=other"):
        Function(x, x + other)


def test_an_intermediate_tensor_may_be_the_input() -> None:
    x = KerasTensor((2,))
    a = ops.exp(x)
    f = Function(a, a * 2)
    assert f(np.ones(2, "float32")).tolist() == [2.0, 2.0]


def test_operations_know_their_inputs_and_outputs() -> None:
    class Double(Operation):
        def call(self, x: Any) -> Any:
            return x * 2

        def compute_output_spec(self, x: Any) -> Any:
            return KerasTensor(x.shape, x.dtype)

    double = Double(name="double")
    with pytest.raises(ValueError, match="double has no input: it has not been called"):
        _ = double.input
    x = KerasTensor((2,))
    y = double(x)
    assert double.input is x
    assert double.output is y
    assert double(np.ones(2)).tolist() == [2.0, 2.0]
    assert Double().name != Double().name


def test_specs_without_history_leave_no_nodes() -> None:
    x = KerasTensor((2,), record_history=False)
    assert ops.exp(x)._keras_history is None
    assert ops.exp(KerasTensor((2,)))._keras_history is not None


class Scale(Operation):
    def __init__(self, factor: Any, offset: float = 0.0, *, name: str | None = None) -> None:
        super().__init__(name)
        self.factor, self.offset = factor, offset

    def call(self, x: Any) -> Any:
        return x * self.factor + self.offset


def test_operations_are_described_by_the_arguments_they_were_made_with() -> None:
    operation = Scale(3, offset=0.5, name="scale")
    config = operation.get_config()
    assert config == {"name": "scale", "factor": 3, "offset": 0.5}
    again = Scale.from_config(config)
    assert (again.name, float(again(ops.convert_to_tensor(2.0)))) == ("scale", 6.5)
    with pytest.raises(TypeError, match=r"Scale\.from_config"):
        Scale.from_config({"size": 3})
    with pytest.raises(NotImplementedError, match=r"define get_config\(\)"):
        Scale(object()).get_config()
    with pytest.raises(NotImplementedError, match="quantized_call"):
        operation.quantized_call(1.0)
    assert operation.rematerialized_call(operation.call, 1.0) == operation.call


def test_operations_with_a_configuration_of_their_own_keep_no_arguments() -> None:
    class Named(Scale):
        def get_config(self) -> dict[str, Any]:
            return {"name": self.name}

    assert not hasattr(Named(np.ones(9)), "_made_with")
    x = KerasTensor((2,))
    with pytest.raises(NotImplementedError, match="Function"):
        Function(x, x * 2).get_config()


def test_a_function_tells_shapes_for_other_inputs() -> None:
    x, y = KerasTensor((None, 3)), KerasTensor((None, 3))
    function = Function({"x": x, "y": [y]}, [ops.concatenate([x, y], axis=0), ops.sum(x * y, axis=-1)])
    assert function.compute_output_shape({"x": (2, 3), "y": [(2, 3)]}) == [(4, 3), (2,)]
    with pytest.raises(ValueError, match="1 shapes for 2 inputs"):
        function.compute_output_shape((2, 3))


def test_ragged_members() -> None:
    x = KerasTensor((2, None), ragged=True, ragged_rank=1, row_splits_dtype="int64")
    assert (x.ragged_rank, x.row_splits_dtype, KerasTensor((2,)).ragged_rank) == (1, "int64", None)
    x.ragged_rank, x.row_splits_dtype = 2, "int32"
    assert (x.ragged_rank, x.row_splits_dtype) == (2, "int32")
