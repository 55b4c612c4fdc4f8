"""Estimators of scikit-learn made of models: scikit-learn's own checks, and what they promise beyond these."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dl_layers.core import Dense, Input
from dl_ops.backend import backend_scope
from dl_ops.random import set_random_seed
from dl_train.models import Model, Sequential
from dl_train.optimizers import Adam

pytest.importorskip("sklearn")

import sklearn
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator as checks_of

from dl_train.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

RNG = np.random.default_rng(3)
X = RNG.standard_normal((60, 3))
LINE = X @ np.array([1.0, -2.0, 0.5])
LABELS = np.array(["low", "middle", "high"])[np.digitize(LINE, [-1.0, 1.0])]


@pytest.fixture(autouse=True)
def on_numpy() -> Iterator[None]:
    with backend_scope("numpy"):
        yield


def network(X: Any, y: Any, loss: str, width: int = 16, rate: float = 0.02) -> Model:
    # the same weights and order each time, as the checks of equal fits ask for
    set_random_seed(0)
    activation = "softmax" if loss == "categorical_crossentropy" else None
    model = Sequential([Input(X.shape[1:]), Dense(width, "relu"), Dense(y.shape[1], activation)])
    model.compile(Adam(rate), loss)
    return model


def classifier(**options: Any) -> Any:
    given = {"loss": "categorical_crossentropy", **options.pop("model_kwargs", {})}
    fit = {"epochs": 15, "verbose": 0, **options.pop("fit_kwargs", {})}
    return SKLearnClassifier(network, model_kwargs=given, fit_kwargs=fit, **options)


def regressor(**options: Any) -> Any:
    fit = {"epochs": 15, "verbose": 0, **options.pop("fit_kwargs", {})}
    return SKLearnRegressor(network, model_kwargs={"loss": "mse"}, fit_kwargs=fit, **options)


def transformer(**options: Any) -> SKLearnTransformer:
    return SKLearnTransformer(network, model_kwargs={"loss": "mse"}, fit_kwargs={"verbose": 0}, **options)


CHECKS = [pair for estimator in (classifier(), regressor(), transformer()) for pair in checks_of(estimator)]


def name_of(part: Any) -> str:
    """Name of an estimator or a check: scikit-learn's hold addresses, which differ from process to process."""
    return str(getattr(getattr(part, "func", part), "__name__", type(part).__name__))


# of one label in all data
@pytest.mark.filterwarnings("ignore:.*a single class:SyntaxWarning")
@pytest.mark.parametrize(("estimator", "check"), CHECKS, ids=name_of)
def test_checks_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


def test_a_classifier_learns_labels_and_says_how_sure_it_is() -> None:
    fitted = classifier().fit(X, LABELS)
    assert fitted.classes_.tolist() == ["high", "low", "middle"]
    assert fitted.score(X, LABELS) > 0.8
    scores = fitted.decision_function(X)
    np.testing.assert_array_equal(fitted.classes_[scores.argmax(1)], fitted.predict(X))
    np.testing.assert_allclose(scores, fitted.model_.predict(X, verbose=0))
    assert fitted.epoch_ == len(fitted.history_.history["loss"]) == 15


def test_of_two_classes_the_sign_of_the_decision_is_the_prediction() -> None:
    fitted = classifier().fit(X, LINE > 0)
    decision = fitted.decision_function(X)
    assert decision.shape == (60,)
    np.testing.assert_array_equal(fitted.predict(X), decision > 0)
    assert cross_val_score(classifier(), X, LINE > 0, cv=2, scoring="roc_auc").min() > 0.8


