"""The base class: parts, freezing, losses, names, building, configuration, calling, backends."""

from __future__ import annotations

import copy
import gc
import pickle
import warnings
from typing import Any

import numpy as np
import pytest

from dl_layers import BatchNormalization, Dense, Dropout, Flatten, Input, Layer
from dl_ops import Variable, backend_scope, ops
from dl_ops.backend import Backend, get_backend
from dl_ops.random import SeedGenerator
from dl_ops.scopes import name_scope
from dl_ops.testing.pytest_backends import backends_under_test

X = np.ones((2, 3), "float32")


class Scale(Layer):
    """One weight per feature, and a counter that is not trained."""

    def build(self, input_shape: Any) -> None:
        self.factor = self.add_weight((input_shape[-1],), "ones", name="factor")
        self.calls = self.add_weight((), "zeros", dtype="int32", trainable=False, name="calls")

    def call(self, x: Any) -> Any:
        self.calls.assign_add(1)
        return ops.multiply(x, self.factor)


class Block(Layer):
    """Layers as attributes, in a list, a dict and a tuple."""

    def __init__(self, units: int = 2, **options: Any) -> None:
        super().__init__(**options)
        self.units = units
        self.first = Dense(units, name="first")
        self.several = [Dense(units, name="a"), [Dense(units, name="b")]]
        self.by_name = {"x": Dense(units, name="c")}
        self.fixed = (Scale(name="d"), "no layer")

    def call(self, x: Any) -> Any:
        for layer in (self.first, self.several[0], self.several[1][0], self.by_name["x"], self.fixed[0]):
            x = layer(x)
        return x


# -- parts --


def test_parts_are_found_in_attributes_lists_and_dicts_in_order(backend: Backend) -> None:
    block = Block(name="block")
    block(X)
    paths = [f"block/{name}/{w}" for name in ("first", "a", "b", "c") for w in ("kernel", "bias")]
    assert [w.path for w in block.weights] == [*paths, "block/d/factor", "block/d/calls"]
    assert [w.path for w in block.non_trainable_weights] == ["block/d/calls"]


def test_what_is_appended_to_a_list_later_is_a_part_too(backend: Backend) -> None:
    layer = Block()
    layer(X)
    before = len(layer.weights)
    layer.several.append(Scale())
    layer.several[-1].build((None, 2))
    assert len(layer.weights) == before + 2


def test_a_part_met_twice_counts_once(backend: Backend) -> None:
    layer = Layer()
    layer.a = layer.b = Dense(2)
    layer.c = [layer.a, layer.a]
    layer.a.build((None, 3))
    assert len(layer.weights) == 2


def test_a_cycle_of_containers_ends() -> None:
    layer = Layer()
    items: list[Any] = [Dense(1)]
    items.append(items)
    layer.items = items
    layer.items[0].build((None, 1))
    assert len(layer.weights) == 2


def test_a_replaced_or_deleted_attribute_is_no_part_any_more(backend: Backend) -> None:
    layer = Layer()
    layer.inner = Dense(2)
    layer.inner.build((None, 3))
    layer.inner = Dense(4, use_bias=False)
    layer.inner.build((None, 3))
    assert [w.shape for w in layer.weights] == [(3, 4)]
    del layer.inner
    assert layer.weights == []


def test_variables_and_seed_generators_set_as_attributes_are_parts(backend: Backend) -> None:
    layer = Layer()
    layer.v = Variable([1.0, 2.0], name="v")
    layer.seeds = SeedGenerator(1)
    assert [v.name for v in layer.weights] == ["v"]
    assert len(layer.variables) == 2
    assert len(layer.non_trainable_variables) == 1


def test_dropout_has_a_seed_state_that_is_no_weight(backend: Backend) -> None:
    layer = Dropout(0.5, seed=1)
    assert layer.weights == []
    assert len(layer.non_trainable_variables) == 1


# -- freezing --


