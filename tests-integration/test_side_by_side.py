"""Models of two frameworks in one process: trained, compared, given each other's weights and each other's tensors."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations, permutations
from threading import Thread
from typing import Any

import numpy as np
import pytest

import dl
from dl_ops.backend import Backend, get_backend
from dl_ops.op import CONDITION, INDICES, OPERAND
from dl_ops.testing import all_cases
from dl_ops.testing.pytest_backends import backends_under_test

# NumPy's arrays belong to no one, so that its backend has no tensors of its own to mix up with others
FRAMEWORKS = [name for name in ("jax", "torch", "tensorflow", "openvino") if name in backends_under_test()]
TRAINING = [name for name in FRAMEWORKS if name != "openvino"]
PREFIXES = {"jax": "jax", "torch": "torch", "tensorflow": "tensorflow", "openvino": "dl_backend_openvino"}

X = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
Y = (X[:, :1] - X[:, 1:2] * X[:, 2:3]).astype("float32")


def network(seed: int = 0) -> Any:
    dl.utils.set_random_seed(seed)
    model = dl.Sequential([dl.Input((6,)), dl.layers.Dense(16, activation="tanh"), dl.layers.Dense(1)])
    model.compile(dl.optimizers.Adam(0.02), "mean_squared_error")
    return model


def framework_of(tensor: Any) -> str:
    """Name of the backend whose framework made a tensor."""
    module = type(tensor).__module__
    return next(name for name, prefix in PREFIXES.items() if module.startswith(prefix))


# -- models ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("one", "other"), list(combinations(TRAINING, 2)))
def test_two_models_train_and_compare(one: str, other: str) -> None:
    with dl.backend_scope(one):
        first = network()
    with dl.backend_scope(other):
        second = network()
    # interleaved, and outside both scopes: each model enters its own backend
    losses: dict[str, list[float]] = {one: [], other: []}
    for _ in range(3):
        for name, model in ((one, first), (other, second)):
            losses[name] += model.fit(X, Y, batch_size=16, shuffle=False, verbose=0).history["loss"]
    np.testing.assert_allclose(losses[one], losses[other], rtol=1e-4)
    assert losses[one][-1] < 0.9 * losses[one][0]
    assert framework_of(first(X)) == one
    assert framework_of(second(X)) == other
    np.testing.assert_allclose(
        dl.ops.convert_to_numpy(first(X)), dl.ops.convert_to_numpy(second(X)), rtol=1e-4, atol=1e-4
    )
    np.testing.assert_allclose(first.evaluate(X, Y, verbose=0), second.evaluate(X, Y, verbose=0), rtol=1e-3)


@pytest.mark.parametrize(("source", "target"), list(permutations(["numpy", *FRAMEWORKS], 2)))
def test_weights_are_copied_from_one_to_the_other(source: str, target: str) -> None:
    with dl.backend_scope(source):
        first = network(1)
    with dl.backend_scope(target):
        second = network(2)
    expected = first.predict(X, verbose=0)
    assert np.abs(second.predict(X, verbose=0) - expected).max() > 0.01
    second.set_weights(first.get_weights())
    np.testing.assert_allclose(second.predict(X, verbose=0), expected, atol=1e-5)
    # a copy: what happens to one does not happen to the other
    first.set_weights([np.zeros_like(weight) for weight in first.get_weights()])
    assert not first.predict(X, verbose=0).any()
    np.testing.assert_allclose(second.predict(X, verbose=0), expected, atol=1e-5)


def test_arrays_given_and_got_stay_the_callers(backend: Backend) -> None:
    model = network()
    kernel = model.layers[0].kernel
    given = [np.zeros(weight.shape, "float32") for weight in model.get_weights()]
    model.set_weights(given)
    initial = np.zeros((3,), "float32")
    variable = dl.Variable(initial)
    got = [*model.get_weights(), kernel.numpy(), variable.numpy()]
    for array in (*given, initial, *got):
        array += 1
    assert not any(weight.any() for weight in model.get_weights())
    assert not variable.numpy().any()
    assigned = np.zeros(kernel.shape, "float32")
    kernel.assign(assigned)
    assigned += 1
    assert not kernel.numpy().any()


@pytest.mark.parametrize(("own", "foreign"), list(permutations(TRAINING, 2)))
def test_tensors_of_another_framework_serve_as_data(own: str, foreign: str) -> None:
    x, y = (dl.ops.convert_to_tensor(array, backend=foreign) for array in (X, Y))
    with dl.backend_scope(own):
        with_arrays, with_tensors = network(), network()
    expected = with_arrays.fit(X, Y, shuffle=False, verbose=0).history["loss"]
    assert with_tensors.fit(x, y, shuffle=False, verbose=0).history["loss"] == pytest.approx(expected, rel=1e-6)


# -- tensors of the wrong framework ------------------------------------------------------------------------------------


def assign(model: Any, x: Any) -> Any:
    model.layers[1].bias.assign(x[0, :1])
    return model.layers[1].bias.value


WRONG: dict[str, Callable[[Any, Any, Any], Any]] = {
    "model": lambda model, own, x: model(x),
    "layer": lambda model, own, x: model.layers[0](x),
    "op": lambda model, own, x: dl.ops.add(own, x),
    "op with a list": lambda model, own, x: dl.ops.concatenate([own, x]),
    "op with a variable": lambda model, own, x: dl.ops.matmul(x, model.layers[0].kernel),
    "assignment": lambda model, own, x: assign(model, x),
}


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize(("own", "foreign"), list(permutations(FRAMEWORKS, 2)))
def test_a_tensor_of_the_wrong_framework_is_refused(own: str, foreign: str, what: str) -> None:
    call = WRONG[what]
    with dl.backend_scope(own):
        model, ours = network(), dl.ops.convert_to_tensor(X)
    theirs = dl.ops.convert_to_tensor(X, backend=foreign)
    before = model.get_weights()
    with pytest.raises(TypeError) as caught:
        call(model, ours, theirs)
    message = str(caught.value)
    assert re.search(rf"tensors of ({own} and {foreign}|{foreign} and {own})", message)
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)

    # what the message says to do works
    conversion = re.search(r'dl\.ops\.convert_to_tensor\(x, backend="(\w+)"\)', message)
    assert conversion is not None
    named = conversion[1]
    if what in ("model", "layer", "assignment"):
        assert named == own  # weights stay where they are
    if named == own:
        converted = dl.ops.convert_to_tensor(theirs, backend=named)
        assert framework_of(converted) == own
        result = call(model, ours, converted)
        expected = call(model, ours, X)
    else:
        converted = dl.ops.convert_to_tensor(ours, backend=named)
        assert framework_of(converted) == foreign
        if what == "op with a variable":
            model = DenseThere(model, named)
        result = call(model, converted, theirs)
        expected = call(model, X, theirs)
    np.testing.assert_allclose(dl.ops.convert_to_numpy(result), dl.ops.convert_to_numpy(expected), rtol=1e-5, atol=1e-6)


class DenseThere:
    """Stands for a model whose first kernel was converted."""

    def __init__(self, model: Any, backend: str) -> None:
        self.layers = [self]
        self.kernel = dl.ops.convert_to_tensor(model.layers[0].kernel, backend=backend)


# -- which backend is active -------------------------------------------------------------------------------------------


@pytest.fixture
def chosen() -> Any:
    """Puts back what `set_backend` replaces."""
    from dl_ops.backend import registry

    before = registry._chosen
    yield
    registry._chosen = before


needs_two = pytest.mark.skipif(len(FRAMEWORKS) < 2, reason="needs two of JAX, Torch, TensorFlow and OpenVINO")


@needs_two
def test_set_backend_affects_what_is_built_from_then_on(chosen: None) -> None:
    one, other = FRAMEWORKS[:2]
    dl.config.set_backend(one)
    model = network()
    dl.config.set_backend(other)
    assert dl.config.backend() == other
    assert framework_of(dl.ops.ones((2,))) == other
    assert framework_of(network()(X)) == other
    assert framework_of(dl.layers.Dense(2)(X)) == other
    # what exists stays where it is
    assert framework_of(model(X)) == one
    assert framework_of(model.layers[0].kernel.value) == one
    assert framework_of(dl.ops.square(model.layers[0].kernel)) == one
    model.fit(X, Y, verbose=0) if one in TRAINING else model.predict(X, verbose=0)
    assert framework_of(model.layers[0].kernel.value) == one
    assert dl.config.backend() == other


@needs_two
def test_scopes_nest_and_end_with_what_was_before(chosen: None) -> None:
    one, other = FRAMEWORKS[:2]
    dl.config.set_backend("numpy")
    with dl.backend_scope(one):
        with dl.backend_scope(other):
            assert dl.config.backend() == other
            assert framework_of(dl.ops.ones((2,))) == other
        assert framework_of(dl.ops.ones((2,))) == one
        dl.config.set_backend(other)
        assert dl.config.backend() == one  # the scope goes first
        with pytest.raises(ZeroDivisionError), dl.backend_scope(other):
            raise ZeroDivisionError
        assert dl.config.backend() == one
    assert dl.config.backend() == other


@needs_two
def test_a_scope_is_its_threads_own(chosen: None) -> None:
    one, other = FRAMEWORKS[:2]
    dl.config.set_backend(other)
    seen: list[str] = []
    with dl.backend_scope(one):
        thread = Thread(target=lambda: seen.append(framework_of(dl.ops.ones((2,)))))
        thread.start()
        thread.join()
    assert seen == [other]


@pytest.mark.parametrize(("one", "other"), list(combinations(FRAMEWORKS, 2)))
def test_every_op_refuses_tensors_of_two_frameworks(one: str, other: str) -> None:
    message = rf"tensors of ({one} and {other}|{other} and {one}): convert one of them first"
    refused = 0
    for case in {case.op: case for case in all_cases()}.values():
        op = case.definition
        places = [p.name for p in op.parameters if p.role in (OPERAND, INDICES, CONDITION) and not p.variadic]
        args, kwargs = case.arguments(case.dtypes[0])
        arguments = op.bind(args, kwargs)
        arrays = [name for name in places if isinstance(arguments[name], np.ndarray)]
        if len(arrays) < 2:
            continue
        for name, owner in zip(arrays, (one, other), strict=False):
            arguments[name] = get_backend(owner).to_tensor(arguments[name])
        positional, keyword = op.unbind(arguments)
        with pytest.raises(TypeError, match=message) as caught:
            op.public(*positional, **keyword)
        assert str(caught.value).startswith(f"{op.name}()")
        refused += 1
    assert refused > 50


@needs_two
def test_data_without_an_owner_goes_to_the_active_backend_and_tensors_stay() -> None:
    one, other = FRAMEWORKS[:2]
    with dl.backend_scope(one):
        ours = dl.ops.convert_to_tensor(X)
        assert framework_of(dl.ops.add(X, 1)) == one
    with dl.backend_scope(other):
        assert framework_of(dl.ops.add(X, 1)) == other
        assert framework_of(dl.ops.add(ours, X)) == one
        assert framework_of(dl.ops.convert_to_tensor(ours)) == one


@pytest.mark.parametrize(("source", "target"), list(permutations(["numpy", *FRAMEWORKS], 2)))
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int32", "bool"])
def test_conversion_keeps_values_and_dtype(source: str, target: str, dtype: str) -> None:
    tensor = dl.ops.convert_to_tensor([[0, 1, 2], [3, 4, 5]], dtype, backend=source)
    converted = dl.ops.convert_to_tensor(tensor, backend=target)
    assert target == "numpy" or framework_of(converted) == target
    assert dl.backend.standardize_dtype(converted.dtype) == dtype
    expected = np.array([[0, 1, 2], [3, 4, 5]]).astype("bool" if dtype == "bool" else "float32")
    np.testing.assert_array_equal(dl.ops.convert_to_numpy(converted).astype(expected.dtype), expected)
