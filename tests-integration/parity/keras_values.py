"""What Keras gives for cases of the conformance kit, on the backend that KERAS_BACKEND names, as a file.

Run as a script, with names of cases as a line of input each: only one backend of Keras can be had in a process.
"""

from __future__ import annotations

import pickle
import sys
import warnings
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dl_ops.testing import all_cases
from dl_ops.testing.case import map_arrays


def keras_op(name: str) -> Any:
    """Keras's op of a name, wherever it is."""
    return getattr(keras.ops, name, None) or getattr(keras.ops.image, name, None)


def plain(x: Any) -> Any:
    """A tensor as its dtype's name and a NumPy array; anything else as it is."""
    if not hasattr(x, "dtype"):
        return x
    return keras.backend.standardize_dtype(x.dtype), np.asarray(keras.ops.convert_to_numpy(x))


def tensors(structure: Any) -> Any:
    """A structure with tensors for NumPy arrays."""
    return map_arrays(keras.ops.convert_to_tensor, structure)


def in_one(op: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """The result of an op, on JAX compiled as a whole: one by one, its steps would take JAX several times as long."""
    if keras.backend.backend() != "jax":
        return op(*args, **kwargs)
    import jax

    leaves, structure = jax.tree.flatten((args, kwargs))
    places = [i for i, x in enumerate(leaves) if isinstance(x, jax.Array)]

    def step(arrays: list[Any]) -> Any:
        filled = list(leaves)
        for i, x in zip(places, arrays, strict=True):
            filled[i] = x
        positional, keyword = jax.tree.unflatten(structure, filled)
        return op(*positional, **keyword)

    try:
        return jax.jit(step)([leaves[i] for i in places])
    except Exception:  # it needs values, or Keras refuses it
        return op(*args, **kwargs)


def computed(names: Collection[str]) -> dict[str, Any]:
    """Results by case, or what was raised, as text."""
    values: dict[str, Any] = {}
    for case in all_cases():
        if str(case) not in names or keras_op(case.op) is None:
            continue
        args, kwargs = case.arguments("float32")
        try:
            result = in_one(keras_op(case.op), tensors(args), tensors(kwargs))
            values[str(case)] = [plain(x) for x in keras.tree.flatten(result)]
        except Exception as error:
            values[str(case)] = f"{type(error).__name__}: {error}"
    return values


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with np.errstate(all="ignore"):
        Path(sys.argv[1]).write_bytes(pickle.dumps(computed(set(sys.stdin.read().splitlines()))))
