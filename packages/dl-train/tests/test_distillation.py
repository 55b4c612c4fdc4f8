"""Distillation: losses against the paper's formulas, and what is trained, logged, saved and refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dl_layers import BatchNormalization, Dense, Dropout, Input
from dl_ops import ops, tree
from dl_ops.backend import backend_scope
from dl_saving import load_model
from dl_train.distillation import DistillationLoss, Distiller, FeatureDistillation, LogitsDistillation
from dl_train.losses import CategoricalCrossentropy, CosineSimilarity, SparseCategoricalCrossentropy
from dl_train.models import Model, Sequential

RNG = np.random.default_rng(5)
A, B = RNG.standard_normal((2, 6, 3)).astype("float32")
X = RNG.standard_normal((24, 4)).astype("float32")
Y = RNG.integers(0, 3, 24)


@pytest.fixture(autouse=True)
def on_numpy() -> Iterator[None]:
    with backend_scope("numpy"):
        yield


def softmax(x: Any) -> Any:
    x = np.exp(x.astype("float64") - x.max(-1, keepdims=True))
    return x / x.sum(-1, keepdims=True)


def network(width: int, name: str = "net", outputs: int = 3, inputs: int = 4) -> Model:
    x = Input((inputs,))
    return Model(x, Dense(outputs, name="o")(Dense(width, "relu", name="h")(x)), name=name)


def subclassed() -> Model:
    class Net(Model):
        def __init__(self) -> None:
            super().__init__()
            self.o = Dense(3)

        def call(self, x: Any) -> Any:
            return self.o(x)

    return Net()


# what is given by mistake
WORD: Any = "three"
NOTHING: Any = None


def kullback_leibler(p: Any, q: Any) -> float:
    return float((p * np.log(p / q)).sum(-1).mean())


@pytest.mark.parametrize("t", [0.5, 1.0, 4])
@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("kl_divergence", lambda a, b: kullback_leibler(softmax(a), softmax(b))),
        ("categorical_crossentropy", lambda a, b: -(softmax(a) * np.log(softmax(b))).sum(-1).mean()),
        (CategoricalCrossentropy(from_logits=True), lambda a, b: -(softmax(a) * np.log(softmax(b))).sum(-1).mean()),
        ("mse", lambda a, b: ((a - b) ** 2).mean()),
        (lambda p, q: abs(p - q), lambda a, b: abs(a - b).mean()),
    ],
)
def test_logits_are_compared_at_a_temperature(loss: Any, expected: Any, t: float) -> None:
    actual = LogitsDistillation(t, loss).compute_loss(ops.convert_to_tensor(A), ops.convert_to_tensor(B))
    assert float(actual) == pytest.approx(expected(A / t, B / t), rel=1e-5)


def test_losses_of_several_outputs_are_summed() -> None:
    def sum_of(loss: Any, structure: Any) -> float:
        teacher = tree.map_structure(lambda x: ops.convert_to_tensor(A * x), structure)
        student = tree.map_structure(lambda x: ops.convert_to_tensor(B * x), structure)
        return float(FeatureDistillation(loss).compute_loss(teacher, student))

    mse = float(((A - B) ** 2).mean())
    assert sum_of(["mse", None], [1.0, 2.0]) == pytest.approx(mse, rel=1e-5)
    assert sum_of({"b": "mse", "a": None}, {"a": 1.0, "b": 2.0}) == pytest.approx(4 * mse, rel=1e-5)
    assert sum_of(["mse", ["mae", "mse"]], [1.0, [0.0, 3.0]]) == pytest.approx(10 * mse, rel=1e-5)


def distiller(*losses: Any, share: float = 0.4, **options: Any) -> Distiller:
    made = Distiller(network(8, "teacher"), network(8, "student"), list(losses), student_loss_weight=share, **options)
    made.compile("sgd", loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return made


def test_the_loss_is_the_weighted_sum_and_logged_in_parts() -> None:
    logits, features = LogitsDistillation(2.0), FeatureDistillation("mse", "h", "h")
    model = distiller(logits, features, distillation_loss_weights=[1.0, 0.5])
    hidden = [Model(m.input, m.get_layer("h").output).predict(X, verbose=0) for m in (model.teacher, model.student)]
    said = [m.predict(X, verbose=0) for m in (model.teacher, model.student)]
    own = -np.log(softmax(said[1])[range(24), Y]).mean()
    distilled = kullback_leibler(softmax(said[0] / 2), softmax(said[1] / 2))
    distilled += 0.5 * float(((hidden[0] - hidden[1]) ** 2).mean())
    # batches of two sizes: the logs are means over samples, in Keras those of the parts over batches
    logs = model.evaluate(X, Y, batch_size=16, verbose=0, return_dict=True)
    assert sorted(logs) == ["accuracy", "distillation_loss", "loss", "student_loss", "total_loss"]
    assert logs["student_loss"] == pytest.approx(own, rel=1e-4)
    assert logs["distillation_loss"] == pytest.approx(distilled, rel=1e-4)
    assert logs["loss"] == pytest.approx(0.4 * own + 0.6 * distilled, rel=1e-4)
    assert logs["total_loss"] == pytest.approx(logs["loss"], rel=1e-5)


def test_only_the_student_is_trained() -> None:
    model = distiller(LogitsDistillation(), FeatureDistillation("mae", "h", "h"))
    before = [m.get_weights() for m in (model.teacher, model.student)]
    history = model.fit(X, Y, epochs=8, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    after = [m.get_weights() for m in (model.teacher, model.student)]
    assert all(np.array_equal(a, b) for a, b in zip(before[0], after[0], strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(before[1], after[1], strict=True))
    assert not model.teacher.trainable
    np.testing.assert_array_equal(model.predict(X, verbose=0), model.student.predict(X, verbose=0))
    assert [id(v) for v in model.trainable_variables] == [id(v) for v in model.student.trainable_variables]


def test_without_a_share_nothing_is_asked_for() -> None:
    assert distiller(LogitsDistillation(), share=0.0).fit(X, verbose=0).history["student_loss"] == [0.0]
    assert distiller(LogitsDistillation(), share=1.0).fit(X, Y, verbose=0).history["distillation_loss"] == [0.0]


def test_features_are_those_of_the_one_call_of_a_step() -> None:
    # another call for the features would update the means a second time, as Keras's does
    def normalized() -> Any:
        layers = [Input((4,)), BatchNormalization(momentum=0.5, name="n"), Dropout(0.5, seed=1, name="d"), Dense(3)]
        return Sequential(layers)

    student, alone = normalized(), normalized()
    model = Distiller(normalized(), student, FeatureDistillation("mse", "n", "d"))
    for each in (model, alone):
        each.compile("sgd", SparseCategoricalCrossentropy(from_logits=True))
        each.fit(X, Y, batch_size=24, verbose=0)
    np.testing.assert_allclose(student.layers[0].moving_mean.numpy(), alone.layers[0].moving_mean.numpy(), rtol=1e-6)


def test_a_distiller_is_saved_with_everything(tmp_path: Path) -> None:
    losses = [LogitsDistillation(2.5, CosineSimilarity()), FeatureDistillation(["mse"], "h", "h")]
    model = distiller(*losses, distillation_loss_weights=[2.0, 0.25])
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "d.keras")
    again = load_model(tmp_path / "d.keras")
    assert again.get_config() == model.get_config()
    for part in ("student", "teacher"):
        np.testing.assert_array_equal(
            getattr(again, part).predict(X, verbose=0), getattr(model, part).predict(X, verbose=0)
        )
    again.fit(X, Y, verbose=0, shuffle=False)
    model.fit(X, Y, verbose=0, shuffle=False)
    for a, b in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_models_of_any_kind_and_losses_of_ones_own() -> None:
    class Scaled(DistillationLoss):
        def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> Any:
            return 3.0 * ops.mean(ops.square(teacher_outputs - student_outputs))

    teacher, student = subclassed(), subclassed()
    teacher(X)
    model = Distiller(teacher, student, Scaled(), student_loss_weight=0.0)
    model.compile(loss="mse")
    history = model.fit(X, epochs=2, verbose=0).history
    assert history["loss"][1] < history["loss"][0]
    expected = 3 * ((teacher.predict(X, verbose=0) - student.predict(X, verbose=0)) ** 2).mean()
    assert model.evaluate(X, verbose=0, return_dict=True)["distillation_loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LogitsDistillation(0), "temperature=0"),
        (lambda: LogitsDistillation(WORD), "temperature='three'"),
        (lambda: LogitsDistillation(loss=[None]), "at least one loss"),
        (lambda: FeatureDistillation(None), "at least one loss"),
        (lambda: FeatureDistillation("mso"), "mso"),
        (lambda: Distiller(WORD, network(2), LogitsDistillation()), "teacher='three'"),
        (lambda: Distiller(network(2), NOTHING, LogitsDistillation()), "student=None"),
        (lambda: Distiller(network(2), network(2), None), "distillation_losses=None"),
        (lambda: Distiller(network(2), network(2), "kl"), "distillation_losses='kl'"),
        (lambda: Distiller(network(2), network(2), LogitsDistillation(), [1, 2]), "each of 1 losses"),
        (lambda: Distiller(network(2), network(2), LogitsDistillation(), student_loss_weight=1.5), "from 0 to 1"),
        (lambda: Distiller(network(2), network(2, outputs=2), LogitsDistillation()), "outputs of the teacher"),
        (lambda: Distiller(network(2), network(2, inputs=3), LogitsDistillation()), "inputs of the teacher"),
        (lambda: Distiller(network(2), network(3), FeatureDistillation("mse", "h", "h")), "one shape"),
        (lambda: Distiller(network(2), network(2), FeatureDistillation("mse", "g", "h")), "get_layer"),
        (lambda: Distiller(network(2), subclassed(), FeatureDistillation("mse", "h", "h")), "functional or seq"),
        (lambda: Distiller(network(2), network(2), LogitsDistillation()).compile("sgd"), "needs a loss"),
        (lambda: FeatureDistillation().compute_loss([A], [A, A]), "the teacher gives 1"),
    ],
)
def test_mistakes_are_named(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
