"""Several objects' states in one weight file: what a training needs to go on, beside the weights."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from dl_ops.interchange import convert_to_numpy
from dl_ops.saveable import Saveable
from dl_ops.typing import Array
from dl_saving.atomic import replacing
from dl_saving.errors import about
from dl_saving.state import read_state, save_state
from dl_saving.weights_h5 import WeightsReader, WeightsWriter


def save_checkpoint(roots: Mapping[str, Saveable], path: str, keep_as: str | None = None) -> None:
    """Write the states of several objects to a file, which is replaced when the new one is complete, and not before.

    Parameters
    ----------
    roots : mapping from str to Saveable
        By the paths of their groups. What is at ``""`` can be read by `load_weights` alone; the others' names have a
        dot, so that they cannot be attributes'.
    path : str
        Ends in ``.weights.h5``.
    keep_as : str, optional
        What to rename the file to that is replaced. Of the two at least one is there at any time.

    Raises
    ------
    OSError
        If the disk is full or fails, or there is no such folder.
    """
    with replacing(path) as temporary:
        with WeightsWriter(temporary) as weights:
            for group, root in roots.items():
                save_state(root, weights, group)
        if keep_as is not None and os.path.exists(path):
            os.replace(path, keep_as)


def read_checkpoint(roots: Mapping[str, Saveable], path: str) -> list[tuple[Any, Array]]:
    """Read what `save_checkpoint` wrote, and assign nothing yet.

    Parameters
    ----------
    roots : mapping from str to Saveable
        Built as those were that were saved.
    path : str

    Returns
    -------
    list of (Variable, numpy.ndarray)
        What to assign.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    BadFileError
        If it is damaged or hostile.
    ValueError
        If the states do not fit the objects.
    """
    assigned: list[tuple[Any, Any]] = []
    misfits: list[str] = []
    with open(path, "rb") as file, about(path):
        with WeightsReader(file) as weights:
            for group, root in roots.items():
                some, others = read_state(root, weights, group)
                assigned += some
                misfits += others
        if misfits:
            raise ValueError("\n".join(["it is of another model or training:", *misfits[:20]]))
    return [(variable, convert_to_numpy(value)) for variable, value in assigned]
