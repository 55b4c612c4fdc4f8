"""Functions of JAX and modules of Flax as layers, and layers as functions for JAX and modules of Flax NNX."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import dl
from dl.interop import as_jax_function, as_nnx_module
from dl.layers import FlaxLayer, JaxLayer
from dl_ops.testing.pytest_backends import backends_under_test

pytestmark = pytest.mark.skipif("jax" not in backends_under_test(), reason="JAX is not tested here")

X = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")
Y = X[:, :1] - X[:, 1:2]


@pytest.fixture(autouse=True)
def jax() -> Iterator[Any]:
    import jax

    dl.utils.set_random_seed(0)
    dl.backend.clear_session(free_memory=False)
    with dl.backend_scope("jax"):
        yield jax


@pytest.fixture
def linen() -> Any:
    return pytest.importorskip("flax.linen")


def network(linen: Any) -> Any:
    class Network(linen.Module):  # type: ignore[misc]  # not known to type checkers here
        @linen.compact
        def __call__(self, inputs: Any, training: bool) -> Any:
            x = linen.Dense(4)(inputs)
            x = linen.BatchNorm(use_running_average=not training)(x)
            return linen.Dense(1)(linen.Dropout(0.1, deterministic=not training)(x))

    return Network()


@dl.saving.register_keras_serializable("interop")
def affine(params: Any, inputs: Any) -> Any:
    return inputs @ params["kernel"] + params["bias"]


@dl.saving.register_keras_serializable("interop")
def affine_init(rng: Any, inputs: Any) -> Any:
    import jax

    return {"kernel": jax.random.normal(rng, (inputs.shape[-1], 1)), "bias": jax.numpy.zeros(1)}


def counting(params: Any, state: Any, rng: Any, inputs: Any, training: Any) -> Any:
    import jax

    noise = jax.random.uniform(rng, inputs.shape) if training else 0.0
    return inputs * params + noise, {"calls": state["calls"] + 1, "label": state["label"]}


# -- functions and modules as layers -----------------------------------------------------------------------------------


def test_arrays_and_numbers_of_a_pytree_are_weights() -> None:
    params = {"blocks": [{"w": np.ones((3, 2), "float32")}, {"w": np.ones(2, "int32")}], "scale": 2.0, "name": "x"}
    seen = []

    def call(params: Any, inputs: Any) -> Any:
        seen.append(params["name"])
        return inputs @ params["blocks"][0]["w"] * params["scale"]

    layer = JaxLayer(call, params=params, name="tree")
    assert [(w.path, w.shape, w.dtype) for w in layer.weights] == [
        ("tree/blocks.0.w", (3, 2), "float32"),
        ("tree/blocks.1.w", (2,), "int32"),
        ("tree/scale", (), "float32"),
    ]
    np.testing.assert_allclose(layer(X), 2 * X @ np.ones((3, 2)), rtol=1e-5)
    assert layer(dl.Input((3,))).shape == (None, 2)
    assert set(seen) == {"x"}


def test_inputs_and_outputs_are_structures(jax: Any) -> None:
    def call(params: Any, inputs: Any) -> Any:
        return {"sum": inputs["a"] @ params + inputs["b"][0], "same": (inputs["b"][1],)}

    layer = JaxLayer(call, lambda inputs: jax.numpy.ones((inputs["a"].shape[-1], 1)))
    a, b = dl.Input((3,)), dl.Input((1,), dtype="int32")
    y = layer({"a": a, "b": [dl.Input((1,)), b]})
    assert (y["sum"].shape, y["same"][0].shape, y["same"][0].dtype) == ((None, 1), (None, 1), "int32")
    ids = np.ones((64, 1), "int32")
    found = layer({"a": X, "b": [Y, ids]})
    np.testing.assert_allclose(found["sum"], X.sum(1, keepdims=True) + Y, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(found["same"][0], ids)


def test_state_is_assigned_and_keys_come_with_training() -> None:
    layer = JaxLayer(counting, params=1.0, state={"calls": 0, "label": None}, seed=3)
    assert len(layer.trainable_weights) == len(layer.non_trainable_weights) == 1
    np.testing.assert_array_equal(layer(X), X)
    first, second = (np.asarray(layer(X, training=True)) for _ in range(2))
    assert not np.array_equal(first, second)
    assert layer.non_trainable_weights[0].numpy() == 3
    again = JaxLayer(counting, params=1.0, state={"calls": 0, "label": None}, seed=3)
    np.testing.assert_array_equal(again(X, training=True), first)


@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}], ids=str)
def test_a_function_is_trained(options: dict[str, Any]) -> None:
    x = dl.Input((3,))
    model = dl.Model(x, JaxLayer(affine, affine_init)(x))
    model.compile(dl.optimizers.Adam(0.1), "mean_squared_error", **options)
    losses = model.fit(X, Y, epochs=10, batch_size=16, verbose=0).history["loss"]
    assert losses[-1] < 0.1 * losses[0]


@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}], ids=str)
def test_a_module_is_trained_and_its_statistics_follow(linen: Any, options: dict[str, Any]) -> None:
    layer = FlaxLayer(network(linen))
    model = dl.Sequential([dl.Input((3,)), layer])
    assert model.output.shape == (None, 1)
    assert [w.name for w in layer.non_trainable_weights] == [
        "batch_stats.BatchNorm_0.mean",
        "batch_stats.BatchNorm_0.var",
    ]
    model.compile(dl.optimizers.Adam(0.05), "mean_squared_error", **options)
    losses = model.fit(X, Y, epochs=6, batch_size=16, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
    assert layer.non_trainable_weights[0].numpy().any()
    variables = {
        "params": {name: {k: v.value for k, v in group.items()} for name, group in layer.params["params"].items()},
        "batch_stats": {
            name: {k: v.value for k, v in group.items()} for name, group in layer.state["batch_stats"].items()
        },
    }
    expected = layer.module.apply(variables, X, training=False)
    np.testing.assert_allclose(model.predict(X, verbose=0), expected, rtol=1e-5, atol=1e-6)
    assert FlaxLayer(network(linen), variables=variables)(X).shape == (64, 1)


@pytest.mark.parametrize(
    ("make", "shape", "dtype", "output"),
    [
        (lambda nn: nn.Dense(2), (None, 3), "float32", (None, 2)),
        (lambda nn: nn.Conv(8, (3, 3), strides=2), (None, None, 32, 3), "float32", (None, None, 16, 8)),
        (lambda nn: nn.Embed(5, 4), (None, None), "int32", (None, None, 4)),
        (lambda nn: nn.MultiHeadDotProductAttention(2), (None, None, 4), "float32", (None, None, 4)),
    ],
)
def test_shapes_are_inferred_without_values(linen: Any, make: Any, shape: Any, dtype: str, output: Any) -> None:
    layer = FlaxLayer(make(linen), method=lambda module, inputs: module(inputs))
    y = layer(dl.Input(shape[1:], batch_size=shape[0], dtype=dtype))
    assert (y.shape, y.dtype) == (output, "float32")


def test_mixed_precision_computes_in_the_compute_dtype(linen: Any) -> None:
    layer = FlaxLayer(linen.Dense(2), dtype="mixed_bfloat16")
    assert layer(X).dtype == "bfloat16"
    assert layer.weights[0].dtype == "float32"


def test_it_is_built_where_a_step_is_traced(jax: Any) -> None:
    layer = JaxLayer(affine, affine_init)
    assert jax.jit(lambda x: layer(x))(X).shape == (64, 1)
    assert [weight.numpy().shape for weight in layer.weights] == [(1,), (3, 1)]


def test_registered_functions_and_modules_come_back_from_files(linen: Any, tmp_path: Any) -> None:
    @dl.saving.register_keras_serializable("interop")
    class Head(linen.Module):  # type: ignore[misc]  # not known to type checkers here
        size: int

        @linen.compact
        def forward(self, inputs: Any) -> Any:
            return linen.Dense(self.size)(linen.Embed(9, 4)(inputs))

        def get_config(self) -> dict[str, Any]:
            return {"size": self.size}

        @classmethod
        def from_config(cls, config: dict[str, Any]) -> Any:
            return cls(**config)

    head = Head(3)
    model = dl.Sequential(
        [dl.Input((5,), dtype="int32"), FlaxLayer(head, method=head.forward, seed=1), JaxLayer(affine, affine_init)]
    )
    ids = np.arange(10).reshape(2, 5) % 9
    model.save(tmp_path / "model.keras")
    restored = dl.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(restored.predict(ids, verbose=0), model.predict(ids, verbose=0))
    assert restored.layers[0].module == head
    assert restored.layers[1].call_fn is affine


def test_a_config_runs_nothing_that_it_names() -> None:
    config = JaxLayer(affine, affine_init).get_config()
    for named in ("os.system", "jax.jit", "affine"):
        config["call_fn"] = {
            "module": "builtins",
            "class_name": "function",
            "config": named,
            "registered_name": "function",
        }
        with pytest.raises(TypeError, match="neither registered nor public"):
            JaxLayer.from_config(config)
    with pytest.warns(UserWarning, match="byte code"):
        config = JaxLayer(lambda inputs: inputs).get_config()
    with pytest.raises(ValueError, match="safe mode"):
        JaxLayer.from_config(config)


def test_misuses_are_named() -> None:
    def state_lost(state: Any, inputs: Any) -> Any:
        return inputs

    def state_changed(state: Any, inputs: Any) -> Any:
        return inputs, {}

    for make, error, parts in (
        (lambda: JaxLayer(3), TypeError, ["JaxLayer(call_fn=3)", "function"]),
        (lambda: JaxLayer(lambda x: x), ValueError, ["call_fn has an argument 'x'", "inputs"]),
        (lambda: JaxLayer(lambda params: params, params=1.0), ValueError, ["call_fn has no argument 'inputs'"]),
        (lambda: JaxLayer(affine, lambda: 1), ValueError, ["init_fn has no argument 'inputs'"]),
        (lambda: JaxLayer(affine), ValueError, ["one of init_fn, params and state is needed"]),
        (lambda: JaxLayer(state_lost, state=1.0)(X), ValueError, ["pair of outputs and new state", "jax_layer"]),
        (lambda: JaxLayer(state_changed, state={"a": 1.0})(X), ValueError, ["another structure"]),
        (lambda: JaxLayer(state_changed, affine_init)(X), ValueError, ["init_fn must give a pair", "dict"]),
    ):  # fmt: skip
        with pytest.raises(error) as raised:
            make()
        assert all(part in str(raised.value) for part in parts), raised.value
    layer = JaxLayer(affine, affine_init)
    with dl.backend_scope("numpy"):
        for use in (lambda: layer(X), lambda: layer(dl.Input((3,)))):
            with pytest.raises(ValueError, match="runs on the jax backend alone, and the active one is numpy"):
                use()


def test_what_is_no_module_is_refused(linen: Any) -> None:
    with pytest.raises(TypeError, match=r"FlaxLayer\(module=<function affine.*flax.linen.Module"):
        FlaxLayer(affine)


# -- layers as functions and modules -----------------------------------------------------------------------------------


def layers() -> Any:
    return dl.Sequential(
        [
            dl.Input((3,)),
            dl.layers.Dense(4, name="hidden", kernel_regularizer="l2"),
            dl.layers.BatchNormalization(name="normal"),
            dl.layers.Dropout(0.1),
            dl.layers.Dense(1, name="head"),
        ]
    )


def test_a_model_is_a_pure_function(jax: Any) -> None:
    model = layers()
    params, state, apply, write_back = as_jax_function(model)
    assert {name: sorted(group) for name, group in params.items()} == {
        "hidden": ["bias", "kernel"],
        "normal": ["beta", "gamma"],
        "head": ["bias", "kernel"],
    }
    before = model.get_weights()

    @jax.jit
    def step(params: Any, state: Any) -> Any:
        def loss_of(params: Any) -> Any:
            y, new, penalties = apply(params, state, X, training=True, return_losses=True)
            return jax.numpy.mean((y - Y) ** 2) + 0.01 * sum(penalties), new

        (loss, state), gradients = jax.value_and_grad(loss_of, has_aux=True)(params)
        return jax.tree.map(lambda p, g: p - 0.1 * g, params, gradients), state, loss

    losses = []
    for _ in range(30):
        params, state, loss = step(params, state)
        losses.append(float(loss))
    assert losses[-1] < 0.5 * losses[0]
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    write_back(params, state)
    np.testing.assert_allclose(model.predict(X, verbose=0), apply(params, state, X)[0], rtol=1e-5, atol=1e-6)
    # training takes the layer's own arrays over, and none of these
    model.compile("sgd", "mean_squared_error")
    model.fit(X, Y, verbose=0, epochs=2)
    rows = jax.vmap(lambda x: apply(params, state, x[None])[0])(X)
    np.testing.assert_allclose(rows[:, 0], apply(params, state, X)[0], rtol=1e-4, atol=1e-5)
    write_back(params)
    with pytest.raises(ValueError, match="params has no value at 'hidden/kernel'"):
        apply({}, state, X)
    with pytest.raises(ValueError, match="state has 4 values, expected 3"):
        apply(params, {**state, "more": 1}, X)


def test_a_model_is_a_module_of_nnx(jax: Any) -> None:
    nnx, optax = pytest.importorskip("flax.nnx"), pytest.importorskip("optax")
    model = layers()
    module = as_nnx_module(model)
    optimizer = nnx.Optimizer(module, optax.adam(0.05), wrt=nnx.Param)
    assert len(jax.tree.leaves(nnx.state(module, nnx.Param))) == 6
    assert module.hidden.kernel.shape == (3, 4)

    @nnx.jit
    def step(module: Any, optimizer: Any) -> Any:
        def loss_of(module: Any) -> Any:
            return jax.numpy.mean((module(X, training=True) - Y) ** 2)

        loss, gradients = nnx.value_and_grad(loss_of)(module)
        optimizer.update(module, gradients)
        return loss

    losses = [float(step(module, optimizer)) for _ in range(30)]
    assert losses[-1] < 0.5 * losses[0]
    assert np.asarray(module.normal.moving_mean).any()
    assert not model.layers[1].moving_mean.numpy().any()
    module.write_back()
    np.testing.assert_allclose(model.predict(X, verbose=0), module(X), rtol=1e-5, atol=1e-6)
    model.compile("sgd", "mean_squared_error")
    model.fit(X, Y, verbose=0, epochs=2)
    graph, state = nnx.split(module)
    np.testing.assert_array_equal(nnx.merge(graph, state)(X), module(X))


def test_what_cannot_be_a_function_is_said() -> None:
    with pytest.raises(ValueError, match=r"as_jax_function\(\).*has no weights yet: build it"):
        as_jax_function(dl.layers.Dense(2))
    with pytest.raises(TypeError, match="expected a layer"):
        as_jax_function(affine)
    with dl.backend_scope("numpy"):
        layer = dl.layers.Dense(2)
        layer.build((None, 3))
    with pytest.raises(ValueError, match="belongs to the numpy backend, expected jax"):
        as_jax_function(layer)