def test_freezing_keeps_the_order_of_weights_and_what_was_never_trained(backend: Backend) -> None:
    layer = Layer()
    layer.parts = [BatchNormalization(name="n"), Dense(2, name="d")]
    for part in layer.parts:
        part.build((None, 3))
    paths = [w.path for w in layer.weights]
    trainable = [w.path for w in layer.trainable_weights]
    layer.trainable = False
    assert [w.path for w in layer.weights] == paths
    assert [w.path for w in layer.non_trainable_weights] == paths
    assert layer.trainable_weights == []
    layer.trainable = True
    assert [w.path for w in layer.weights] == paths
    assert [w.path for w in layer.trainable_weights] == trainable


def test_a_frozen_part_of_a_trainable_layer(backend: Backend) -> None:
    block = Block()
    block(X)
    block.first.trainable = False
    assert {w.path.split("/")[1] for w in block.trainable_weights} == {"a", "b", "c", "d"}
    assert block.trainable


def test_a_layer_frozen_before_it_is_built_has_frozen_weights(backend: Backend) -> None:
    layer = Dense(2, trainable=False)
    layer.build((None, 3))
    assert layer.trainable_weights == []
    layer.trainable = True
    assert len(layer.trainable_weights) == 2


def test_a_frozen_batch_normalization_uses_its_averages(backend: Backend) -> None:
    layer = BatchNormalization()
    layer.build((None, 1))
    layer.trainable = False
    y = layer(np.array([[1.0], [3.0]], "float32"), training=True)
    np.testing.assert_allclose(ops.convert_to_numpy(y), [[1.0], [3.0]], rtol=1e-3)
    assert layer.moving_mean.numpy() == 0


# -- losses --


class Penalized(Layer):
    def call(self, x: Any) -> Any:
        self.add_loss(ops.sum(x))
        return x


def test_losses_are_those_of_the_last_call(backend: Backend) -> None:
    layer = Penalized()
    for factor in (1.0, 2.0):
        layer(factor * X)
        assert [float(ops.convert_to_numpy(loss)) for loss in layer.losses] == [6.0 * factor]


