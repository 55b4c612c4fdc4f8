"""The tape: nesting, what is a constant, results of several arrays, arrays that outlive it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dl_backend_numpy.tape import pushing
from dl_backend_numpy.tape.functions import ADJOINTS, adjoint
from dl_backend_numpy.tape.recording import recording_kernel
from dl_backend_numpy.tape.rules import CONSTANT, ELEMENTWISE, LINEAR, LIST_RULES, RULES, SAVING, push_of
from dl_backend_numpy.tape.traced import Traced
from dl_ops import Variable, backend_scope, get_backend, ops, tree
from dl_ops.backend import Kernels, UnsupportedOp
from dl_ops.dtypes import is_float, numpy_dtype, standardize_dtype
from dl_ops.op import INDICES, op, primitive, registry
from dl_ops.ops import value_and_grad
from dl_ops.rules import floating, same
from dl_ops.testing import Case, all_cases
from dl_ops.testing.gradients import function_of_arrays
from dl_ops.typing import Tensor, TensorLike


@pytest.fixture(autouse=True)
def numpy() -> Iterator[Any]:
    with backend_scope("numpy") as backend:
        yield backend


def slope(f: Any) -> Any:
    return lambda *args: value_and_grad(f)(*args)[1]


# -- the tables


def test_every_kernel_of_a_primitive_has_a_rule_or_is_a_constant() -> None:
    kernels = get_backend("numpy").kernels
    # in place of gradients of random draws there are those of what the draws are put into
    primitives = {name for name in kernels if registry[name].primitive and not name.startswith("random_")}
    assert sorted(primitives - set(RULES) - set(LIST_RULES) - CONSTANT) == []


def test_the_tables_do_not_overlap() -> None:
    assert set(RULES).isdisjoint(CONSTANT)
    assert set(LIST_RULES).isdisjoint(CONSTANT | set(RULES))
    assert set(SAVING) <= set(RULES)
    assert set(ADJOINTS) <= set(RULES)
    assert set(ADJOINTS).isdisjoint(registry)


def test_rules_are_of_kernels_or_ops() -> None:
    unknown = (set(RULES) | set(LIST_RULES) | CONSTANT) - set(registry) - set(ADJOINTS)
    # ops of Keras that are yet to be defined
    assert {name for name in unknown if name in get_backend("numpy").kernels} == set()


def test_two_adjoints_of_one_name_are_an_error() -> None:
    def place(g: Any) -> Any: ...

    with pytest.raises(ValueError, match="'place'"):
        adjoint(place)


# -- nesting


def test_derivatives_nest_to_any_order() -> None:
    f = slope(slope(slope(slope(lambda x: ops.sin(x) * x))))
    x = np.float64(0.7)
    assert float(f(x)) == pytest.approx(x * np.sin(x) - 4 * np.cos(x))


def test_levels_are_told_apart() -> None:
    # d/da of (d/db of a² b² at b = a, taken as if a were constant): 2a³, whose slope is 6a²
    f = slope(lambda a: slope(lambda b: a * a * b * b)(a))
    assert float(f(np.float64(3.0))) == pytest.approx(6 * 9)


def test_the_inner_of_two_levels_does_not_see_the_outer_variable() -> None:
    # the classic confusion of perturbations: d/dx of x · (d/dy of x + y) is 1, not 2
    assert float(slope(lambda x: x * slope(lambda y: x + y)(np.float64(1.0)))(np.float64(1.0))) == 1.0


def test_a_hessian_vector_product() -> None:
    a = np.array([[2.0, 1.0], [1.0, 3.0]])
    v = np.array([1.0, -1.0])
    gradient = slope(lambda x: ops.sum(x * ops.matmul(a, x)) / 2.0)
    product = slope(lambda x: ops.sum(gradient(x) * v))(np.array([0.3, 0.4]))
    np.testing.assert_allclose(product, a @ v)


# -- what is differentiated


def test_shared_and_repeated_arguments_add_up() -> None:
    assert float(slope(lambda x: x * x + ops.exp(x) * x)(np.float64(0.0))) == 1.0
    np.testing.assert_allclose(slope(lambda x: ops.sum(ops.concatenate([x, x * 3.0, x])))(np.ones(2)), [5.0, 5.0])


def test_an_input_that_does_not_matter_has_no_gradient() -> None:
    a, b, c = Variable([1.0]), Variable([2.0]), Variable([3.0])
    _, gradients = value_and_grad(lambda: ops.sum(a * ops.floor(b)), [a, b, c])()
    assert gradients[0].tolist() == [2.0]
    assert gradients[1:] == [None, None]


def test_arguments_that_do_not_matter_have_zeros() -> None:
    _, (a, b) = value_and_grad(lambda a, b: ops.sum(a), argnums=(0, 1))(np.ones(2), np.ones(3))
    assert (a.tolist(), b.tolist()) == ([1.0, 1.0], [0.0, 0.0, 0.0])


def test_the_loss_may_be_an_input_or_a_constant() -> None:
    value, gradient = value_and_grad(lambda x: x)(np.float32(3.0))
    assert (float(value), float(gradient)) == (3.0, 1.0)
    value, gradient = value_and_grad(lambda x: ops.sum(np.ones(3)))(np.float32(3.0))
    assert (float(value), float(gradient)) == (3.0, 0.0)


def test_stop_gradient_holds_on_every_level() -> None:
    assert float(slope(lambda x: x * ops.stop_gradient(x))(np.float64(3.0))) == 3.0
    assert float(slope(slope(lambda x: x * x * ops.stop_gradient(x)))(np.float64(3.0))) == 6.0


def test_casts_between_floats_are_differentiated_and_others_are_not() -> None:
    g = slope(lambda x: ops.sum(ops.cast(ops.cast(x, "float16"), "float64") * 2.0))(np.ones(2, "float32"))
    assert (g.dtype, g.tolist()) == ("float32", [2.0, 2.0])
    x = Variable([1.5])
    assert value_and_grad(lambda: ops.sum(ops.cast(ops.cast(x, "int32"), "float32")), [x])()[1] == [None]


def test_gradients_have_the_dtype_of_their_argument() -> None:
    for dtype in ("float16", "bfloat16", "float32", "float64"):
        x = ops.cast(np.ones((2, 3)), dtype)
        _, g = value_and_grad(
            lambda x: ops.sum(ops.cast(ops.matmul(x, ops.cast(np.ones((3, 2)), "float32")), "float32"))
        )(x)
        assert g.dtype.name == dtype


def test_results_of_several_arrays() -> None:
    def f(x: Any) -> Any:
        first, _, third = ops.split(x, 3)
        values, indices = ops.top_k(x, 2)
        assert isinstance(indices, np.ndarray), "integers have no gradient"
        return ops.sum(first) + 2.0 * ops.sum(third) + 10.0 * ops.sum(values)

    np.testing.assert_allclose(slope(f)(np.array([5.0, 1.0, 2.0, 3.0, 4.0, 0.0])), [11, 1, 0, 0, 12, 2])


def test_an_op_without_a_rule_says_so() -> None:
    @op(shape=same, dtype=floating, name="example_without_rule")
    def without_rule(x: TensorLike) -> Tensor:
        raise primitive()

    kernels = get_backend("numpy").kernels
    assert isinstance(kernels, Kernels)
    kernels.register("example_without_rule", np.cbrt)
    try:
        for f in (value_and_grad(without_rule), lambda x: ops.jvp(without_rule, (x,), (x,))):
            with pytest.raises(UnsupportedOp, match="'example_without_rule' has no gradient on numpy"):
                f(np.float64(2.0))
    finally:
        del kernels._functions["example_without_rule"], registry["example_without_rule"]


# -- traced arrays outside ops


def test_values_can_be_looked_at_while_they_are_recorded() -> None:
    seen: list[Any] = []

    def f(x: Any) -> Any:
        y = x * 2.0
        seen.extend([float(y[0]), int(y[0]), bool(y[0] > 0), len(y), y.tolist(), np.asarray(y).sum(), y.shape, y.size])
        seen.append([float(part) for part in y])
        # which branch is taken is decided by values
        return ops.sum(y) if y[0] > 0 else ops.sum(x)

    assert slope(f)(np.array([1.0, 2.0])).tolist() == [2.0, 2.0]
    assert seen == [2.0, 2, True, 2, [2.0, 4.0], 6.0, (2,), 2, [2.0, 4.0]]


def test_numpy_leaves_operators_to_traced_arrays() -> None:
    a = np.array([1.0, 2.0])
    assert slope(lambda x: ops.sum(a * x + a @ x - (a < x) * 1.0))(np.array([3.0, 4.0])).tolist() == [3.0, 6.0]


def test_what_outlives_its_differentiation_is_a_constant() -> None:
    kept: list[Any] = []

    def f(x: Any) -> Any:
        y = x * x
        kept.append(y)
        return ops.sum(y)

    value_and_grad(f)(np.array([1.0, 2.0]))
    (leaked,) = kept
    assert isinstance(leaked, Traced)
    assert isinstance(leaked + 1.0, np.ndarray)
    assert ops.concatenate([leaked, leaked]).tolist() == [1.0, 4.0, 1.0, 4.0]
    assert slope(lambda x: ops.sum(x * leaked))(np.array([1.0, 1.0])).tolist() == [1.0, 4.0]
    assert leaked.tape.entries is None, "and keeps nothing else alive"


def test_a_failure_ends_the_differentiation_too() -> None:
    kept: list[Any] = []

    def f(x: Any) -> Any:
        kept.append(x * x)
        raise KeyError

    with pytest.raises(KeyError):
        value_and_grad(f)(np.ones(2))
    assert isinstance(kept[0] + 1.0, np.ndarray)


def test_aux_and_assigned_variables_hold_bare_arrays() -> None:
    w, seen = Variable([2.0]), Variable([0.0])

    def f(x: Any) -> Any:
        y = w * x
        seen.assign(y)
        return ops.sum(y), {"y": y, "text": "kept", "none": None}

    (_, aux), gradients = value_and_grad(f, [w], has_aux=True)(np.array([3.0], "float32"))
    assert type(aux["y"]) is np.ndarray
    assert aux["text"] == "kept"
    assert type(seen._value) is np.ndarray
    assert seen.numpy().tolist() == [6.0]
    assert gradients[0].tolist() == [3.0]


def test_gradients_flow_through_assigned_variables() -> None:
    w, state = Variable(2.0), Variable(0.0)

    def f() -> Any:
        state.assign(w * w)
        return state * 3.0

    assert float(value_and_grad(f, [w])()[1][0]) == 12.0


# -- dtypes and memory


@pytest.mark.parametrize("case", [case for case in all_cases() if case.gradient], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_gradients_have_the_dtype_and_shape_of_their_argument(case: Case, dtype: str) -> None:
    if dtype not in case.dtypes:
        pytest.skip("the op is not tested in this dtype")
    inputs, call = function_of_arrays(case)
    xs = [x.astype(numpy_dtype(dtype)) for x in inputs]

    def loss(*xs: Any) -> Any:
        results = [y for y in tree.flatten(call(*xs)) if is_float(standardize_dtype(y.dtype))]
        return sum(ops.sum(ops.cast(y, "float32")) for y in results)

    with np.errstate(all="ignore"):
        _, gradients = value_and_grad(loss, argnums=range(len(xs)))(*xs)
    assert [(g.dtype.name, g.shape) for g in gradients] == [(dtype, x.shape) for x in xs]


def test_a_gradient_can_be_changed_in_place() -> None:
    gradient = slope(ops.mean)(np.ones((2, 2)))
    gradient *= np.array([[1.0, 2.0], [3.0, 4.0]])
    assert gradient.tolist() == [[0.25, 0.5], [0.75, 1.0]]


# -- kernels


def test_embedding_gradients_add_up_rows() -> None:
    table = np.zeros((5, 2))
    g = slope(lambda t: ops.sum(ops.take(t, np.array([[1, -1], [1, 3]]), axis=0) * np.arange(8.0).reshape(2, 2, 2)))(
        table
    )
    np.testing.assert_allclose(g, [[0, 0], [4, 6], [0, 0], [6, 7], [2, 3]])


def test_extremes_share_their_gradient_among_equals() -> None:
    assert slope(lambda x: ops.max(x))(np.array([1.0, 3.0, 3.0])).tolist() == [0.0, 0.5, 0.5]
    assert slope(lambda x: ops.sum(ops.maximum(x, 0.0)))(np.array([-1.0, 0.0, 1.0])).tolist() == [0.0, 0.5, 1.0]
    assert slope(lambda x: ops.sum(ops.relu(x)))(np.array([-1.0, 0.0, 1.0])).tolist() == [0.0, 0.0, 1.0]


def test_classes_that_do_not_exist_have_no_gradient() -> None:
    logits = np.zeros((3, 2), "float32")

    def f(x: Any) -> Any:
        return ops.nansum(ops.sparse_categorical_crossentropy(np.array([0, -1, 2]), x, from_logits=True))

    value, gradient = value_and_grad(f)(logits)
    assert float(value) == pytest.approx(np.log(2))
    np.testing.assert_allclose(gradient, [[-0.5, 0.5], [0, 0], [0, 0]])


# -- forwards


def test_every_rule_goes_forward_as_its_transpose_does() -> None:
    # the short ways are those of element-wise and of linear kernels: they agree with the long one
    checked: set[str] = set()
    for case in all_cases():
        if not (case.gradient and case.op in ELEMENTWISE | LINEAR) or case.op in checked:
            continue
        checked.add(case.op)
        inputs, _ = function_of_arrays(case)
        definition = registry[case.op]
        arguments = definition.bind(tuple(case.args), dict(case.kwargs))
        for p in definition.parameters:
            if p.role == INDICES and arguments[p.name] is not None:
                arguments[p.name] = np.asarray(arguments[p.name])
        args, kwargs = definition.unbind(arguments)
        if kwargs or any(isinstance(x, (list, tuple)) and any(y is z for y in x for z in inputs) for x in args):
            continue
        rules, kernel = RULES.get(case.op), get_backend("numpy").kernels.get(case.op)
        if rules is None or kernel is None:
            continue
        tangents = [np.cos(x) if any(x is y for y in inputs) else None for x in args]
        output = kernel(*args)
        record = recording_kernel(kernel, rules)
        short = push_of(case.op)(record, rules, output, args, tangents, {})
        long = pushing.transposed(record, rules, output, args, tangents, {})
        for a, b in zip(tree.flatten(short), tree.flatten(long), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10, err_msg=case.op)
    assert len(checked) > 50


def test_going_forward_takes_no_more_memory_for_a_longer_function() -> None:
    x = np.ones(100_000)

    def peak(steps: int) -> int:
        def f(x: Any) -> Any:
            for _ in range(steps):
                x = ops.tanh(x * 0.9)
            return x

        tracemalloc.start()
        ops.jvp(f, (x,), (x,))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(40) < peak(10) * 1.1


def test_a_checkpoint_forgets_what_was_in_between() -> None:
    x = np.ones(100_000)

    def f(x: Any) -> Any:
        for _ in range(20):
            x = ops.tanh(x * 0.9)
        return x

    def peak(part: Any) -> int:
        tracemalloc.start()
        value_and_grad(lambda x: ops.sum(part(part(part(part(x))))))(x)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(ops.remat(f)) < peak(f) * 0.4


def test_what_outlives_going_forward_is_a_constant() -> None:
    kept: list[Any] = []

    def f(x: Any) -> Any:
        kept.append(x * x)
        return x

    ops.jvp(f, (np.ones(2),), (np.ones(2),))
    assert isinstance(kept[0] + 1.0, np.ndarray)
    assert slope(lambda x: ops.sum(x * kept[0]))(np.full(2, 3.0)).tolist() == [1.0, 1.0]


def test_what_a_checkpoint_hands_elsewhere_is_a_constant() -> None:
    kept: list[Any] = []

    @ops.remat
    def f(x: Any) -> Any:
        kept.append(x * x)
        return x * kept[-1]

    assert slope(lambda x: f(x) + kept[0])(np.float64(2.0)) == 12.0


def test_singular_vectors_without_a_gradient_have_no_tangent() -> None:
    (u, _, v_t), (du, ds, dv_t) = ops.jvp(ops.svd, (np.arange(6.0).reshape(2, 3) ** 2,), (np.eye(2, 3),))
    assert np.isnan([*du.flat, *dv_t.flat]).all()
    np.testing.assert_allclose(ds, [u[:, i] @ np.eye(2, 3) @ v_t[i] for i in range(2)])
