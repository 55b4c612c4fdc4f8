"""Modules of PyTorch as layers, and layers as modules of PyTorch."""

from __future__ import annotations

import copy
import pickle
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import dl
from dl.interop import as_torch_module
from dl.layers import TorchModuleWrapper
from dl_ops.testing.pytest_backends import backends_under_test

pytestmark = pytest.mark.skipif("torch" not in backends_under_test(), reason="PyTorch is not tested here")

X = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")
Y = X[:, :1] - X[:, 1:2]


@pytest.fixture(autouse=True)
def torch() -> Iterator[Any]:
    import torch

    dl.backend.clear_session(free_memory=False)
    torch.manual_seed(0)
    with dl.backend_scope("torch"):
        yield torch


def network(torch: Any) -> Any:
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 1))


def registered(torch: Any) -> Any:
    @dl.saving.register_keras_serializable("interop")
    class Scaled(torch.nn.Module):  # type: ignore[misc]  # not known to type checkers here
        def __init__(self, size: int) -> None:
            super().__init__()
            self.size = size
            self.scale = torch.nn.Parameter(torch.ones(size))

        def forward(self, x: Any) -> Any:
            return x * self.scale

        def get_config(self) -> dict[str, Any]:
            return {"size": self.size}

        @classmethod
        def from_config(cls, config: dict[str, Any]) -> Any:
            return cls(**config)

    return Scaled


# -- a module as a layer -----------------------------------------------------------------------------------------------


def test_parameters_are_weights_and_buffers_are_other_state(torch: Any) -> None:
    module = network(torch)
    layer = TorchModuleWrapper(module, name="wrapped")
    names = ["0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias"]
    assert [weight.path for weight in layer.weights] == [f"wrapped/{name}" for name in names]
    assert [v.name for v in layer.non_trainable_variables] == [
        "1.running_mean",
        "1.running_var",
        "1.num_batches_tracked",
    ]
    assert all(v._value is p for v, p in zip(layer.weights, module.parameters(), strict=True))
    assert list(layer.parameters()) == list(module.parameters())
    layer.set_weights([np.zeros(weight.shape, "float32") for weight in layer.weights])
    assert not module[0].weight.any()


@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}, {"jit_compile": True}], ids=str)
def test_it_is_trained_and_its_statistics_follow(torch: Any, options: dict[str, Any]) -> None:
    module = network(torch)
    x = dl.Input((3,))
    model = dl.Model(x, TorchModuleWrapper(module)(x))
    model.compile(dl.optimizers.Adam(0.05), "mean_squared_error", **options)
    losses = model.fit(X, Y, epochs=4, batch_size=16, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
    assert module[1].num_batches_tracked == 16
    expected = module.eval()(torch.tensor(X)).detach().numpy()
    np.testing.assert_allclose(model.predict(X, verbose=0), expected, rtol=1e-5, atol=1e-6)


def test_compiled_and_eager_steps_do_what_pytorch_does(torch: Any) -> None:
    first = network(torch)
    second, third = copy.deepcopy(first), copy.deepcopy(first)
    optimizer = torch.optim.SGD(first.parameters(), lr=0.1)
    for i in range(0, 64, 16):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(first(torch.tensor(X[i : i + 16])), torch.tensor(Y[i : i + 16])).backward()
        optimizer.step()
    for module, jit in ((second, False), (third, True)):
        model = dl.Sequential([dl.Input((3,)), TorchModuleWrapper(module)])
        model.compile(dl.optimizers.SGD(0.1), "mean_squared_error", jit_compile=jit)
        model.fit(X, Y, batch_size=16, shuffle=False, verbose=0)
        for name, value in first.state_dict().items():
            np.testing.assert_allclose(module.state_dict()[name], value, rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.parametrize(
    ("make", "shape", "output"),
    [
        (lambda nn: nn.Linear(3, 2), (None, 3), (None, 2)),
        (lambda nn: nn.Conv2d(3, 8, 3, stride=2, padding=1), (None, 3, None, 32), (None, 8, None, 16)),
        (lambda nn: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), (None, 3, None, None), (None, 3)),
        (lambda nn: nn.Flatten(), (None, 4, 5), (None, 20)),
        (lambda nn: nn.BatchNorm1d(3), (None, 3), (None, 3)),
        (lambda nn: nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), (None, None, 4), (None, None, 4)),
    ],
)  # fmt: skip
def test_shapes_are_inferred_without_values(torch: Any, make: Any, shape: Any, output: Any) -> None:
    module = make(torch.nn)
    before = copy.deepcopy(module.state_dict())
    layer = TorchModuleWrapper(module)
    y = layer(dl.Input(shape[1:], batch_size=shape[0]))
    assert y.shape == output
    assert layer.compute_output_shape(shape) == output
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_a_module_may_make_tensors_and_look_at_sizes(torch: Any) -> None:
    class Positions(torch.nn.Module):  # type: ignore[misc]  # not known to type checkers here
        def __init__(self) -> None:
            super().__init__()
            self.table = torch.nn.Embedding(100, 4)

        def forward(self, x: Any) -> Any:
            return x + self.table(torch.arange(x.shape[1])).reshape(1, -1, 4)

    class Looking(torch.nn.Module):  # type: ignore[misc]  # not known to type checkers here
        def forward(self, x: Any) -> Any:
            return x[: int(x.sum())]

    assert TorchModuleWrapper(Positions())(dl.Input((None, 4))).shape == (None, None, 4)
    with pytest.raises(RuntimeError) as raised:
        TorchModuleWrapper(Looking())(dl.Input((4,)))
    assert "an output_shape, if the module cannot do without values" in str(raised.value.__notes__)
    assert TorchModuleWrapper(Looking(), output_shape=(None, 4))(dl.Input((4,))).shape == (None, 4)


