"""The variables of an object and of all below it, to a weight file and back."""

from __future__ import annotations

import warnings
from typing import Any

from dl_ops.saveable import Saveable, walk
from dl_ops.scopes import StatelessScope
from dl_saving.errors import BadFileError
from dl_saving.weights_h5 import WeightsReader, WeightsWriter


def save_state(root: Saveable, weights: WeightsWriter, group: str = "") -> None:
    """Write the variables of `root` and all below it.

    Parameters
    ----------
    root : Saveable
    weights : WeightsWriter
    group : str, default ""
        Path of the root's group in the file.
    """
    for path, saveable in walk(root):
        name = getattr(saveable, "name", None)
        store = weights.variables(f"{group}/{path}".strip("/"), name if isinstance(name, str) else None)
        saveable.save_own_variables(store)


def load_state(root: Saveable, weights: WeightsReader, skip_mismatch: bool = False) -> None:
    """Assign the variables of `root` and all below it: all of them or, if something does not fit, none.

    Parameters
    ----------
    root : Saveable
    weights : WeightsReader
    skip_mismatch : bool, default False
        Whether objects that the weights do not fit are left as they are, with a warning, and the others assigned.

    Raises
    ------
    BadFileError
        If the file is damaged or asks for what it must not.
    ValueError
        If weights do not fit.
    """
    assigned, misfits = read_state(root, weights)
    if misfits and not skip_mismatch:
        raise ValueError(_report(misfits, "none are loaded; load_weights(skip_mismatch=True) loads what fits"))
    for variable, value in assigned:
        variable.assign(value)
    if misfits:
        warnings.warn(_report(misfits, "they stay as they are"), stacklevel=3)


def read_state(root: Saveable, weights: WeightsReader, group: str = "") -> tuple[list[tuple[Any, Any]], list[str]]:
    """Read the variables of `root` and all below it, and assign nothing yet.

    Parameters
    ----------
    root : Saveable
    weights : WeightsReader
    group : str, default ""
        Path of the root's group in the file.

    Returns
    -------
    assigned : list of pairs
        Variables and what to assign them.
    misfits : list of str
        Objects that the weights do not fit, each with the reason.

    Raises
    ------
    BadFileError
        If the file is damaged or asks for what it must not.
    """
    assigned: list[tuple[Any, Any]] = []
    misfits: list[str] = []
    for path, saveable in walk(root):
        # an object's assignments are kept apart until it is known that all can be made
        with StatelessScope() as scope:
            try:
                saveable.load_own_variables(weights.variables(f"{group}/{path}".strip("/")))
            except BadFileError:
                raise
            except Exception as error:
                misfits.append(_describe(path, error))
                continue
        assigned += [(variable, scope.get_current_value(variable)) for variable in scope.written]
    return assigned, misfits


def _describe(path: str, error: Exception) -> str:
    message = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
    return f"  {path or '(the model itself)'}: {message}"


def _report(misfits: list[str], consequence: str) -> str:
    count = f"{len(misfits)} object{'s' if len(misfits) > 1 else ''}"
    shown = misfits[:20] + (["  …"] if len(misfits) > 20 else [])
    return "\n".join([f"the file's weights do not fit {count}, {consequence}:", *shown])
