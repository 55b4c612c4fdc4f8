"""Where random number generators stand, as something that can be written to a JSON file and gone back to."""

from __future__ import annotations

import base64
import random
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from dl_ops.backend.registry import loaded_backends

__all__ = ["host_random_state", "set_host_random_state"]

_PYTHON: Final = "python"
_NUMPY: Final = "numpy"


def host_random_state() -> dict[str, Any]:
    """Where the generators stand that a program draws from beside the ops: Python's, NumPy's global one, and those of
    the frameworks that are loaded and tell.

    `SeedGenerator` keeps its state in a variable, and is none of these.

    Returns
    -------
    dict from str to any
        Of what JSON has, for `set_host_random_state`.

    Examples
    --------
    >>> import random
    >>> state = host_random_state()
    >>> number = random.random()
    >>> set_host_random_state(state)
    >>> random.random() == number
    True
    """
    version, numbers, gauss = random.getstate()
    states: dict[str, Any] = {
        _PYTHON: {"version": version, "numbers": _encoded(np.array(numbers, "uint32")), "gauss": gauss},
        _NUMPY: _encoded(np.random.get_state(legacy=False)),
    }
    for backend in loaded_backends():
        own = backend.framework_random_state()
        if own:
            states[f"framework {backend.name}"] = _encoded(own)
    return states


def set_host_random_state(states: Mapping[str, Any]) -> None:
    """Bring generators back to where they stood.

    Parameters
    ----------
    states : mapping from str to any
        What `host_random_state` returned. That of a framework which is not loaded is left out.

    Raises
    ------
    ValueError
        If it is malformed, or NumPy's global generator is of another kind now.
    """
    try:
        python, own = states[_PYTHON], _decoded(states[_NUMPY])
        random.setstate((python["version"], tuple(map(int, _decoded(python["numbers"]))), python["gauss"]))
        np.random.set_state(own)
        for backend in loaded_backends():
            if f"framework {backend.name}" in states:
                backend.set_framework_random_state(_decoded(states[f"framework {backend.name}"]))
    except (KeyError, TypeError, ValueError, OverflowError, RuntimeError) as error:
        raise ValueError(f"the state of the random number generators is none that can be set: {error!r}") from error


def _encoded(x: Any) -> Any:
    if isinstance(x, np.ndarray):
        return {"dtype": x.dtype.name, "base64": base64.b64encode(x.tobytes()).decode()}
    if isinstance(x, Mapping):
        return {name: _encoded(value) for name, value in x.items()}
    return x.item() if isinstance(x, np.generic) else x


def _decoded(x: Any) -> Any:
    if not isinstance(x, Mapping):
        return x
    if x.keys() == {"dtype", "base64"}:
        dtype = np.dtype(str(x["dtype"]))
        if dtype.kind not in "ui":
            raise ValueError(f"expected integers, got {dtype}")
        return np.frombuffer(base64.b64decode(x["base64"], validate=True), dtype).copy()
    return {name: _decoded(value) for name, value in x.items()}
