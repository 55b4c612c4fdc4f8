"""Eager calls: conversion, promotion, plans, errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from dl_ops import Variable, backend_scope, get_backend, ops
from dl_ops.backend import Backend, UnsupportedOp, registry
from dl_ops.dispatch import general_call
from dl_ops.op import op, primitive
from dl_ops.op import registry as op_registry
from dl_ops.rules import broadcast, promoted, same
from dl_ops.typing import ConditionLike, IndicesLike, Tensor, TensorLike


class Foreign:
    """Tensor of the made-up backend below."""

    def __init__(self, value: Any) -> None:
        self.value = np.asarray(value)
        self.shape, self.dtype, self.ndim = self.value.shape, self.value.dtype, self.value.ndim


class ForeignBackend(Backend):
    """A backend whose tensors are a class of their own."""

    name = "foreign"
    tensor_types = (Foreign,)
    kernels: ClassVar[dict[str, Any]] = {"add": lambda x1, x2: Foreign(x1.value + x2.value)}
    version = "1"

    def to_tensor(self, value: Any, dtype: str | None = None) -> Any:
        return Foreign(self.to_array(value, dtype))

    def to_numpy(self, x: Any) -> Any:
        return x.value

    def cast(self, x: Any, dtype: str) -> Any:
        return Foreign(x.value.astype(dtype))

    def dtype_name(self, dtype: Any) -> str:
        return str(dtype.name)

    def vjp(self, f: Any, inputs: Any) -> Any:
        raise NotImplementedError

    def stop_gradient(self, x: Any) -> Any:
        return x


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch) -> Backend:
    monkeypatch.setattr(registry, "_loaded", dict(registry._loaded))
    return registry.register_backend("foreign", ForeignBackend())


@pytest.fixture(autouse=True)
def numpy() -> Iterator[Backend]:
    with backend_scope("numpy") as backend:
        yield backend


@pytest.fixture
def example() -> Iterator[dict[str, Any]]:
    """A place to define ops that are forgotten after the test."""
    before = dict(op_registry)
    yield {}
    op_registry.clear()
    op_registry.update(before)


# -- what arguments become


def test_numbers_lists_and_arrays_are_converted_and_promoted_together() -> None:
    y = ops.add(np.array([1, 2], "int16"), 1.5)
    assert y.dtype == "float32"
    assert y.tolist() == [2.5, 3.5]
    assert ops.add([1, 2], np.float32(1)).dtype == "float32"
    assert ops.add([[1], [2]], [10, 20]).tolist() == [[11, 21], [12, 22]]


def test_a_python_number_takes_the_width_of_the_tensor() -> None:
    assert ops.add(np.ones(2, "float16"), 1.0).dtype == "float16"
    assert ops.add(np.ones(2, "uint8"), 1).dtype == "uint8"


def test_variables_are_read() -> None:
    v = Variable([1.0, 2.0])
    assert ops.add(v, v).tolist() == [2.0, 4.0]
    assert ops.add(np.ones(2, "float32"), v).tolist() == [2.0, 3.0]
    assert ops.concatenate([v, v]).tolist() == [1.0, 2.0, 1.0, 2.0]


def test_arguments_may_be_passed_by_name() -> None:
    x = np.arange(6.0, dtype="float32").reshape(2, 3)
    assert ops.sum(x, keepdims=True).tolist() == [[15.0]]
    assert ops.add(x2=1.0, x1=np.zeros(2, "float32")).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.add(1), r"add\(\): missing a required argument: 'x2'"),
        (lambda: ops.add(1, 2, 3), r"add\(\): too many positional arguments"),
        (lambda: ops.add(1, x3=2), r"add\(\): "),
        (lambda: ops.add(np.ones(2), x1=np.ones(2)), r"add\(\): multiple values for argument 'x1'"),
    ],
    ids=["missing", "too-many", "unknown", "twice"],
)
def test_arguments_that_do_not_fit_the_signature_are_a_type_error(call: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call()


def test_conditions_become_booleans_and_indices_are_not_promoted(example: Any) -> None:
    seen: list[Any] = []

    @op(shape=same, dtype=promoted, name="example_roles")
    def roles(x: TensorLike, indices: IndicesLike, condition: ConditionLike, static: Any = None) -> Tensor:
        seen.extend([x, indices, condition, static])
        return ops.add(x, 0)

    roles(np.ones(2, "float32"), [1, 2], [0, 3], [1, 2])
    assert [a.dtype.name for a in seen[:3]] == ["float32", "int32", "bool"]
    assert seen[2].tolist() == [False, True]
    assert seen[3] == [1, 2]


def test_what_is_no_tensor_is_a_type_error_that_names_it() -> None:
    with pytest.raises(TypeError, match=r"add\(\): .*object is not a tensor"):
        ops.add(np.ones(2), object())


# -- backends


def test_tensors_of_two_backends_are_a_type_error_that_names_both(foreign: Backend) -> None:
    ours, theirs = Variable([1.0, 2.0]), foreign.to_tensor([1.0, 2.0])
    with pytest.raises(TypeError, match=r"add\(\) got tensors of (foreign and numpy|numpy and foreign)"):
        ops.add(ours, theirs)
    with pytest.raises(TypeError, match=r"foreign.*numpy|numpy.*foreign"):
        ops.concatenate([ours, theirs])
    with pytest.raises(TypeError, match="convert_to_tensor"):
        ops.add(theirs, ours)


def test_a_tensors_type_decides_the_backend_and_arrays_follow(foreign: Backend) -> None:
    x = foreign.to_tensor([1.0, 2.0])
    assert type(ops.add(x, x)) is Foreign
    assert type(ops.add(x, 1)) is Foreign
    assert type(ops.add(np.ones(2, "float32"), x)) is Foreign
    with backend_scope(foreign):
        assert type(ops.add(1.0, 2.0)) is Foreign


def test_an_op_without_kernel_and_default_says_so(foreign: Backend) -> None:
    with pytest.raises(UnsupportedOp, match="'exp' has no kernel on foreign"):
        ops.exp(foreign.to_tensor([1.0]))


def test_a_default_runs_in_the_scope_of_the_tensors_backend(foreign: Backend, example: Any) -> None:
    @op(shape=same, dtype=promoted, name="example_scope")
    def scoped(x: TensorLike) -> Tensor:
        return ops.add(x, ops.convert_to_tensor([1.0, 1.0]))

    assert type(scoped(foreign.to_tensor([1.0, 2.0]))) is Foreign


# -- plans


def test_a_plan_is_made_once_for_a_tuple_of_types(monkeypatch: pytest.MonkeyPatch, example: Any) -> None:
    made: list[Any] = []
    backend = get_backend("numpy")
    # a plan is where the kernel is looked up
    monkeypatch.setattr(backend, "kernel", lambda name, types: made.append(name), raising=False)

    @op(shape=broadcast, dtype=promoted, name="example_plans")
    def plans(x1: TensorLike, x2: TensorLike) -> Tensor:
        return x1  # type: ignore[return-value]

    a, b = np.ones(2, "float32"), np.ones(2, "int32")
    for _ in range(3):
        plans(a, b)
        plans(b, a)
    assert made == ["example_plans"]
    for _ in range(3):
        plans(a, 1)
        plans(a, 2)
    assert made == ["example_plans"] * 2


def test_casts_are_worked_out_once_for_a_tuple_of_dtypes(example: Any) -> None:
    from dl_ops.rules import DtypeRule

    asked: list[Any] = []
    rule = DtypeRule(lambda dtypes: asked.append(tuple(dtypes)) or "float32", lambda dtype, arguments: dtype)

    @op(shape=broadcast, dtype=rule, name="example_casts")
    def casts(x1: TensorLike, x2: TensorLike) -> Tensor:
        assert x1.dtype == x2.dtype == "float32"  # type: ignore[union-attr]
        return x1  # type: ignore[return-value]

    for _ in range(3):
        casts(np.ones(2, "int32"), np.ones(2, "float32"))
    assert asked == [("int32", "float32")]
    casts(np.ones(2, "int32"), np.ones(2, "int32"))
    assert asked == [("int32", "float32"), ("int32", "int32")]


def test_plans_of_one_backend_are_not_used_for_another(foreign: Backend) -> None:
    x = np.ones(2, "float32")
    assert type(ops.add(x, x)) is np.ndarray
    with backend_scope(foreign):
        assert type(ops.add(x, x)) is Foreign
    assert type(ops.add(x, x)) is np.ndarray


# -- errors


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.add(np.ones(2), np.ones(3)), r"add\(\): shapes \(2,\), \(3,\) do not broadcast"),
        (lambda: ops.sum(np.ones((2, 3)), axis=2), r"sum\(\): axis=2 is out of range .* 2 dimensions"),
        (lambda: ops.reshape(np.ones(6), (4, 2)), r"reshape\(\): "),
        (lambda: ops.concatenate([np.ones((2, 3)), np.ones((2, 4))]), r"concatenate\(\): "),
        (lambda: ops.matmul(np.ones((2, 3)), np.ones((2, 3))), r"matmul\(\): "),
    ],
    ids=["broadcast", "axis", "reshape", "concatenate", "matmul"],
)
def test_a_failing_kernel_is_explained_by_the_ops_rules(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_an_error_that_the_rules_cannot_explain_is_the_kernels_own(example: Any) -> None:
    @op(shape=same, dtype=promoted, name="example_error")
    def failing(x: TensorLike) -> Tensor:
        raise RuntimeError("out of luck")

    with pytest.raises(RuntimeError, match="out of luck"):
        failing(np.ones(2))


# -- definitions


def test_two_ops_of_one_name_are_an_error(example: Any) -> None:
    def add(x: TensorLike) -> Tensor:
        raise primitive()

    with pytest.raises(ValueError, match="two ops are named 'add'"):
        op(shape=same, dtype=promoted)(add)


def test_a_primitive_without_rules_is_an_error() -> None:
    def lonely(x: TensorLike) -> Tensor:
        raise primitive()

    with pytest.raises(TypeError, match="'lonely' has no default to infer from"):
        op(dtype=promoted)(lonely)


@pytest.mark.parametrize("name", sorted(op_registry))
def test_bind_and_unbind_are_inverse(name: str) -> None:
    definition = op_registry[name]
    arguments = {
        p.name: () if p.variadic else {} if p.name in ("kwargs", "axes_lengths") else object()
        for p in definition.parameters
    }
    args, kwargs = definition.unbind(arguments)
    assert definition.bind(tuple(args), kwargs) == arguments


def test_the_default_can_be_forced() -> None:
    calls: list[str] = []
    backend = get_backend("numpy")
    assert "square" in backend.kernels
    y = general_call(op_registry["square"], (np.array([1.0, 3.0]),), {}, default=True)
    assert y.tolist() == [1.0, 9.0]
    assert not calls


# -- for any input


@given(shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4), data=st.data())
def test_broadcasting_is_numpys(shapes: Any, data: st.DataObject) -> None:
    (a, b), result = shapes.input_shapes, shapes.result_shape
    with backend_scope("numpy"):
        assert ops.add(np.zeros(a), np.zeros(b)).shape == result


@given(a=st.lists(st.integers(0, 3), max_size=3), b=st.lists(st.integers(0, 3), max_size=3))
def test_shapes_broadcast_exactly_where_numpys_do(a: list[int], b: list[int]) -> None:
    with backend_scope("numpy"):
        try:
            expected = np.broadcast_shapes(tuple(a), tuple(b))
        except ValueError:
            with pytest.raises(ValueError, match="do not broadcast"):
                ops.multiply(np.zeros(a), np.zeros(b))
        else:
            assert ops.multiply(np.zeros(a), np.zeros(b)).shape == expected
