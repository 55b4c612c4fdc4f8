"""Random bits from a key by tensor arithmetic: for compiled programs, which cannot hold a generator."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

_MULTIPLIER: Final = 0xD256D193
_WEYL: Final = 0x9E3779B9
_MASK: Final = 0xFFFFFFFF
_ROUNDS: Final = 10


def random_bits(key: Tensor, count: int) -> Tensor:
    """`count` int64 numbers of 32 random bits by Philox2x32-10: keyed by the seed, of the counter and the position.

    References
    ----------
    Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
    """
    seed, counter = key.long().unbind()
    left = torch.arange(count, device=key.device)
    right = counter
    for _ in range(_ROUNDS):
        # int64 wraps around, which leaves the lower 64 bits of the product as they are
        product = left * _MULTIPLIER
        left, right = ((product >> 32) & _MASK) ^ seed ^ right, product & _MASK
        seed = (seed + _WEYL) & _MASK
    return left