def test_losses_of_parts_and_of_weights_come_together(backend: Backend) -> None:
    class Outer(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Penalized()
            self.dense = Dense(1, kernel_initializer="ones", kernel_regularizer="l2", bias_regularizer="l1")

        def call(self, x: Any) -> Any:
            return self.dense(self.inner(self.inner(x)))

    layer = Outer()
    layer(X)
    losses = [float(ops.convert_to_numpy(loss)) for loss in layer.losses]
    np.testing.assert_allclose(losses, [6.0, 6.0, 0.03, 0.0], rtol=1e-6)
    layer.dense.trainable = False
    assert len(layer.losses) == 2


def test_activity_regularizer_penalizes_the_outputs(backend: Backend) -> None:
    layer = Dense(2, kernel_initializer="ones", activity_regularizer="l1")
    layer(X)
    # the mean of the examples
    np.testing.assert_allclose([float(ops.convert_to_numpy(x)) for x in layer.losses], [0.01 * 12 / len(X)], rtol=1e-6)


@pytest.mark.parametrize("loss", [None, [None], np.ones(2)])
def test_losses_must_be_scalars(loss: Any) -> None:
    with pytest.raises(ValueError, match=r"add_loss\(\): expected a scalar"):
        Layer().add_loss(loss)


# -- names and scopes --


def test_paths_follow_name_scopes(backend: Backend) -> None:
    with name_scope("model"):
        block = Block(name="block")
        block(X)
    assert block.path == "model/block"
    assert block.first.path == "model/block/first"
    assert block.first.kernel.path == "model/block/first/kernel"


def test_names_are_made_from_the_class_and_counted() -> None:
    class HTTPThing(Layer):
        pass

    assert [HTTPThing().name for _ in range(3)] == ["http_thing", "http_thing_1", "http_thing_2"]
    with pytest.raises(ValueError, match="name"):
        Layer(name="a/b")


def test_build_alone_gives_the_same_paths_as_a_call(backend: Backend) -> None:
    built, called = Dense(2, name="d"), Dense(2, name="d")
    built.build((None, 3))
    called(X)
    assert [w.path for w in built.weights] == [w.path for w in called.weights] == ["d/kernel", "d/bias"]


# -- building --


def test_building_twice_is_an_error(backend: Backend) -> None:
    layer = Dense(2, name="d")
    layer.build((None, 3))
    with pytest.raises(ValueError, match=r"Dense 'd' is built already, with inputs of shape \(None, 3\)"):
        layer.build((None, 4))
    assert len(layer.weights) == 2


def test_super_build_runs_in_the_same_scope(backend: Backend) -> None:
    class Shifted(Dense):
        def build(self, input_shape: Any) -> None:
            self.shift = self.add_weight((input_shape[-1],), "ones", name="shift")
            super().build(input_shape)

        def call(self, x: Any) -> Any:
            return super().call(ops.add(x, self.shift))

    layer = Shifted(2, name="s", kernel_initializer="ones")
    y = layer(X)
    assert [w.path for w in layer.weights] == ["s/shift", "s/kernel", "s/bias"]
    assert ops.convert_to_numpy(y).tolist() == [[6.0, 6.0], [6.0, 6.0]]
    assert layer.get_build_config() == {"input_shape": (2, 3)}


def test_a_layer_without_build_builds_its_parts(backend: Backend) -> None:
    block = Block()
    block.build((None, 3))
    assert block.built
    assert len(block.weights) == 10


def test_build_may_take_the_shapes_of_several_arguments(backend: Backend) -> None:
    class Pair(Layer):
        def build(self, left_shape: Any, right_shape: Any) -> None:
            self.shapes = (left_shape, right_shape)

        def call(self, left: Any, right: Any) -> Any:
            return ops.matmul(left, right)

    layer = Pair()
    layer(X, right=np.ones((3, 4), "float32"))
    assert layer.shapes == ((2, 3), (3, 4))
    assert layer.get_build_config() == {"shapes_dict": {"left_shape": (2, 3), "right_shape": (3, 4)}}


def test_a_failing_build_leaves_the_layer_unbuilt_and_the_scopes_as_they_were(backend: Backend) -> None:
    layer = Dense(2)
    with pytest.raises(ValueError, match="known size"):
        layer.build((None, None))
    assert not layer.built
    layer.build((None, 3))
    assert layer.kernel.path == f"{layer.name}/kernel"


# -- configuration --


class Plain(Layer):
    def __init__(self, size: int, factor: float = 2.0, **options: Any) -> None:
        super().__init__(**options)
        self.size, self.factor = size, factor

    def call(self, x: Any) -> Any:
        return x


def test_configurations_are_taken_from_the_arguments() -> None:
    layer = Plain(3, factor=4.0, name="p", dtype="float16")
    config = layer.get_config()
    assert {k: config[k] for k in ("name", "size", "factor", "trainable")} == {
        "name": "p", "size": 3, "factor": 4.0, "trainable": True,
    }  # fmt: skip
    again = Plain.from_config(config)
    assert (again.size, again.factor, again.name, again.compute_dtype) == (3, 4.0, "p", "float16")


def test_the_configuration_tells_whether_the_layer_is_trainable_now() -> None:
    layer = Plain(3, trainable=True)
    layer.trainable = False
    assert layer.get_config()["trainable"] is False


def test_arguments_that_cannot_be_written_need_get_config() -> None:
    with pytest.raises(NotImplementedError, match=r"Plain takes arguments that cannot be written.*define get_config"):
        Plain(object()).get_config()  # type: ignore[arg-type]


def test_from_config_names_the_class_and_what_it_was_given() -> None:
    with pytest.raises(TypeError, match=r"Dense\.from_config\(\).*'units'.*configuration: \['use_bias'\]"):
        Dense.from_config({"use_bias": True})


def test_unknown_keyword_arguments_are_named() -> None:
    with pytest.raises(ValueError, match=r"Dense: unknown keyword arguments \['unit', 'width'\]"):
        Dense(2, unit=3, width=1)


# -- dtypes --


def test_floats_are_cast_to_the_compute_dtype_and_the_rest_is_not(backend: Backend) -> None:
    seen: list[Any] = []

    class Look(Layer):
        def call(self, x: Any, y: Any = None, training: bool = False) -> Any:
            seen.extend([x.dtype, y["a"].dtype])
            return x

    Look(dtype="float16")(X, y={"a": np.ones(2, "int32")})
    Look(dtype="float16", autocast=False)(X, y={"a": np.ones(2, "float32")})
    assert [backend.dtype_name(dtype) for dtype in seen] == ["float16", "int32", "float32", "float32"]


def test_variables_are_read_in_the_compute_dtype_inside_the_call_alone(backend: Backend) -> None:
    class Look(Layer):
        def build(self, input_shape: Any) -> None:
            self.cast = self.add_weight((2,), "ones", name="cast")
            self.kept = self.add_weight((2,), "ones", autocast=False, name="kept")

        def call(self, x: Any) -> Any:
            self.seen = [backend.dtype_name(v.value.dtype) for v in (self.cast, self.kept)]
            return x

    layer = Look(dtype="mixed_bfloat16")
    layer(X)
    assert layer.seen == ["bfloat16", "float32"]
    assert backend.dtype_name(layer.cast.value.dtype) == "float32"


def test_an_inner_layer_of_another_policy_has_its_own(backend: Backend) -> None:
    class Outer(Layer):
        def __init__(self) -> None:
            super().__init__(dtype="mixed_bfloat16")
            self.inner = Dense(2, dtype="float32")

        def call(self, x: Any) -> Any:
            y = self.inner(x)
            assert backend.dtype_name(y.dtype) == "float32"
            return ops.multiply(ops.cast(y, self.compute_dtype), 1.0)

    assert backend.dtype_name(Outer()(X).dtype) == "bfloat16"


# -- calling --


def test_errors_name_the_innermost_layer_and_the_shapes(backend: Backend) -> None:
    class Outer(Layer):
        def __init__(self) -> None:
            super().__init__(name="outer")
            self.inner = Broken(name="inner")

        def call(self, x: Any) -> Any:
            return self.inner(x)

    class Broken(Layer):
        def call(self, x: Any) -> Any:
            return ops.matmul(x, x)

    with pytest.raises(ValueError, match=r"(?s)matmul.*in layer 'outer/inner' \(Broken\).*float32\(2, 3\)") as caught:
        Outer()(X)
    assert str(caught.value).count("in layer") == 1


def test_errors_of_other_types_get_a_note(backend: Backend) -> None:
    class Broken(Layer):
        def call(self, x: Any) -> Any:
            raise KeyError("k")

    with pytest.raises(KeyError) as caught:
        Broken(name="broken")(X)
    assert any("in layer 'broken' (Broken)" in note for note in caught.value.__notes__)


@pytest.mark.parametrize(
    ("args", "kwargs"), [((), {}), ((X, X, X), {}), ((X,), {"masks": X})], ids=["none", "too many", "unknown"]
)
def test_arguments_that_do_not_fit_call_are_a_type_error_naming_the_layer(args: Any, kwargs: Any) -> None:
    with pytest.raises(TypeError, match=r"Dense.*'d'"):
        Dense(2, name="d")(*args, **kwargs)


def test_a_wrong_call_of_a_built_layer_names_it_too() -> None:
    layer = Dense(2, name="d")
    layer(X)
    with pytest.raises(TypeError, match=r"in layer 'd' \(Dense\)|Dense.*'d'"):
        layer(X, masks=X)


def test_call_is_needed() -> None:
    with pytest.raises(NotImplementedError, match=r"Layer does not define call\(\)"):
        Layer()(X)


def test_the_training_flag_reaches_inner_layers(backend: Backend) -> None:
    seen: list[Any] = []

    class Inner(Layer):
        def call(self, x: Any, training: bool | None = None) -> Any:
            seen.append(training)
            return x

    class Silent(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Inner()

        def call(self, x: Any) -> Any:
            return self.inner(x)

    class Outer(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.silent = Silent()

        def call(self, x: Any, training: bool | None = None) -> Any:
            return self.silent.inner(self.silent(x), training=False)

    outer = Outer()
    outer.build(X.shape)  # runs the call on shapes
    seen.clear()
    outer(X, training=True)
    outer(X)
    outer.silent(X)
    assert seen == [True, False, None, False, None]


def test_stateless_call_counts_its_values(backend: Backend) -> None:
    layer = Dense(2)
    with pytest.raises(ValueError, match=r"stateless_call\(\): build the layer first"):
        layer.stateless_call([], [], X)
    layer.build((None, 3))
    with pytest.raises(ValueError, match="got 1 trainable_variables, the layer has 2"):
        layer.stateless_call([layer.kernel.value], [], X)


def test_set_weights_assigns_all_or_nothing(backend: Backend) -> None:
    layer = Dense(2, name="d")
    layer.build((None, 3))
    before = layer.get_weights()
    for weights, message in (
        ([np.ones((3, 2))], "got 1 arrays, the layer has 2 weights"),
        ([np.ones((3, 2)), np.ones(3)], r"got an array of shape \(3,\) for 'd/bias' of shape \(2,\)"),
    ):
        with pytest.raises(ValueError, match=message):
            layer.set_weights(weights)
        assert all((a == b).all() for a, b in zip(layer.get_weights(), before, strict=True))


def test_count_params_needs_a_built_layer() -> None:
    layer = Dense(2)
    with pytest.raises(ValueError, match=r"is not built.*call build\(\)"):
        layer.count_params()
    layer.build((None, 3))
    assert layer.count_params() == 8


# -- backends --


def others(backend: Backend) -> list[Backend]:
    return [get_backend(name) for name in backends_under_test() if name != backend.name]


def test_a_tensor_of_another_backend_is_an_error_that_says_how_to_convert(backend: Backend) -> None:
    layer = Dense(2, name="d")
    layer(X)
    for other in others(backend):
        if "numpy" in (backend.name, other.name):
            continue  # NumPy arrays are taken everywhere
        with pytest.raises(TypeError) as caught:
            layer(other.to_tensor(X))
        message = str(caught.value)
        assert "'d'" in message
        assert backend.name in message
        assert other.name in message
        assert "convert_to_tensor" in message
        assert f'backend="{backend.name}"' in message


def test_calling_a_layer_enters_its_backend(backend: Backend) -> None:
    class Make(Layer):
        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight((3,), "ones", name="w")

        def call(self, x: Any) -> Any:
            return ops.add(ops.multiply(x, self.w), ops.ones((3,)))

    layer = Make()
    layer(X)
    for other in others(backend):
        with backend_scope(other):
            y = layer(X)
            assert ops.convert_to_tensor(X) is not None
        assert backend.is_tensor(y)


def test_a_layer_stays_with_the_backend_it_was_made_on(backend: Backend) -> None:
    layer = Dense(2)
    for other in others(backend):
        with backend_scope(other):
            layer(X)
        break
    else:
        layer(X)
    assert all(w.backend is backend for w in layer.weights)


# -- copies --


def test_a_deep_copy_is_an_equal_layer_with_weights_of_its_own(backend: Backend) -> None:
    block = Block(name="block")
    expected = ops.convert_to_numpy(block(X))
    other = copy.deepcopy(block)
    assert [w.path for w in other.weights] == [w.path for w in block.weights]
    np.testing.assert_array_equal(ops.convert_to_numpy(other(X)), expected)
    other.first.kernel.assign(ops.zeros((3, 2)))
    assert block.first.kernel.numpy().any()
    assert other.first in other._flatten_layers()


def test_layers_survive_pickling(backend: Backend) -> None:
    layer = Dense(2, activation="relu", name="d")
    expected = ops.convert_to_numpy(layer(X))
    again = pickle.loads(pickle.dumps(layer))
    assert again.kernel.backend is backend
    assert [w.path for w in again.weights] == ["d/kernel", "d/bias"]
    np.testing.assert_array_equal(ops.convert_to_numpy(again(X)), expected)


def test_symbolic_inputs_give_symbolic_outputs_without_a_backend_at_work() -> None:
    y = Flatten()(Dense(4)(Input((2, 3))))
    assert (y.shape, y.dtype) == ((None, 8), "float32")


def test_layers_leave_nothing_behind(backend: Backend) -> None:
    import weakref

    layer = Block()
    layer(X)
    ref = weakref.ref(layer)
    del layer
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    assert ref() is None
