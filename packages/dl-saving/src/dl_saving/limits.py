"""How much may be allocated for a file of some size.

A small file must not fill memory or disk, neither by data that expand nor by a config that asks for huge layers. Files
that Keras and we write are not compressed; compressed again they shrink by a little, and less than tenfold in all but
made-up cases.
"""

from __future__ import annotations

from typing import Final

from dl_ops.scopes import AllocationBudget

MEBIBYTE: Final = 2**20

# of what is unpacked: deflate can expand a thousandfold
_EXPANSION: Final = 100
_EXPANSION_SLACK: Final = 16 * MEBIBYTE

# of variables: beside each saved one an optimizer may make a handful that the file has not, and a layer some of its own
_VARIABLES: Final = 16
_VARIABLES_SLACK: Final = 64 * MEBIBYTE


def expanded(stored: int) -> AllocationBudget:
    """Budget for what comes out of `stored` bytes of a file.

    Examples
    --------
    >>> expanded(1000).limit
    16877216
    """
    return AllocationBudget(
        _EXPANSION_SLACK + _EXPANSION * stored, f"it may be a decompression bomb, in a file of {stored}"
    )


def variables(weights: int) -> AllocationBudget:
    """Budget for the variables of a model, of whose weights a file holds so many bytes.

    Examples
    --------
    >>> variables(1000).limit
    67124864
    """
    return AllocationBudget(
        _VARIABLES_SLACK + _VARIABLES * weights,
        f"the file has {weights} bytes of weights; if you trust it, pass safe_mode=False",
    )
