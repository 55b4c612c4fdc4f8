"""Structures with arrays in them as JSON, the arrays beside it."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import numpy as np

from dl_ops.typing import Array

_ARRAY: Final = "array stored as"


def to_json(x: Any, store: MutableMapping[str, Array], owner: str) -> Any:
    """What JSON can hold, for a structure of dictionaries, lists, numbers, strings and arrays.

    Parameters
    ----------
    x : structure
        Tuples become lists, NumPy's scalars Python's.
    store : mutable mapping from str to numpy.ndarray
        Gets the arrays.
    owner : str
        Whose it is, for errors.

    Returns
    -------
    any

    Raises
    ------
    TypeError
        If something is none of these.

    Examples
    --------
    >>> store = {}
    >>> to_json({"best": np.float32(0.5), "weights": [np.ones(2)]}, store, "a callback")
    {'best': 0.5, 'weights': [{'array stored as': 'array 0'}]}
    >>> store
    {'array 0': array([1., 1.])}
    """
    if x is None or isinstance(x, (bool, int, float, str)):
        return x
    if isinstance(x, np.generic):
        return x.item()
    if isinstance(x, np.ndarray):
        name = f"array {sum(key.startswith('array ') for key in store)}"
        store[name] = x
        return {_ARRAY: name}
    if isinstance(x, Mapping):
        if not all(isinstance(key, str) and key != _ARRAY for key in x):
            raise TypeError(f"{owner} has a dictionary with the keys {list(x)}: expected strings")
        return {key: to_json(value, store, owner) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return [to_json(item, store, owner) for item in x]
    raise TypeError(
        f"{owner} has {x!r} of type {type(x).__name__}: expected numbers, strings, arrays, lists and dictionaries"
    )


def from_json(x: Any, store: Mapping[str, Array]) -> Any:
    """Structure that `to_json` was given.

    Parameters
    ----------
    x : any
    store : mapping from str to numpy.ndarray

    Returns
    -------
    structure

    Raises
    ------
    KeyError
        If an array is not there.

    Examples
    --------
    >>> from_json([1, {"array stored as": "array 0"}], {"array 0": np.ones(2)})
    [1, array([1., 1.])]
    """
    if isinstance(x, dict):
        return store[x[_ARRAY]] if x.keys() == {_ARRAY} else {key: from_json(value, store) for key, value in x.items()}
    return [from_json(item, store) for item in x] if isinstance(x, list) else x
