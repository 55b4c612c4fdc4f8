"""PyTorch's generators, seeded anew for each draw, so that a draw depends on its key alone."""

from __future__ import annotations

import threading

import torch
from torch import Tensor

_local = threading.local()
_MASK = 0xFFFFFFFF


def generator(key: Tensor, device: torch.device) -> torch.Generator:
    """Generator for a draw with a key, two uint32 numbers.

    The CPU's generator takes 32 bits of its seed only. They are a one-to-one function of the second number, the
    counter, so that draws of one seed never meet; the upper half, which other devices take too, is the first one.
    """
    seed, counter = key.tolist()
    generators = _local.__dict__
    name = str(device)
    if name not in generators:
        generators[name] = torch.Generator(device)
    found: torch.Generator = generators[name]
    # manual_seed() takes 63 bits without complaint
    return found.manual_seed((seed & 0x7FFFFFFF) << 32 | _mix(counter ^ _mix(seed)))


def _mix(x: int) -> int:
    """One-to-one function of 32 bits that depends on all of them: the finaliser of MurmurHash3 (public domain)."""
    x ^= x >> 16
    x = x * 0x85EBCA6B & _MASK
    x ^= x >> 13
    x = x * 0xC2B2AE35 & _MASK
    return x ^ x >> 16