def test_structures_go_in_and_out(torch: Any) -> None:
    layer = TorchModuleWrapper(torch.nn.LSTM(3, 4, batch_first=True))
    y, (h, c) = layer(dl.Input((None, 3)))
    assert y.shape == (None, None, 4)
    assert h.shape == c.shape == (1, None, 4)
    outputs, _ = layer(np.ones((2, 5, 3), "float32"))
    assert outputs.shape == (2, 5, 4)


def test_the_training_flag_is_the_mode_of_a_call(torch: Any) -> None:
    module = torch.nn.Dropout(0.5)
    layer = TorchModuleWrapper(module)
    x = np.ones((64, 64), "float32")
    for mode in (True, False):
        module.train(mode)
        assert bool((layer(x, training=True) == 0).any())
        assert not (layer(x, training=False) == 0).any()
        assert bool((layer(x) == 0).any()) is mode
        assert module.training is mode


def test_stateless_calls_leave_the_module_alone(torch: Any) -> None:
    module = network(torch)
    layer = TorchModuleWrapper(module)
    before = copy.deepcopy(module.state_dict())
    trained = [v.value.detach() * 0 for v in layer.trainable_variables]
    others = [v.value for v in layer.non_trainable_variables]
    kept = [x.clone() for x in others]
    y, updated = layer.stateless_call(trained, others, X, training=True)
    assert not y.any()
    assert int(updated[2]) == 1
    assert all(map(torch.equal, others, kept))
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_a_tensor_used_twice_is_one_weight(torch: Any) -> None:
    module = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 3))
    module[1].weight = module[0].weight
    layer = TorchModuleWrapper(module)
    assert len(layer.weights) == 3
    y, _ = layer.stateless_call([v.value * 0 for v in layer.trainable_variables], [], X)
    assert not y.any()


def test_frozen_parameters_stay(torch: Any) -> None:
    module = torch.nn.Linear(3, 1)
    module.bias.requires_grad_(False)
    layer = TorchModuleWrapper(module)
    assert [v.name for v in layer.trainable_weights] == ["weight"]
    layer.trainable = False
    assert not module.weight.requires_grad
    assert layer.trainable_weights == []


def test_mixed_precision_computes_in_the_compute_dtype(torch: Any) -> None:
    layer = TorchModuleWrapper(torch.nn.Linear(3, 2), dtype="mixed_bfloat16")
    assert layer(X).dtype is torch.bfloat16
    assert layer(dl.Input((3,))).dtype == "bfloat16"
    assert layer.weights[0].dtype == "float32"


def test_weights_are_saved_by_the_modules_names(torch: Any, tmp_path: Any) -> None:
    def model() -> Any:
        return dl.Sequential([dl.Input((3,)), TorchModuleWrapper(network(torch))])

    first, second = model(), model()
    first.compile("sgd", "mean_squared_error")
    first.fit(X, Y, verbose=0)
    first.save_weights(tmp_path / "all.weights.h5")
    second.load_weights(tmp_path / "all.weights.h5")
    np.testing.assert_array_equal(first.predict(X, verbose=0), second.predict(X, verbose=0))
    layer = TorchModuleWrapper(torch.nn.Linear(3, 2), name="other")
    with pytest.raises(ValueError, match=r"'other'.*'bias' is missing.*'weight' has shape"):
        layer.load_own_variables({"weight": np.zeros((1, 1))})


