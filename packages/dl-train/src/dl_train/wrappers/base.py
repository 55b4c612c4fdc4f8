"""What the estimators of scikit-learn made of models share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Self

import numpy as np

from dl_ops.typing import Array
from dl_train.extras import require
from dl_train.models import Model, clone_model
from dl_train.wrappers.library import BaseEstimator, sklearn

ModelOrBuilder = Model | Callable[..., Model]

# what scikit-learn's own clone() takes along beside the parameters
_KEPT: Final = ("_metadata_request", "_sklearn_output_config")


class ModelEstimator(BaseEstimator):
    """Estimator that fits a model; see `SKLearnClassifier` for the parameters."""

    _takes_numbers = True
    """Whether targets are numbers, else classes of any kind."""

    def __init__(
        self,
        model: ModelOrBuilder,
        warm_start: bool = False,
        model_kwargs: Mapping[str, Any] | None = None,
        fit_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        # scikit-learn wants them untouched
        self.model, self.warm_start = model, warm_start
        self.model_kwargs, self.fit_kwargs = model_kwargs, fit_kwargs

    @property
    def epoch_(self) -> int:
        """Number of epochs of the last fit; 0 before it."""
        history = getattr(self, "history_", None)
        return 0 if history is None else len(history.epoch)

    def fit(self, X: Any, y: Any, **kwargs: Any) -> Self:
        """Fit the model.

        Parameters
        ----------
        X : array_like, shape (samples, features)
        y : array_like, shape (samples,)
            For a regressor or transformer also of shape (samples, targets).
        **kwargs
            As for `Model.fit`; they go before ``fit_kwargs``.

        Returns
        -------
        estimator
            Itself. The fitted model is ``model_``, its history ``history_``.

        Raises
        ------
        ValueError
            If the data are malformed.
        RuntimeError
            If the model is not compiled with a loss and an optimizer.
        """
        X, y = self._validated(X, y)
        y = self._encoded(y)
        model = self._model_for(X, y)
        if not model.compiled or model.loss is None or model.optimizer is None:
            raise RuntimeError(
                f"{type(self).__name__}.fit(): the model {model.name!r} must be compiled with a loss and an optimizer"
            )
        self.history_ = model.fit(X, y, **{**(self.fit_kwargs or {}), **kwargs})
        self.model_ = model
        return self

    def predict(self, X: Any) -> Any:
        """What the fitted model predicts.

        Parameters
        ----------
        X : array_like, shape (samples, features)

        Returns
        -------
        array, shape (samples,)
            Or (samples, targets), as the `y` it was fitted with.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If `fit` was not called.
        """
        return self._decoded(self._outputs(X))

    def set_fit_request(self, **kwargs: Any) -> Self:
        """Say which metadata, such as ``sample_weight``, a meta-estimator is to hand to `fit`.

        Parameters
        ----------
        **kwargs : bool or str
            By name: whether to hand it on, or under which other name it comes.

        Returns
        -------
        estimator
            Itself.

        Raises
        ------
        RuntimeError
            If scikit-learn's metadata routing is not enabled.
        """
        enabled = require("sklearn", "set_fit_request()", "sklearn").get_config()["enable_metadata_routing"]
        if not enabled:
            raise RuntimeError(
                f"{type(self).__name__}.set_fit_request(): metadata are routed only after "
                "sklearn.set_config(enable_metadata_routing=True)"
            )
        request = self.get_metadata_routing()
        for name, alias in kwargs.items():
            request.fit.add_request(param=name, alias=alias)
        self._metadata_request = request
        return self

    # -- what the kinds of estimators do in their own way ------------------------------------------------------------

    def _encoded(self, y: Array) -> Array:
        """Targets as the model takes them: columns."""
        self._target_ndim = y.ndim
        return y.reshape(-1, 1) if y.ndim == 1 else y

    def _decoded(self, outputs: Array) -> Array:
        """Predictions in the form of the targets."""
        single = self._target_ndim == 1 and outputs.ndim == 2 and outputs.shape[1] == 1
        return outputs[:, 0] if single else outputs

    # -- parts -------------------------------------------------------------------------------------------------------

    def _validated(self, X: Any, y: Any) -> tuple[Array, Array]:
        several = getattr(y, "ndim", 1) == 2 and y.shape[1] > 1
        validation = sklearn("utils.validation", type(self).__name__)
        X, y = validation.validate_data(self, X, y, multi_output=several, y_numeric=self._takes_numbers)
        return X, y

    def _outputs(self, X: Any) -> Array:
        """What the fitted model gives for validated data."""
        validation = sklearn("utils.validation", type(self).__name__)
        validation.check_is_fitted(self, "model_")
        X = validation.validate_data(self, X, reset=False)
        return np.asarray(self.model_.predict(X, verbose=(self.fit_kwargs or {}).get("verbose", "auto")))

    def _model_for(self, X: Array, y: Array) -> Model:
        """The model to fit: that of the last fit if it is to go on, else a new one."""
        if self.warm_start and hasattr(self, "model_"):
            return self.model_
        model = self.model
        if isinstance(model, Model):
            if self.model_kwargs:
                raise ValueError(f"{type(self).__name__}(model_kwargs=…): only for a function that makes the model")
            return model if self.warm_start else clone_model(model)
        if not callable(model):
            raise TypeError(
                f"{type(self).__name__}(model={model!r}): expected a model, or a function of X and y that makes one"
            )
        made = model(X, y, **(self.model_kwargs or {}))
        if not isinstance(made, Model):
            raise TypeError(f"{type(self).__name__}: the function given as model returned {made!r}, which is no model")
        return made

    def __sklearn_clone__(self) -> Self:
        # the model itself is shared: fit() makes a new one of it
        clone = sklearn("base", type(self).__name__).clone
        options = {
            name: clone(value, safe=False) for name, value in self.get_params(deep=False).items() if name != "model"
        }
        copy = type(self)(model=self.model, **options)
        for name in _KEPT:
            if name in vars(self):
                setattr(copy, name, clone(vars(self)[name], safe=False))
        return copy

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # weights are random, and a short training may do badly on scikit-learn's examples
        tags.non_deterministic = True
        return tags
