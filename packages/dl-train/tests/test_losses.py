"""Losses against their formulas in NumPy's float64, with weights, masks and reductions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dl_layers.layer.masks import set_mask
from dl_ops import KerasTensor, backend_scope, ops
from dl_ops.autodiff import value_and_grad
from dl_ops.backend import Backend
from dl_train import losses
from dl_train.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    LossFunctionWrapper,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)

RNG = np.random.default_rng(0)
REAL = RNG.normal(size=(5, 3))
OTHER = RNG.normal(size=(5, 3))
BINARY = RNG.integers(0, 2, (5, 3))
CLASSES = RNG.integers(0, 3, 5)
ONE_HOT = np.eye(3)[CLASSES]
WEIGHTS = RNG.uniform(0.5, 2.0, 5)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))


def softmax(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(x) / np.exp(x).sum(-1, keepdims=True))


def entropy(target: np.ndarray, p: np.ndarray) -> np.ndarray:
    return np.asarray(-target * np.log(p) - (1 - target) * np.log(1 - p))


# name: loss, targets, predictions, one value per sample
CASES: dict[str, tuple[Loss, Any, Any, np.ndarray]] = {
    "mse": (MeanSquaredError(), REAL, OTHER, np.mean((REAL - OTHER) ** 2, -1)),
    "mae": (MeanAbsoluteError(), REAL, OTHER, np.mean(np.abs(REAL - OTHER), -1)),
    "bce": (BinaryCrossentropy(), BINARY, sigmoid(OTHER), entropy(BINARY, sigmoid(OTHER)).mean(-1)),
    "bce of logits": (BinaryCrossentropy(from_logits=True), BINARY, OTHER, entropy(BINARY, sigmoid(OTHER)).mean(-1)),
    "bce smoothed": (
        BinaryCrossentropy(label_smoothing=0.2),
        BINARY,
        sigmoid(OTHER),
        entropy(0.8 * BINARY + 0.1, sigmoid(OTHER)).mean(-1),
    ),
    "cce": (CategoricalCrossentropy(), ONE_HOT, softmax(OTHER), -np.sum(ONE_HOT * np.log(softmax(OTHER)), -1)),
    "cce, not summing to 1": (
        CategoricalCrossentropy(),
        ONE_HOT,
        3 * softmax(OTHER),
        -np.sum(ONE_HOT * np.log(softmax(OTHER)), -1),
    ),
    "cce of logits, smoothed": (
        CategoricalCrossentropy(from_logits=True, label_smoothing=0.3),
        ONE_HOT,
        OTHER,
        -np.sum((0.7 * ONE_HOT + 0.1) * np.log(softmax(OTHER)), -1),
    ),
    "scce": (SparseCategoricalCrossentropy(), CLASSES, softmax(OTHER), -np.log(softmax(OTHER)[range(5), CLASSES])),
    "scce of logits, with a unit axis": (
        SparseCategoricalCrossentropy(from_logits=True),
        CLASSES[:, None],
        OTHER,
        -np.log(softmax(OTHER)[range(5), CLASSES]),
    ),
}


def reconfigured(loss: Loss, **changes: Any) -> Loss:
    return type(loss).from_config({**loss.get_config(), **changes})


def close(value: Any, expected: Any) -> None:
    value = ops.convert_to_numpy(value)
    assert value.dtype == np.float32
    assert value.shape == np.shape(expected)
    np.testing.assert_allclose(value, expected, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_the_formula(name: str, backend: Backend) -> None:
    loss, y_true, y_pred, expected = CASES[name]
    y_pred = y_pred.astype("float32")
    close(reconfigured(loss, reduction="none")(y_true, y_pred), expected)
    close(loss(y_true, y_pred), expected.mean())
    close(loss(y_true, ops.convert_to_tensor(y_pred), sample_weight=WEIGHTS), np.mean(expected * WEIGHTS))
    if isinstance(loss, LossFunctionWrapper):
        close(loss.fn(y_true, y_pred, **loss.kwargs), expected)


REDUCTIONS: dict[Any, Callable[[np.ndarray, np.ndarray], Any]] = {
    "sum": lambda x, w: np.sum(x * w),
    "mean": lambda x, w: np.mean(x * w),
    "sum_over_batch_size": lambda x, w: np.mean(x * w),
    "mean_with_sample_weight": lambda x, w: np.sum(x * w) / np.sum(w),
    "none": lambda x, w: x * w,
    None: lambda x, w: x * w,
}


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(
    "weights", [None, WEIGHTS, WEIGHTS[:, None], 2.0], ids=["none", "batch", "unit axis", "number"]
)
def test_reductions(reduction: str | None, weights: Any, backend: Backend) -> None:
    expected = CASES["mse"][3]
    w = np.ones(5) if weights is None else np.broadcast_to(np.ravel(weights), 5)
    close(
        MeanSquaredError(reduction=reduction)(REAL, OTHER.astype("float32"), sample_weight=weights),
        REDUCTIONS[reduction](expected, w),
    )


@pytest.mark.parametrize("shape", [(2,), (2, 1), (2, 4), (2, 4, 1)])
def test_weights_of_leading_axes_count_for_all_behind_them(shape: tuple[int, ...], backend: Backend) -> None:
    x, y = RNG.normal(size=(2, 2, 4, 3))
    w = RNG.uniform(size=shape)
    expected = np.mean((x - y) ** 2, -1) * w.reshape((*shape[:2], 1) if len(shape) == 1 else shape[:2])
    close(MeanSquaredError()(x, y.astype("float32"), sample_weight=w), expected.mean())


@pytest.mark.parametrize(("shape", "other"), [((5,), (5, 1)), ((5, 1), (5,)), ((2, 3), (2, 3, 1)), ((2, 3, 1), (2, 3))])
def test_a_last_axis_of_size_1_may_be_missing(shape: tuple[int, ...], other: tuple[int, ...], backend: Backend) -> None:
    x = RNG.normal(size=shape)
    y = RNG.normal(size=other)
    common = shape[:2] if len(shape) == 3 or len(other) == 3 else (5, 1)
    expected = np.mean((x.reshape(common) - y.reshape(common)) ** 2, -1)
    close(MeanSquaredError(reduction=None)(x, y.astype("float32")), expected)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
def test_masked_values_do_not_count(reduction: str | None, weighted: bool, backend: Backend) -> None:
    mask = np.array([True, False, True, True, False])
    y_pred = ops.convert_to_tensor(OTHER.astype("float32"))
    set_mask(y_pred, ops.convert_to_tensor(mask))
    weights = WEIGHTS if weighted else np.ones(5)
    result = MeanSquaredError(reduction=reduction)(REAL, y_pred, sample_weight=WEIGHTS if weighted else None)
    if reduction in ("none", None):
        close(result, CASES["mse"][3] * weights * mask)
    else:
        close(result, REDUCTIONS[reduction](CASES["mse"][3][mask], weights[mask]))


def test_loss_of_nothing_is_zero(backend: Backend) -> None:
    y_pred = ops.convert_to_tensor(OTHER.astype("float32"))
    set_mask(y_pred, ops.zeros(5, dtype="bool"))
    assert float(MeanSquaredError()(REAL, y_pred)) == 0.0


@pytest.mark.parametrize("ignored", [-1, 1])
def test_ignored_class_does_not_count(ignored: int, backend: Backend) -> None:
    classes = CLASSES.copy()
    classes[:2] = ignored
    counted = classes != ignored
    expected = -np.log(softmax(OTHER)[range(5), np.where(counted, classes, 0)])
    for targets in (classes, classes[:, None], classes.astype("float32")):
        loss = SparseCategoricalCrossentropy(from_logits=True, ignore_class=ignored)
        y_pred = OTHER.astype("float32")
        close(loss(targets, y_pred), expected[counted].mean())
        close(reconfigured(loss, reduction="none")(targets, y_pred), expected * counted)
        close(losses.sparse_categorical_crossentropy(targets, y_pred, True, ignored), expected * counted)


def test_class_numbers_are_not_rounded(backend: Backend) -> None:
    # 2 ** 24 + 1 is no float32
    loss = SparseCategoricalCrossentropy(ignore_class=2**24, reduction=None)
    y_pred = ops.convert_to_tensor([[0.5, 0.5]])
    seen = loss.mask(ops.convert_to_tensor(np.array([2**24 + 1], "int32")), ops.ones(1))
    assert ops.convert_to_numpy(seen).tolist() == [True]
    assert np.isnan(ops.convert_to_numpy(loss(np.array([2**24 + 1], "int32"), y_pred))).tolist() == [True]


def test_axis_of_the_classes(backend: Backend) -> None:
    logits = RNG.normal(size=(2, 3, 4)).astype("float32")
    classes = RNG.integers(0, 3, (2, 4))
    p = np.moveaxis(softmax(np.moveaxis(logits.astype("float64"), 1, -1)), -1, 1)
    expected = -np.log(np.take_along_axis(p, classes[:, None], 1)[:, 0])
    close(SparseCategoricalCrossentropy(from_logits=True, axis=1, reduction=None)(classes, logits), expected)
    targets = np.moveaxis(np.eye(3)[classes], -1, 1)
    close(CategoricalCrossentropy(from_logits=True, axis=1, reduction=None)(targets, logits), expected)


def test_logits_may_be_large(trainable_backend: Backend) -> None:
    y_pred = ops.convert_to_tensor([[1000.0, -1000.0]])
    for loss, target, value in (
        (BinaryCrossentropy(from_logits=True), [[0.0, 0.0]], 500.0),
        (CategoricalCrossentropy(from_logits=True), [[0.0, 1.0]], 2000.0),
        (SparseCategoricalCrossentropy(from_logits=True), [1], 2000.0),
    ):
        result, gradient = value_and_grad(lambda x, loss=loss, target=target: loss(target, x))(y_pred)
        close(result, value)
        assert np.all(np.isfinite(ops.convert_to_numpy(gradient)))


@pytest.mark.parametrize("name", ["mse", "bce of logits", "cce", "scce"])
def test_gradient_is_the_slope(name: str, trainable_backend: Backend) -> None:
    loss, y_true, y_pred, _ = CASES[name]
    direction = np.random.default_rng(1).normal(size=y_pred.shape)
    _, gradient = value_and_grad(lambda x: loss(y_true, x, sample_weight=WEIGHTS))(
        ops.convert_to_tensor(y_pred.astype("float32"))
    )
    h = 1e-5
    with backend_scope("numpy"):
        in_float64 = reconfigured(loss, dtype="float64")
        ends = [float(in_float64(y_true, y_pred + sign * h * direction, sample_weight=WEIGHTS)) for sign in (1, -1)]
    slope = (ends[0] - ends[1]) / (2 * h)
    np.testing.assert_allclose(np.sum(ops.convert_to_numpy(gradient) * direction), slope, rtol=1e-3, atol=1e-5)


def test_dtype(backend: Backend) -> None:
    assert losses.mean_squared_error([[1, 2]], [[2, 4]]).dtype == ops.convert_to_tensor(1.0).dtype
    half = MeanSquaredError(dtype="float16")
    assert half.dtype == "float16"
    assert ops.convert_to_numpy(half(REAL, OTHER)).dtype == np.float16
    targets = ops.convert_to_tensor(REAL.astype("float32"))
    result = losses.mean_squared_error(targets, ops.convert_to_tensor(OTHER.astype("float16")))
    assert ops.convert_to_numpy(result).dtype == np.float16


def test_symbolic_predictions_give_symbolic_losses() -> None:
    for loss, y_true in (
        (MeanSquaredError(), KerasTensor((None, 3))),
        (SparseCategoricalCrossentropy(ignore_class=0), KerasTensor((None,), "int32")),
    ):
        assert loss(y_true, KerasTensor((None, 3))).shape == ()
        assert reconfigured(loss, reduction="none")(y_true, KerasTensor((None, 3))).shape == (None,)


# -- own losses and names ---------------------------------------------------------------------------------------------


def distance(y_true: Any, y_pred: Any, power: float = 1.0) -> Any:
    return ops.mean(ops.absolute(y_true - y_pred) ** power, axis=-1)


def test_a_function_as_loss(backend: Backend) -> None:
    loss = LossFunctionWrapper(distance, power=3.0, name="cubic")
    close(
        loss(REAL, OTHER.astype("float32"), sample_weight=WEIGHTS),
        np.mean(np.mean(np.abs(REAL - OTHER) ** 3, -1) * WEIGHTS),
    )
    assert loss.get_config()["power"] == 3.0


def test_structures_of_targets_and_predictions(backend: Backend) -> None:
    class Both(Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return losses.mean_squared_error(y_true["a"], y_pred["a"]) + losses.mean_absolute_error(
                y_true["b"], y_pred["b"]
            )

    y_pred = {"a": OTHER.astype("float32"), "b": REAL.astype("float32")}
    expected = np.mean((REAL - OTHER) ** 2) + np.mean(np.abs(REAL - OTHER))
    close(Both()({"a": REAL, "b": OTHER}, y_pred), expected)
    wrapped = LossFunctionWrapper(
        lambda t, p: losses.mean_squared_error(t[0], p[0]) * losses.mean_squared_error(t[1], p[1])
    )
    x = RNG.normal(size=5)
    close(wrapped([x, REAL], [np.zeros((5, 1), "float32"), OTHER.astype("float32")]), np.mean(x**2 * CASES["mse"][3]))


def test_follows_the_backend_of_the_predictions(backend: Backend) -> None:
    if backend.name == "numpy":
        pytest.skip("NumPy's tensors belong to all")
    tensor = ops.convert_to_tensor(OTHER.astype("float32"))
    with backend_scope("numpy"):
        close(MeanSquaredError()(REAL, tensor), CASES["mse"][3].mean())


def test_shapes_that_do_not_fit_are_refused(backend: Backend) -> None:
    with pytest.raises(ValueError, match=r"\(5, 3\).*\(5, 2\)"):
        CategoricalCrossentropy()(ONE_HOT, OTHER[:, :2].astype("float32"))
    with pytest.raises(ValueError, match=r"\(4,\)"):
        SparseCategoricalCrossentropy()(CLASSES[:4], OTHER.astype("float32"))


@pytest.mark.parametrize(
    "make",
    [
        lambda: MeanSquaredError(reduction="sum", name="mine", dtype="float16"),
        lambda: BinaryCrossentropy(from_logits=True, label_smoothing=0.1, axis=1),
        lambda: CategoricalCrossentropy(label_smoothing=0.1),
        lambda: SparseCategoricalCrossentropy(ignore_class=3, axis=1),
    ],
)
def test_config_round_trip(make: Callable[[], Loss]) -> None:
    config = losses.serialize(make())
    again = losses.deserialize(config)
    assert config["module"] == "keras.losses"
    assert type(again) is type(make())
    assert losses.serialize(again) == config


def test_get() -> None:
    for name in ("mse", "MSE", "mean_squared_error"):
        assert losses.get(name) is losses.mean_squared_error
    assert losses.get(distance) is distance
    assert losses.get(None) is None
    assert type(losses.get("BinaryCrossentropy")) is BinaryCrossentropy
    assert losses.deserialize(losses.serialize(losses.mean_squared_error)) is losses.mean_squared_error
    with pytest.raises(ValueError, match="unknown loss 'mean_sqared_error': did you mean 'mean_squared_error'"):
        losses.get("mean_sqared_error")


ONE = np.ones((2, 3), "float32")
Y = np.zeros(2, "int32")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MeanSquaredError(reduction="total"), "reduction='total'.*expected one of"),
        (lambda: BinaryCrossentropy(label_smoothing=1.5), "BinaryCrossentropy.label_smoothing=1.5"),
        (lambda: CategoricalCrossentropy(label_smoothing=-0.5), "label_smoothing=-0.5"),
        (lambda: losses.BinaryFocalCrossentropy(label_smoothing=2), "BinaryFocalCrossentropy.label_smoothing=2"),
        (lambda: losses.BinaryFocalCrossentropy(alpha=2), "alpha=2.*in .0, 1."),
        (lambda: losses.BinaryFocalCrossentropy(gamma=-1), "gamma=-1.*positive number or 0"),
        (lambda: losses.CategoricalFocalCrossentropy(gamma=-1), "gamma=-1"),
        (lambda: losses.CategoricalGeneralizedCrossEntropy(q=1.0), r"q=1.0.*in \(0, 1\)"),
        (lambda: losses.Huber(delta=0), "Huber.delta=0.*positive"),
        (lambda: losses.Huber(delta=float("nan")), "Huber.delta=nan.*positive"),
        (lambda: losses.Tversky(alpha=-1), "Tversky.alpha=-1"),
        (lambda: losses.Circle(gamma=0), "Circle.gamma=0"),
        (lambda: losses.huber(ONE, ONE, delta=-1), "huber.delta=-1"),
        (lambda: losses.binary_crossentropy(ONE, ONE, label_smoothing=7), "binary_crossentropy.label_smoothing=7"),
        (lambda: losses.categorical_generalized_cross_entropy(Y, ONE, 0), r"q=0.*in \(0, 1\)"),
        (lambda: losses.binary_crossentropy(ONE, ONE[:, :2]), r"\(2, 3\), y_pred \(2, 2\)"),
        (lambda: losses.categorical_crossentropy(Y, ONE), r"\(2,\), y_pred \(2, 3\).*sparse_categorical_crossentropy"),
        (lambda: losses.categorical_focal_crossentropy(Y, ONE), "categorical_focal_crossentropy: y_true has shape"),
        (lambda: losses.categorical_generalized_cross_entropy(ONE, ONE, 0.5), r"\(2, 3\): expected \(2,\), class num"),
        (lambda: losses.dice(ONE, ONE[:, :1]), r"dice: y_true has shape \(2, 3\), y_pred \(2, 1\)"),
        (lambda: losses.tversky(ONE[:1], ONE), r"tversky: y_true has shape \(1, 3\)"),
        (
            lambda: losses.mean_squared_error(ONE, ONE[:, :2]),
            r"mean_squared_error: y_true has shape \(2, 3\), y_pred \(2, 2\)",
        ),
        (lambda: losses.Hinge()(ONE, ONE[:, :2]), r"hinge: y_true has shape \(2, 3\)"),
        (lambda: losses.cosine_similarity(ONE, ONE, axis=5), "axis.*5|5.*axis"),
        (lambda: losses.circle(Y, ONE[0]), r"circle: y_pred has shape \(3,\): expected \(batch, features\)"),
        (lambda: losses.circle(Y[:1], ONE), r"circle: y_true has shape \(1,\): expected \(2,\)"),
        (lambda: losses.circle(Y, ONE, ref_labels=Y), "ref_labels and ref_embeddings belong together"),
        (lambda: losses.circle(Y, ONE, Y[:1], ONE), r"ref_labels has shape \(1,\): expected \(2,\)"),
        (lambda: losses.ctc(Y, ONE[None]), r"ctc: y_true has shape \(2,\): expected \(1, labels\)"),
        (lambda: losses.ctc(Y[None], ONE), r"ctc: y_pred has shape \(2, 3\): expected \(batch, time, classes\)"),
        (lambda: MeanSquaredError()(ONE, ONE, sample_weight=np.ones(3)), r"\(3,\) do not fit values of shape \(2,\)"),
        (lambda: MeanSquaredError()(ONE, ONE, sample_weight=ONE), r"\(2, 3\) do not fit values of shape \(2,\)"),
    ],
)
def test_arguments_are_checked(make: Callable[[], Any], message: str) -> None:
    with backend_scope("numpy"), pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: losses.Huber(delta="1"),  # type: ignore[arg-type]
        lambda: BinaryCrossentropy(label_smoothing=None),  # type: ignore[arg-type]
        lambda: losses.CategoricalGeneralizedCrossEntropy(q="0.5"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_number_is_refused(make: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match="expected a number, got"):
        make()


def test_references_of_the_circle_loss() -> None:
    # of the first embedding the reference of its number is left out, of the second one there is no other of its class
    embeddings, references = np.array([[1.0, 0.0], [0.6, 0.8]]), np.array([[0.8, 0.6], [1.0, 0.0], [0.0, 1.0]])
    with backend_scope("numpy"):
        for removed, near in ((True, [1]), (False, [0, 1])):
            found = losses.circle(
                [0, 1], embeddings, [0, 0, 2], references, remove_diagonal=removed, gamma=3, margin=0.2
            )
            s = embeddings[0] @ references.T
            wanted = sum(np.exp(-3 * (1.2 - s[i]) * (s[i] - 0.8)) for i in near) * np.exp(3 * 0.2 * (0.0 - 0.2))
            np.testing.assert_allclose(np.asarray(found), [np.log1p(wanted), 0.0], rtol=1e-6)


def test_labels_are_padded_at_the_end_only() -> None:
    logits = RNG.normal(size=(2, 4, 3)).astype("float32")
    with backend_scope("numpy"):
        found = losses.ctc(np.array([[1, 2], [0, 2]]), logits)
        np.testing.assert_allclose(found[0], losses.ctc(np.array([[1, 2, 0, 0]]), logits[:1])[0], rtol=1e-6)
    assert np.isnan(found[1])


def test_a_single_class_is_warned_of() -> None:
    with backend_scope("numpy"), pytest.warns(SyntaxWarning, match="categorical_crossentropy.*a single class"):
        losses.categorical_crossentropy(ONE[:, :1], ONE[:, :1])


def test_a_subclass_in_the_place_of_the_crossentropy_of_classes_is_asked() -> None:
    class Doubled(losses.SparseCategoricalCrossentropy):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return 2 * super().call(y_true, y_pred)

    classes, logits = np.array([1, 0, 2]), np.array([[0.5, 1.0, 0.0], [2.0, 0.0, 1.0], [0.0, 3.0, 1.0]], "float32")
    plain = losses.SparseCategoricalCrossentropy(from_logits=True)
    values = losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")(classes, logits)
    np.testing.assert_allclose(plain(classes, logits), np.mean(values), rtol=1e-6)
    np.testing.assert_allclose(plain(classes, logits, np.ones(3, "float32")), np.mean(values), rtol=1e-6)
    np.testing.assert_allclose(Doubled(from_logits=True)(classes, logits), 2 * np.mean(values), rtol=1e-6)