def test_a_registered_module_is_described_and_a_pickled_one_is_refused(torch: Any) -> None:
    layer = TorchModuleWrapper(registered(torch)(3), name="scaled")
    config = dl.layers.serialize(layer)
    assert config["config"]["module"]["config"] == {"size": 3}
    assert dl.layers.deserialize(config).module.size == 3

    with pytest.warns(UserWarning, match="Linear is written pickled"):
        config = dl.layers.serialize(TorchModuleWrapper(torch.nn.Linear(3, 2), output_shape=(None, 2)))
    assert isinstance(config["config"]["module"], str)
    for read in (dl.layers.deserialize, lambda config: TorchModuleWrapper.from_config(config["config"])):
        with pytest.raises(ValueError, match=r"refused in safe mode.*safe_mode=False"):
            read(config)
    restored = dl.saving.deserialize_keras_object(config, safe_mode=False)
    assert restored.output_shape == (None, 2)
    assert TorchModuleWrapper.from_config(config["config"], safe_mode=False).module.out_features == 2
    with pytest.raises(ValueError, match="not readable"):
        TorchModuleWrapper.from_config({"module": "%%%"}, safe_mode=False)


def test_a_config_runs_nothing_that_it_names(torch: Any, tmp_path: Any) -> None:
    target = tmp_path / "ran"
    for named in (
        {"module": "pathlib", "class_name": "Path.touch", "config": {"path": str(target)}},
        {"module": "torch.nn", "class_name": "Linear", "config": {"in_features": 1, "out_features": 1}},
    ):
        with pytest.raises(TypeError, match="neither registered nor public"):
            TorchModuleWrapper.from_config({"module": named})
    assert not target.exists()


def test_misuses_are_named(torch: Any) -> None:
    with pytest.raises(TypeError, match=r"TorchModuleWrapper\(module=3\).*torch.nn.Module"):
        TorchModuleWrapper(3)  # type: ignore[arg-type]  # what is tested
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lazy = torch.nn.LazyLinear(2)
    with pytest.raises(ValueError, match="weight, bias of the lazy module"):
        TorchModuleWrapper(lazy)
    layer = TorchModuleWrapper(torch.nn.Linear(3, 2))
    with pytest.raises(RuntimeError) as raised:
        layer(np.ones((2, 4), "float32"))
    assert "torch_module_wrapper" in str(raised.value.__notes__)
    with dl.backend_scope("numpy"):
        for use in (lambda: layer(X), lambda: layer(dl.Input((3,)))):
            message = "runs on the torch backend alone, and the active one is numpy.*backend_scope('torch')"
            with pytest.raises(ValueError, match=message.replace("(", r"\(").replace(")", r"\)")):
                use()


# -- a layer as a module -----------------------------------------------------------------------------------------------


def layers() -> Any:
    dl.backend.clear_session(free_memory=False)
    return dl.Sequential(
        [
            dl.Input((3,)),
            dl.layers.Dense(4, name="hidden"),
            dl.layers.BatchNormalization(name="normal"),
            dl.layers.Dropout(0.1),
            dl.layers.Dense(1, name="train"),
        ]
    )


def test_weights_have_their_paths_names_and_are_the_same(torch: Any) -> None:
    model = layers()
    module = as_torch_module(model)
    parameters = ["hidden.kernel", "hidden.bias", "normal.gamma", "normal.beta", "train_.kernel", "train_.bias"]
    assert [name for name, _ in module.named_parameters()] == parameters
    assert [name for name, _ in module.named_buffers()] == ["normal.moving_mean", "normal.moving_variance"]
    assert all(v._value is p for v, p in zip(model.trainable_weights, module.parameters(), strict=True))
    assert list(as_torch_module(model.layers[0]).state_dict()) == ["kernel", "bias"]