@pytest.mark.parametrize("y", [LINE, LINE[:, None], X @ RNG.standard_normal((3, 2))], ids=["flat", "column", "two"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
def test_predictions_have_the_form_of_the_targets(y: Any) -> None:
    fitted = regressor().fit(X, y)
    assert fitted.predict(X).shape == (y.shape if y.ndim == 1 or y.shape[1] > 1 else (60,))
    assert fitted.score(X, y) > 0.5
    np.testing.assert_array_equal(
        transformer().fit(X, y).transform(X).shape, y[:, None].shape if y.ndim == 1 else y.shape
    )


def test_search_and_pipeline() -> None:
    base = {"loss": "categorical_crossentropy"}
    grid = {"sklearnclassifier__model_kwargs": [{**base, "width": 1, "rate": 1e-9}, {**base, "width": 16}]}
    search = GridSearchCV(make_pipeline(StandardScaler(), classifier()), grid, cv=2, error_score="raise")
    best = search.fit(X, LABELS).best_estimator_
    assert best[-1].model_kwargs == grid["sklearnclassifier__model_kwargs"][1]
    assert best.score(X, LABELS) > 0.8


@pytest.mark.parametrize("make", [classifier, regressor, transformer])
def test_pickles_predict_the_same(make: Any) -> None:
    fitted = make().fit(X, LABELS if make is classifier else LINE)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again._outputs(X), fitted._outputs(X))
    assert again.get_params() == fitted.get_params()


def compiled() -> Model:
    model = Sequential([Input((3,)), Dense(1, kernel_initializer="zeros")])
    model.compile("sgd", "mse")
    return model


def test_a_given_model_is_fitted_as_a_copy_and_with_a_warm_start_itself() -> None:
    model = compiled()
    fitted = SKLearnRegressor(model, fit_kwargs={"verbose": 0}).fit(X, LINE)
    assert fitted.model_ is not model
    assert not model.get_weights()[0].any()
    assert fitted.model_.get_weights()[0].any()
    assert clone(fitted).model is model
    warm = SKLearnRegressor(model, warm_start=True, fit_kwargs={"verbose": 0}).fit(X, LINE)
    first = model.get_weights()[0]
    assert warm.model_ is warm.fit(X, LINE).model_ is model
    assert abs(model.get_weights()[0] - first).max() > 0


def test_a_warm_start_goes_on_with_the_model_that_was_made() -> None:
    warm = classifier(warm_start=True).fit(X, LABELS)
    first = warm.model_
    assert warm.fit(X, LABELS).model_ is first
    assert classifier().fit(X, LABELS).fit(X, LABELS).model_ is not first
    with pytest.raises(ValueError, match="y has also \\['lowest'\\]"):
        warm.fit(X, np.where(LABELS == "low", "lowest", LABELS))


def test_arguments_of_fit_go_first_and_change_no_parameter() -> None:
    # Keras writes them into fit_kwargs
    fitted = regressor().fit(X, LINE, epochs=2)
    assert fitted.epoch_ == 2
    assert fitted.fit_kwargs["epochs"] == 15


def test_metadata_are_requested_for_fit() -> None:
    # Keras requests them for score
    estimator = regressor()
    with pytest.raises(RuntimeError, match="enable_metadata_routing"):
        estimator.set_fit_request(sample_weight=True)
    weights = (LINE > 0).astype(float)
    with sklearn.config_context(enable_metadata_routing=True):
        estimator.set_fit_request(sample_weight="importance")
        assert clone(estimator).get_metadata_routing().fit.requests == {"sample_weight": "importance"}
        pipeline = make_pipeline(StandardScaler(), estimator).fit(X, LINE, importance=weights)
    alone = regressor().fit(StandardScaler().fit_transform(X), LINE, sample_weight=weights)
    np.testing.assert_allclose(pipeline[-1].predict(X), alone.predict(X), rtol=1e-5)


NUMBER: Any = 3


def made_nothing(X: Any, y: Any) -> Any:
    return None


@pytest.mark.parametrize(
    ("estimator", "error", "message"),
    [
        (SKLearnRegressor(Sequential([Input((3,)), Dense(1)])), RuntimeError, "must be compiled with a loss"),
        (SKLearnRegressor(NUMBER), TypeError, "SKLearnRegressor\\(model=3\\)"),
        (SKLearnRegressor(made_nothing), TypeError, "returned None, which is no model"),
        (SKLearnRegressor(compiled(), model_kwargs={"rate": 1}), ValueError, "only for a function"),
        (classifier(), ValueError, "Unknown label type"),
    ],
)
def test_mistakes_are_named(estimator: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        estimator.fit(X, LINE)


def test_what_is_not_fitted_predicts_nothing() -> None:
    with pytest.raises(NotFittedError):
        regressor().predict(X)
    assert regressor().epoch_ == 0
