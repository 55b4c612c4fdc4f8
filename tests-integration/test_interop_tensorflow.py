"""SavedModels of TensorFlow as layers, and layers as modules of TensorFlow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dl
from dl.interop import as_tf_module
from dl.layers import TFSMLayer
from dl_ops.testing.pytest_backends import backends_under_test

pytestmark = pytest.mark.skipif("tensorflow" not in backends_under_test(), reason="TensorFlow is not tested here")

X = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")
Y = X[:, :1] - X[:, 1:2]


@pytest.fixture(autouse=True)
def tf() -> Iterator[Any]:
    dl.backend.clear_session(free_memory=False)
    with dl.backend_scope("tensorflow"):
        import tensorflow as tf

        yield tf


@pytest.fixture
def saved(tf: Any, tmp_path: Path) -> str:
    """Folder with a model of TensorFlow's own, which counts its calls while training."""

    class Saved(tf.Module):  # type: ignore[misc]  # not known to type checkers here
        def __init__(self) -> None:
            super().__init__()
            self.kernel = tf.Variable(np.ones((3, 1), "float32"), name="head/kernel")
            self.bias = tf.Variable(np.zeros(1, "float32"), name="bias")
            self.calls = tf.Variable(0.0, trainable=False, name="calls")

        @tf.function(input_signature=[tf.TensorSpec((None, 3))])  # type: ignore[untyped-decorator]  # TensorFlow's
        def serve(self, x: Any) -> Any:
            return x @ self.kernel + self.bias

        @tf.function(input_signature=[tf.TensorSpec((None, 3))])  # type: ignore[untyped-decorator]  # TensorFlow's
        def learn(self, x: Any) -> Any:
            self.calls.assign_add(1.0)
            return x @ self.kernel + self.bias

    module = Saved()
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures={"serving_default": module.serve})
    return str(tmp_path / "saved")


# -- a SavedModel as a layer -------------------------------------------------------------------------------------------


def test_variables_are_weights_and_shapes_are_inferred(saved: str) -> None:
    layer = TFSMLayer(saved, name="loaded")
    assert [(w.path, w.shape, w.trainable) for w in layer.weights] == [
        ("loaded/head_kernel:0", (3, 1), True),
        ("loaded/bias:0", (1,), True),
    ]
    np.testing.assert_allclose(layer(X), X.sum(1, keepdims=True), rtol=1e-5)
    assert layer(dl.Input((3,))).shape == (None, 1)
    signature = TFSMLayer(saved, call_endpoint="serving_default")
    assert [y.shape for y in signature(dl.Input((3,))).values()] == [(None, 1)]
    np.testing.assert_array_equal(next(iter(signature(X).values())), layer(X))
    assert TFSMLayer(saved, trainable=False).trainable_weights == []


