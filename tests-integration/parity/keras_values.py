"""What Keras gives for every case of the conformance kit, on the backend that KERAS_BACKEND names, as a file.

Run as a script: only one backend of Keras can be had in a process.
"""

from __future__ import annotations

import pickle
import sys
import warnings
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


def computed() -> dict[str, Any]:
    """Results by case, or what was raised, as text."""
    values: dict[str, Any] = {}
    for case in all_cases():
        if keras_op(case.op) is None:
            continue
        args, kwargs = case.arguments("float32")
        try:
            result = keras_op(case.op)(*tensors(args), **tensors(kwargs))
            values[str(case)] = [plain(x) for x in keras.tree.flatten(result)]
        except Exception as error:
            values[str(case)] = f"{type(error).__name__}: {error}"
    return values


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with np.errstate(all="ignore"):
        Path(sys.argv[1]).write_bytes(pickle.dumps(computed()))
