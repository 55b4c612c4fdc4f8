"""Classifier, regressor and transformer of scikit-learn, made of a model."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_ops.objects import public
from dl_ops.typing import Array
from dl_train.wrappers.base import ModelEstimator
from dl_train.wrappers.library import ClassifierMixin, RegressorMixin, TransformerMixin, sklearn


@public("keras.wrappers.SKLearnClassifier")
class SKLearnClassifier(ClassifierMixin, ModelEstimator):
    """Classifier of scikit-learn that trains a model with one output for each class.

    Needs scikit-learn: ``pip install "dl-train[sklearn]"``.

    Parameters
    ----------
    model : Model, or callable
        A compiled model, of which each fit trains a copy with new weights; or a function
        ``model(X, y, **model_kwargs)`` that makes one: its `y` has a column of zeros and ones for each class.
    warm_start : bool, default False
        Whether a fit goes on with the model of the one before, the first with the given model itself.
    model_kwargs : dict, optional
        What the function is called with.
    fit_kwargs : dict, optional
        What `Model.fit` is called with.

    Attributes
    ----------
    model_ : Model
        The trained one.
    history_ : History
        What its ``fit`` returned.
    classes_ : array, shape (classes,)
        The classes, sorted.

    Examples
    --------
    >>> import numpy as np
    >>> from dl_layers import Dense, Input
    >>> from dl_train.models import Sequential
    >>> def softmax_regression(X, y, rate):
    ...     model = Sequential([Input(X.shape[1:]), Dense(y.shape[1], "softmax")])
    ...     model.compile("sgd", "categorical_crossentropy")
    ...     model.optimizer.learning_rate = rate
    ...     return model
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> y = np.where(X[:, 0] > 0, "high", "low")
    >>> options = {"epochs": 20, "verbose": 0}
    >>> classifier = SKLearnClassifier(softmax_regression, model_kwargs={"rate": 1.0}, fit_kwargs=options)
    >>> classifier.fit(X, y).predict([[-0.5], [0.5]]).tolist()
    ['low', 'high']
    """

    _takes_numbers = False
    classes_: Array

    def decision_function(self, X: Any) -> Array:
        """Outputs of the model.

        Parameters
        ----------
        X : array_like, shape (samples, features)

        Returns
        -------
        array, shape (samples, classes)
            For two classes of shape (samples,): the second's output less the first's, so that the second is predicted
            where it is positive.
        """
        outputs = self._outputs(X)
        return outputs[:, 1] - outputs[:, 0] if len(self.classes_) == 2 else outputs

    def _encoded(self, y: Array) -> Array:
        multiclass = sklearn("utils.multiclass", type(self).__name__)
        multiclass.check_classification_targets(y)
        kind = multiclass.type_of_target(y, raise_unknown=True)
        if kind not in ("binary", "multiclass"):
            raise ValueError(
                f"Unknown label type: {type(self).__name__} takes one class for each sample, got {kind} targets"
            )
        classes, numbers = np.unique(y, return_inverse=True)
        if self.warm_start and hasattr(self, "model_"):
            unknown = np.setdiff1d(classes, self.classes_)
            if unknown.size:
                raise ValueError(
                    f"{type(self).__name__}.fit(): with warm_start the classes are those of the first fit, "
                    f"{self.classes_.tolist()}; y has also {unknown.tolist()}"
                )
            numbers = np.searchsorted(self.classes_, y)
        else:
            self.classes_ = classes
        return np.eye(len(self.classes_), dtype="float32")[numbers.reshape(-1)]

    def _decoded(self, outputs: Array) -> Array:
        return np.asarray(self.classes_[outputs.argmax(axis=-1)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags


@public("keras.wrappers.SKLearnRegressor")
class SKLearnRegressor(RegressorMixin, ModelEstimator):
    """Regressor of scikit-learn that trains a model.

    Needs scikit-learn: ``pip install "dl-train[sklearn]"``.

    Parameters
    ----------
    model, warm_start, model_kwargs, fit_kwargs
        As for `SKLearnClassifier`; a function gets `y` as columns, one for each target.

    Attributes
    ----------
    model_, history_
        As there.

    Examples
    --------
    >>> import numpy as np
    >>> from dl_layers import Dense, Input
    >>> from dl_train.models import Sequential
    >>> line = Sequential([Input((1,)), Dense(1)])
    >>> line.compile("sgd", "mse")
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> regressor = SKLearnRegressor(line, fit_kwargs={"epochs": 1, "verbose": 0}).fit(X, 3 * X[:, 0])
    >>> regressor.predict([[0.5]]).shape, regressor.epoch_
    ((1,), 1)
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags


@public("keras.wrappers.SKLearnTransformer")
class SKLearnTransformer(TransformerMixin, ModelEstimator):
    """Transformer of scikit-learn that gives a trained model's outputs.

    Needs scikit-learn: ``pip install "dl-train[sklearn]"``.

    Parameters
    ----------
    model, warm_start, model_kwargs, fit_kwargs
        As for `SKLearnRegressor`.

    Attributes
    ----------
    model_, history_
        As there.

    Examples
    --------
    >>> import numpy as np
    >>> from dl_layers import Dense, Input
    >>> from dl_train.models import Sequential
    >>> autoencoder = Sequential([Input((3,)), Dense(2), Dense(3)])
    >>> autoencoder.compile("sgd", "mse")
    >>> X = np.ones((8, 3))
    >>> SKLearnTransformer(autoencoder, fit_kwargs={"verbose": 0}).fit(X, X).transform(X).shape
    (8, 3)
    """

    def transform(self, X: Any) -> Array:
        """Outputs of the fitted model.

        Parameters
        ----------
        X : array_like, shape (samples, features)

        Returns
        -------
        array, shape (samples, outputs)
        """
        return self._outputs(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # outputs have the model's dtype
        tags.transformer_tags.preserves_dtype = []
        return tags