@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}], ids=str)
def test_it_is_trained_and_its_state_follows(saved: str, options: dict[str, Any]) -> None:
    layer = TFSMLayer(saved, call_training_endpoint="learn")
    x = dl.Input((3,))
    model = dl.Model(x, layer(x))
    model.compile(dl.optimizers.SGD(0.1), "mean_squared_error", **options)
    losses = model.fit(X, Y, epochs=5, batch_size=16, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < 0.2 * losses[0]
    assert layer.non_trainable_weights[0].numpy() == 20
    kernel, bias = (w.numpy() for w in layer.trainable_weights)
    np.testing.assert_allclose(model.predict(X, verbose=0), X @ kernel + bias, rtol=1e-5, atol=1e-6)


def test_it_learns_what_a_dense_layer_learns(saved: str) -> None:
    dense = dl.layers.Dense(1, kernel_initializer="ones")
    found = []
    for layer in (TFSMLayer(saved), dense):
        model = dl.Sequential([dl.Input((3,)), layer])
        model.compile(dl.optimizers.Adam(0.1), "mean_squared_error")
        model.fit(X, Y, epochs=3, batch_size=16, shuffle=False, verbose=0)
        found.append(model.get_weights())
    for x, y in zip(*found, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-4, atol=1e-5)


def test_stateless_calls_have_the_values_given(saved: str) -> None:
    layer = TFSMLayer(saved, call_training_endpoint="learn")
    before = layer.get_weights()
    trained = [v.value * 0 + 2 for v in layer.trainable_variables]
    y, (calls,) = layer.stateless_call(trained, [v.value for v in layer.non_trainable_variables], X, training=True)
    np.testing.assert_allclose(y, 2 * X.sum(1, keepdims=True) + 2, rtol=1e-4, atol=1e-5)
    assert calls == 1
    for now, then in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_a_config_is_not_read_in_safe_mode(saved: str) -> None:
    layer = TFSMLayer(Path(saved), call_training_endpoint="learn")
    config = dl.layers.serialize(layer)
    assert config["config"]["filepath"] == saved
    for read in (dl.layers.deserialize, lambda config: TFSMLayer.from_config(config["config"])):
        with pytest.raises(ValueError, match=r"SavedModel.*refused in safe mode"):
            read(config)
    assert dl.saving.deserialize_keras_object(config, safe_mode=False).call_training_endpoint == "learn"


def test_misuses_are_named(saved: str) -> None:
    with pytest.raises(ValueError, match=r"TFSMLayer\(call_endpoint='run'\).*'learn', 'serve', 'serving_default'"):
        TFSMLayer(saved, call_endpoint="run")
    with pytest.raises(ValueError, match=r"call_training_endpoint='run'"):
        TFSMLayer(saved, call_training_endpoint="run")
    with pytest.raises(OSError, match="nowhere"):
        TFSMLayer("nowhere")
    layer = TFSMLayer(saved)
    with pytest.raises(TypeError, match=r"(?s)shape=\(2, 4\).*in layer 'tfsm_layer"):
        layer(np.ones((2, 4), "float32"))
    with dl.backend_scope("numpy"):
        for use in (lambda: layer(X), lambda: layer(dl.Input((3,)))):
            with pytest.raises(ValueError, match="runs on the tensorflow backend alone, and the active one is numpy"):
                use()


# -- a layer as a module -----------------------------------------------------------------------------------------------


def layers() -> Any:
    return dl.Sequential(
        [
            dl.Input((3,)),
            dl.layers.Dense(4, name="hidden"),
            dl.layers.BatchNormalization(name="normal"),
            dl.layers.Dropout(0.1),
            dl.layers.Dense(1, name="head"),
        ]
    )


def test_both_sides_train_the_same_variables(tf: Any) -> None:
    model = layers()
    module = as_tf_module(model)
    assert module.hidden.kernel is model.layers[0].kernel._value
    assert len(module.trainable_variables) == 6
    assert len(module.variables) == len(model.variables)

    @tf.function  # type: ignore[untyped-decorator]  # TensorFlow's
    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((module(x, training=True) - y) ** 2)
        for v, g in zip(module.trainable_variables, tape.gradient(loss, module.trainable_variables), strict=True):
            v.assign_sub(0.1 * g)
        return loss

    losses = [float(step(tf.constant(X), tf.constant(Y))) for _ in range(30)]
    assert losses[-1] < 0.5 * losses[0]
    assert model.layers[1].moving_mean.numpy().any()
    np.testing.assert_allclose(model.predict(X, verbose=0), module(X), rtol=1e-5, atol=1e-6)
    model.compile("sgd", "mean_squared_error")
    model.fit(X, Y, verbose=0)
    np.testing.assert_allclose(model.predict(X, verbose=0), module(X), rtol=1e-5, atol=1e-6)
    model.layers[0].trainable = False
    assert (len(module.trainable_variables), len(module.non_trainable_variables)) == (4, 5)


def test_it_is_exported_and_comes_back_as_a_layer(tf: Any, tmp_path: Path) -> None:
    module = as_tf_module(layers())
    module.serve = tf.function(lambda x: module(x), input_signature=[tf.TensorSpec((None, 3))], autograph=False)
    tf.saved_model.save(module, str(tmp_path / "exported"))
    layer = TFSMLayer(tmp_path / "exported")
    np.testing.assert_allclose(layer(X), module(X), rtol=1e-5, atol=1e-6)
    assert len(layer.trainable_weights) == 6


def test_what_cannot_be_a_module_is_said() -> None:
    with pytest.raises(ValueError, match=r"as_tf_module\(\).*has no weights yet: build it"):
        as_tf_module(dl.layers.Dense(2))
    with dl.backend_scope("numpy"):
        layer = dl.layers.Dense(2)
        layer.build((None, 3))
    with pytest.raises(ValueError, match="belongs to the numpy backend, expected tensorflow"):
        as_tf_module(layer)
