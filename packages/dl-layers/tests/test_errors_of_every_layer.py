"""Mistakes that can be made with any layer: the error names the layer, what came and what was expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import dl_layers
from dl_layers import Dense, InputSpec, Layer
from dl_layers.testing import LayerCase, cases
from dl_layers.testing.checks import built
from dl_ops.backend import Backend, available_backends, backend_scope, get_backend

# one case of each layer
LAYERS: list[LayerCase] = list({case.recipe.name: case for case in reversed(cases())}.values())[::-1]
# what these get comes out as it is, when nothing is trained
HANDS_ON = {"Identity", "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise"}


@pytest.fixture(autouse=True)
def on_numpy() -> Any:
    with backend_scope("numpy"):
        yield


def message_of(mistake: Callable[[], Any]) -> str:
    with pytest.raises((ValueError, TypeError, NotImplementedError)) as caught:
        mistake()
    return "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])])


def assert_names(message: str, *parts: str) -> None:
    for part in parts:
        assert part in message, f"{part!r} is not in {message!r}"


@pytest.mark.parametrize("case", LAYERS, ids=lambda case: case.recipe.name)
def test_unknown_option(case: LayerCase) -> None:
    known_as = type(case.make()).__name__
    # of a family that has one constructor the error may name that
    message = message_of(lambda: case.make(nonsense=1))
    assert_names(message, "nonsense")
    assert known_as in message or known_as.rstrip("123D") in message


@pytest.mark.parametrize("case", LAYERS, ids=lambda case: case.recipe.name)
@pytest.mark.parametrize("called_before", [False, True], ids=["new", "built"])
def test_unknown_argument_of_the_call(case: LayerCase, called_before: bool) -> None:
    layer = built(case) if called_before else case.make()
    args, kwargs = case.arguments("float32")
    assert_names(message_of(lambda: layer(*args, **kwargs, nonsense=1)), "nonsense", repr(layer.name))


@pytest.mark.parametrize("case", LAYERS, ids=lambda case: case.recipe.name)
def test_call_without_inputs(case: LayerCase) -> None:
    layer = case.make()
    assert_names(message_of(layer), repr(layer.name), "missing")


@pytest.mark.parametrize("case", LAYERS, ids=lambda case: case.recipe.name)
def test_input_that_is_no_tensor(case: LayerCase) -> None:
    layer = case.make()
    if case.recipe.name not in HANDS_ON:
        assert_names(message_of(lambda: layer(object())), layer.name)


@pytest.mark.parametrize("case", LAYERS, ids=lambda case: case.recipe.name)
def test_weights_that_do_not_fit(case: LayerCase) -> None:
    layer = built(case)
    weights = layer.get_weights()
    name = type(layer).__name__
    more = message_of(lambda: layer.set_weights([*weights, np.zeros(1)]))
    assert_names(more, name, f"{len(weights) + 1} arrays", f"{len(weights)} weights")
    if weights:
        wrong = [np.zeros((*weights[0].shape, 7)), *weights[1:]]
        assert_names(message_of(lambda: layer.set_weights(wrong)), name, str(wrong[0].shape), str(weights[0].shape))


@pytest.mark.parametrize("case", LAYERS, ids=lambda case: case.recipe.name)
def test_what_needs_a_built_layer(case: LayerCase) -> None:
    layer = case.make()
    if layer.built:
        return
    assert_names(message_of(layer.count_params), layer.name, "not built")
    assert_names(message_of(lambda: layer.stateless_call([], [])), layer.name, "build")


OTHERS = [name for name in ("jax", "torch", "tensorflow") if name in available_backends()]


@pytest.mark.parametrize("case", LAYERS, ids=lambda case: case.recipe.name)
@pytest.mark.skipif(not OTHERS, reason="needs a second backend")
def test_tensors_of_another_backend(case: LayerCase) -> None:
    layer = built(case)
    if not layer.weights:
        return  # it computes on any
    other = get_backend(OTHERS[0])
    args, kwargs = case.arguments("float32")

    def foreign(x: Any) -> Any:
        if isinstance(x, (list, tuple)):
            return [foreign(item) for item in x]
        return other.to_tensor(x) if isinstance(x, np.ndarray) else x

    assert_names(message_of(lambda: layer(*map(foreign, args), **kwargs)), repr(layer.name), "numpy", other.name)


@pytest.mark.parametrize(
    ("spec", "shape", "parts"),
    [
        (InputSpec(ndim=3), (2, 3), ["ndim=3", "ndim=2", "(2, 3)"]),
        (InputSpec(min_ndim=3), (2, 3), ["min_ndim=3", "(2, 3)"]),
        (InputSpec(max_ndim=1), (2, 3), ["max_ndim=1", "(2, 3)"]),
        (InputSpec(axes={-1: 4}), (2, 3), ["axis -1", "4", "found 3", "(2, 3)"]),
        (InputSpec(shape=(None, 5)), (2, 3), ["(None, 5)", "(2, 3)"]),
        (InputSpec(dtype="int32"), (2, 3), ["int32", "float32", "(2, 3)"]),
        ([InputSpec(), InputSpec()], (2, 3), ["2 input", "got 1"]),
    ],
    ids=str,
)
def test_inputs_against_the_specification(spec: Any, shape: tuple[int, ...], parts: list[str]) -> None:
    class Same(Layer):
        def call(self, x: Any) -> Any:
            return x

    layer = Same(name="the_layer")
    layer(np.ones(shape, "float32"))
    # also for shapes that were fine before
    layer.input_spec = spec
    assert_names(message_of(lambda: layer(np.ones(shape, "float32"))), "the_layer", *parts)


def test_own_layers(backend: Backend) -> None:
    class NoCall(Layer):
        pass

    class NoInit(Layer):
        def __init__(self) -> None:
            self.units = 3

        def call(self, x: Any) -> Any:
            return x

    class NoScalar(Layer):
        def call(self, x: Any) -> Any:
            self.add_loss(x)
            return x

    x = np.ones((2, 3), "float32")
    assert_names(message_of(lambda: NoCall()(x)), "NoCall", "call()")
    with pytest.raises(RuntimeError, match=r"NoInit.*super\(\).__init__\(\)"):
        NoInit()(x)
    assert_names(message_of(lambda: NoScalar(name="the_layer")(x)), "the_layer", "scalar", "(2, 3)")
    assert_names(message_of(lambda: Dense(2).add_metric(1)), "Dense", "compile(metrics=")
    assert_names(message_of(lambda: Dense.from_config({"nonsense": 1})), "Dense", "nonsense")


def test_a_call_that_was_right_can_go_wrong_later() -> None:
    layer = dl_layers.Add(name="the_layer")
    x = np.ones((2, 3), "float32")
    layer([x, x])
    assert_names(message_of(lambda: layer([x, np.ones((2, 4), "float32")])), "the_layer", "(2, 3)", "(2, 4)")
    assert_names(message_of(lambda: layer([x, "text"])), "the_layer")
