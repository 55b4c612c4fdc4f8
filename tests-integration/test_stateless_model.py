"""A training loop written with ``jax.value_and_grad`` over a model's pure loss, beside fit()."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dl
from dl_ops.testing.pytest_backends import backends_under_test

pytestmark = pytest.mark.skipif("jax" not in backends_under_test(), reason="needs JAX")

X = np.random.default_rng(1).standard_normal((16, 3)).astype("float32")
Y = X[:, :1] - X[:, 1:2]


def network() -> Any:
    dl.utils.set_random_seed(4)
    layers = [dl.layers.Dense(5, "tanh"), dl.layers.BatchNormalization(), dl.layers.Dense(1)]
    model = dl.Sequential([dl.Input((3,)), *layers])
    model.compile(dl.optimizers.SGD(0.1), "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def values(variables: Any) -> list[Any]:
    return [variable.value for variable in variables]


def test_a_loop_in_jax_is_what_fit_does() -> None:
    import jax

    with dl.backend_scope("jax"):
        model, fitted = network(), network()
        fitted.fit(X, Y, batch_size=16, epochs=3, verbose=0)
        gradient = jax.jit(jax.value_and_grad(model.compute_loss_and_updates, has_aux=True), static_argnums=6)
        trained, others = values(model.trainable_variables), values(model.non_trainable_variables)
        metrics = values(model.metrics_variables)
        losses = []
        for _ in range(3):
            (loss, (_, y_pred, others, metrics)), gradients = gradient(trained, others, metrics, X, Y, None, True)
            trained = [v - 0.1 * g for v, g in zip(trained, gradients, strict=True)]
            losses.append(float(loss))
        assert y_pred.shape == Y.shape
        assert losses[2] < losses[0]
        after = fitted.get_state_tree("numpy_array")
        for variable, value in zip(
            [*model.trainable_variables, *model.non_trainable_variables], [*trained, *others], strict=True
        ):
            variable.assign(value)
        model.jax_state_sync()
        ours = model.get_state_tree("numpy_array")
        for kind in ("trainable_variables", "non_trainable_variables"):
            expected, actual = dl.tree.flatten(after[kind]), dl.tree.flatten(ours[kind])
            for a, e in zip(actual, expected, strict=True):
                np.testing.assert_allclose(a, e, rtol=1e-4, atol=1e-5)
