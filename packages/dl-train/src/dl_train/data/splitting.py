"""A part of the data for validation."""

from __future__ import annotations

import math
from typing import Any

from dl_ops import tree
from dl_train.data.conversion import as_arrays, check_lengths


def train_validation_split(arrays: tuple[Any, ...], validation_split: float) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Split arrays into the samples to train with and the last ones, to validate with.

    Parameters
    ----------
    arrays : tuple of structures of arrays
        ``(x, y, sample_weight)``, or fewer; ``None`` for what there is not.
    validation_split : float
        Fraction of the samples to validate with.

    Returns
    -------
    train, validation : tuple
        Like `arrays`.

    Raises
    ------
    ValueError
        If the fraction is not between 0 and 1, or leaves no samples on one side.

    Examples
    --------
    >>> import numpy as np
    >>> (x,), (x_val,) = train_validation_split((np.arange(10),), 0.2)
    >>> x.tolist(), x_val.tolist()
    ([0, 1, 2, 3, 4, 5, 6, 7], [8, 9])
    """
    if not 0 < validation_split < 1:
        raise ValueError(f"validation_split={validation_split}: expected a fraction between 0 and 1")
    try:
        parts = [as_arrays(part) for part in arrays]
    except TypeError as error:
        raise ValueError(f"validation_split works with arrays only: {error}; give validation_data instead") from None
    length = check_lengths(dict(zip(("x", "y", "sample_weight"), parts, strict=False)))
    split = math.floor(length * (1 - validation_split))
    if split in (0, length):
        raise ValueError(f"validation_split={validation_split} of {length} samples leaves none on one side")

    def cut(part: slice) -> tuple[Any, ...]:
        return tuple(tree.map_structure(lambda x: None if x is None else x[part], item) for item in parts)

    return cut(slice(0, split)), cut(slice(split, length))
