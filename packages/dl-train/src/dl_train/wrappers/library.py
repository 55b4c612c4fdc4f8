"""What is taken from scikit-learn; where that is not installed, classes that say so when they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dl_train.extras import require

__all__ = ["BaseEstimator", "ClassifierMixin", "RegressorMixin", "TransformerMixin", "sklearn"]

if TYPE_CHECKING:

    class BaseEstimator:
        """Parameters of an estimator as its attributes."""

        _metadata_request: Any

        def get_params(self, deep: bool = True) -> dict[str, Any]: ...
        def get_metadata_routing(self) -> Any: ...
        def __sklearn_tags__(self) -> Any: ...

    class ClassifierMixin:
        """``score`` of a classifier."""

    class RegressorMixin:
        """``score`` of a regressor."""

    class TransformerMixin:
        """``fit_transform``."""

else:
    try:
        from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("sklearn"):
            raise

        class BaseEstimator:
            """Stands for scikit-learn's class of this name."""

            def __new__(cls, *args, **kwargs):
                require("sklearn", cls.__name__, "sklearn")

        class ClassifierMixin:
            """Stands for scikit-learn's class of this name."""

        class RegressorMixin:
            """Stands for scikit-learn's class of this name."""

        class TransformerMixin:
            """Stands for scikit-learn's class of this name."""


def sklearn(module: str, needed_by: str) -> Any:
    """Module of scikit-learn: ``sklearn("utils.validation", …)``."""
    return require(f"sklearn.{module}", needed_by, "sklearn")
