"""Checks of what losses are given; their errors name the loss and the argument."""

from __future__ import annotations

import numbers
import warnings
from typing import Any

from dl_ops.rules import may_be_equal


def check_fraction(of: str, argument: str, value: Any) -> None:
    """Refuse a number outside [0, 1]."""
    check_number(of, argument, value)
    if not 0 <= value <= 1:
        raise ValueError(f"{of}({argument}={value!r}): expected a number in [0, 1]")


def check_positive(of: str, argument: str, value: Any, or_zero: bool = False) -> None:
    """Refuse a number that is not positive."""
    check_number(of, argument, value)
    if not (value >= 0 if or_zero else value > 0):
        raise ValueError(f"{of}({argument}={value!r}): expected a positive number{' or 0' if or_zero else ''}")


def check_number(of: str, argument: str, value: Any) -> None:
    """Refuse what is no number."""
    if not isinstance(value, numbers.Real):
        raise TypeError(f"{of}({argument}={value!r}): expected a number, got {type(value).__name__}")


def check_alike(of: str, y_true: Any, y_pred: Any, hint: str = "") -> None:
    """Refuse targets and predictions of different shapes."""
    if not may_be_equal(y_true.shape, y_pred.shape):
        shapes = f"y_true has shape {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        raise ValueError(f"{of}: {shapes}: expected the same{hint}")


def warn_of_one_class(of: str, y_pred: Any, axis: int) -> None:
    """Warn of predictions with a single class, whose share is always 1."""
    if len(y_pred.shape) > 0 and y_pred.shape[axis] == 1:
        message = f"{of}: y_pred has shape {tuple(y_pred.shape)}, a single class, of which nothing can be learned"
        warnings.warn(f"{message}: for yes or no use binary_crossentropy", SyntaxWarning, stacklevel=3)
