"""Names of things that the user did not name: ``dense``, ``dense_1``, … counted per prefix and per thread."""

from __future__ import annotations

import re
import threading
from collections import Counter
from functools import cache

_WORD_START = re.compile(r"(?<=.)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])")


class _Counters(threading.local):
    def __init__(self) -> None:
        self.uids: Counter[str] = Counter()


_state = _Counters()


@cache
def to_snake_case(name: str) -> str:
    """Class name in the form that automatic names and weight files use.

    Digits stay with the word before them, runs of capitals stay together, and what cannot stand in an identifier is
    dropped.

    Parameters
    ----------
    name : str

    Returns
    -------
    str

    Examples
    --------
    >>> [to_snake_case(name) for name in ("Dense", "Conv2DTranspose", "ConvLSTM1D", "ReLU")]
    ['dense', 'conv2d_transpose', 'conv_lstm1d', 're_lu']
    """
    return _WORD_START.sub("_", re.sub(r"\W+", "", name)).lower()


def get_uid(prefix: str = "") -> int:
    """Count one more use of a prefix in this thread.

    Parameters
    ----------
    prefix : str, default ""

    Returns
    -------
    int
        1 for the first use since `reset_uids`. `unique_name` counts with the same counters.

    Examples
    --------
    >>> reset_uids()
    >>> get_uid("dense"), get_uid("dense"), get_uid("conv2d")
    (1, 2, 1)
    """
    _state.uids[prefix] += 1
    return _state.uids[prefix]


def reset_uids() -> None:
    """Start all of this thread's counters again, as ``clear_session`` does."""
    _state.uids.clear()


def numbered(name: str, uid: int) -> str:
    """Name of the `uid`-th bearer of a name, counted from 1: ``dense``, ``dense_1``, ``dense_2``."""
    return name if uid == 1 else f"{name}_{uid - 1}"


def unique_name(prefix: str) -> str:
    """Next unused automatic name with a prefix that is already in its final form.

    Parameters
    ----------
    prefix : str

    Returns
    -------
    str

    Examples
    --------
    >>> reset_uids()
    >>> unique_name("dense"), unique_name("dense")
    ('dense', 'dense_1')
    """
    return numbered(prefix, get_uid(prefix))


def auto_name(prefix: str) -> str:
    """Next automatic name for an object of a class.

    Parameters
    ----------
    prefix : str
        Usually a class name; brought to snake case first.

    Returns
    -------
    str

    Examples
    --------
    >>> reset_uids()
    >>> auto_name("LayerNormalization"), auto_name("LayerNormalization")
    ('layer_normalization', 'layer_normalization_1')
    """
    return unique_name(to_snake_case(prefix))
