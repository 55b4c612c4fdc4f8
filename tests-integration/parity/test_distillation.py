"""Distillation beside Keras: losses, an epoch, configs and files.

Not the same, on purpose:

- losses of distributions get distributions here, in Keras the divided logits, whose divergence means nothing;
- a file says which loss was given to compile(), Keras's does not, and is loaded uncompiled;
- the parts of the loss are logged as means over samples, in Keras over batches;
- in a step the student runs once, in Keras once more where features are compared.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

import dl
from dl_ops import backend_scope

# Keras's arrays are of the older protocol; the rest of its warnings are not ours
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RNG = np.random.default_rng(5)
X = RNG.standard_normal((32, 4)).astype("float32")
Y = RNG.integers(0, 3, 32)
A, B = RNG.standard_normal((2, 6, 3)).astype("float32")
WEIGHTS = [RNG.standard_normal(shape).astype("float32") for shape in [(4, 6), (6,), (6, 3), (3,)]]


@pytest.mark.parametrize(
    "make",
    [
        lambda k: k.distillation.FeatureDistillation(),
        lambda k: k.distillation.FeatureDistillation("cosine_similarity", "a", "b"),
        lambda k: k.distillation.FeatureDistillation(k.losses.MeanAbsoluteError(reduction="sum")),
        lambda k: k.distillation.LogitsDistillation(2.0, "mse"),
        lambda k: k.distillation.LogitsDistillation(loss=k.losses.MeanAbsoluteError()),
        lambda k: k.distillation.LogitsDistillation(),
    ],
)
def test_losses_and_configs(make: Any) -> None:
    theirs = make(keras)
    with backend_scope("numpy"):
        ours = make(dl)
        assert dl.utils.serialize_keras_object(ours) == keras.saving.serialize_keras_object(theirs)
        again = dl.utils.deserialize_keras_object(keras.saving.serialize_keras_object(theirs))
        if "kl_divergence" not in str(ours.get_config()):
            expected = float(theirs.compute_loss(A, B))
            for loss in (ours, again):
                actual = float(loss.compute_loss(dl.ops.convert_to_tensor(A), dl.ops.convert_to_tensor(B)))
                assert actual == pytest.approx(expected, rel=1e-5)


def network(k: ModuleType, name: str, scale: float) -> Any:
    x = k.Input((4,), name="x")
    h = k.layers.Dense(6, activation="tanh", name="h")(x)
    model = k.Model(x, k.layers.Dense(3, name="o")(h), name=name)
    model.set_weights([w * scale for w in WEIGHTS])
    return model


def trained(k: ModuleType) -> tuple[Any, dict[str, Any]]:
    kinds = k.distillation
    losses = [kinds.LogitsDistillation(3.0, "mse"), kinds.FeatureDistillation("mae", "h", "h")]
    model = kinds.Distiller(network(k, "teacher", 1.0), network(k, "student", -0.4), losses, [2.0, 0.5], 0.3)
    model.compile(k.optimizers.SGD(0.1), k.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    logs = model.fit(X, Y, batch_size=8, shuffle=False, verbose=0).history
    return model, {name: values[-1] for name, values in logs.items()}


def test_an_epoch_and_files_both_ways(tmp_path: Path) -> None:
    theirs, expected = trained(keras)
    theirs.save(tmp_path / "theirs.keras")
    values = theirs.predict(X, verbose=0)
    with backend_scope("numpy"):
        ours, logs = trained(dl)
        assert logs == pytest.approx(expected, rel=1e-4)
        np.testing.assert_allclose(ours.predict(X, verbose=0), values, rtol=1e-4, atol=1e-5)
        results = ours.evaluate(X, Y, verbose=0)
        np.testing.assert_allclose(results, theirs.evaluate(X, Y, verbose=0), rtol=1e-4)
        with pytest.warns(UserWarning, match="which loss"):
            read = dl.models.load_model(tmp_path / "theirs.keras")
        np.testing.assert_allclose(read.predict(X, verbose=0), values, rtol=1e-4, atol=1e-5)
        ours.save(tmp_path / "ours.keras")
    assert "config.json" in zipfile.ZipFile(tmp_path / "ours.keras").namelist()
    with pytest.warns(UserWarning, match="was not called"):
        back = keras.models.load_model(tmp_path / "ours.keras")
    np.testing.assert_allclose(back.predict(X, verbose=0), values, rtol=1e-4, atol=1e-5)