def test_both_sides_train_the_same_weights(torch: Any) -> None:
    model = layers()
    module = as_torch_module(model)

    def assert_same() -> None:
        module.eval()
        np.testing.assert_array_equal(module(torch.tensor(X)).detach().numpy(), model.predict(X, verbose=0))

    optimizer = torch.optim.Adam(module.parameters(), lr=0.05)
    losses = []
    module.train()
    for _ in range(40):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(module(torch.tensor(X)), torch.tensor(Y))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    assert model.layers[1].moving_mean.numpy().any()
    assert_same()
    model.compile("sgd", "mean_squared_error")
    model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(module.state_dict()["normal.moving_mean"], model.layers[1].moving_mean.numpy())
    assert_same()
    module.load_state_dict({name: torch.zeros_like(x) for name, x in module.state_dict().items()})
    assert not model.predict(X, verbose=0).any()
    module.load_state_dict({name: torch.ones_like(x) for name, x in module.state_dict().items()}, assign=True)
    assert model.layers[0].kernel.numpy().all()
    assert_same()


def test_functional_calls_reach_the_layer_through_every_module(torch: Any) -> None:
    model = layers()
    first, second = as_torch_module(model).eval(), as_torch_module(model.layers[0]).eval()
    x = torch.tensor(X)
    zeros = {name: torch.zeros_like(value) for name, value in first.state_dict().items()}
    assert not torch.func.functional_call(first, zeros, (x,)).any()
    given = {"kernel": torch.zeros(3, 4), "bias": torch.ones(4)}
    assert bool((torch.func.functional_call(second, given, (x,)) == 1).all())
    assert not bool((second(x) == 1).all())
    gradients = torch.func.grad(lambda p: torch.func.functional_call(first, p, (x,)).sum())(
        {name: value.detach() for name, value in first.named_parameters()}
    )
    assert gradients["hidden.kernel"].any()


def test_layers_around_modules_are_modules_again_and_steps_are_compiled(torch: Any) -> None:
    inner = network(torch)
    model = dl.Sequential([dl.Input((3,)), TorchModuleWrapper(inner, name="inner"), dl.layers.Dense(1, name="head")])
    module = as_torch_module(model)
    assert [name for name, _ in module.named_parameters()][::7] == ["inner.0.weight", "head.bias"]
    zeros = {name: torch.zeros_like(value) for name, value in module.state_dict().items()}
    assert not torch.func.functional_call(module, zeros, (torch.tensor(X),)).any()
    assert inner[0].weight.any()
    model.compile("sgd", "mean_squared_error", jit_compile=True)
    before = module.inner.get_parameter("0.weight").detach().clone()
    model.fit(X, Y, verbose=0)
    assert not torch.equal(before, inner[0].weight)
    assert module.inner.get_parameter("0.weight") is inner[0].weight


@pytest.mark.parametrize("again", [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))])
def test_copies_and_pickles_have_weights_of_their_own(torch: Any, again: Any) -> None:
    model = dl.Sequential([dl.Input((3,)), TorchModuleWrapper(network(torch)), dl.layers.Dense(1)])
    module = as_torch_module(model).eval()
    x = torch.tensor(X)
    expected = module(x)
    copied = again(module)
    assert torch.equal(copied(x), expected)
    copied.load_state_dict({name: torch.zeros_like(value) for name, value in copied.state_dict().items()})
    assert not copied(x).any()
    assert not copied.layer.layers[0].module[0].weight.any()
    assert torch.equal(module(x), expected)


def test_what_cannot_be_a_module_is_said(torch: Any) -> None:
    with pytest.raises(ValueError, match=r"as_torch_module\(\).*has no weights yet: build it"):
        as_torch_module(dl.layers.Dense(2))
    with pytest.raises(TypeError, match="expected a layer"):
        as_torch_module(torch.nn.Linear(1, 1))
    with pytest.raises(TypeError, match=re.escape("torch.float32 would become torch.float64")):
        as_torch_module(layers()).double()
    with dl.backend_scope("numpy"):
        layer = dl.layers.Dense(2)
        layer.build((None, 3))
    with pytest.raises(ValueError, match="belongs to the numpy backend, expected torch"):
        as_torch_module(layer)


@pytest.mark.parametrize("calls", [1, 20])
def test_models_are_one_graph_of_torch_compile(torch: Any, calls: int) -> None:
    model = dl.Sequential([dl.Input((3,)), dl.layers.Dense(4, activation="relu"), dl.layers.Dense(1)])
    x = torch.from_numpy(X)
    for _ in range(calls):  # by the layers, and by a program of what they do
        expected = model(x)
    compiled = torch.compile(lambda x: model(x), fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(x), expected)
