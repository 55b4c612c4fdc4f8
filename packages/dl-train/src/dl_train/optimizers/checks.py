"""Checks of arguments that several optimizers have."""

from __future__ import annotations

from typing import Any


def is_number(value: Any) -> bool:
    """Whether a value is a real number, NumPy's and single tensors included."""
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, str)


def check_not_negative(owner: str, **arguments: Any) -> None:
    """Raise a ``ValueError`` that names the owner and the argument unless each is a number of at least zero."""
    for name, value in arguments.items():
        if not (is_number(value) and value >= 0):
            raise ValueError(f"{owner}({name}={value!r}): expected a number that is not negative")
