"""Models as estimators of scikit-learn, ``keras.wrappers``."""

from dl_train.wrappers.estimators import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]
