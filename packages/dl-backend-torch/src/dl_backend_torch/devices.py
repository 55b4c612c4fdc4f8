"""Devices by Keras's names, and the one on which tensors are created."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch

from dl_backend_torch.tracing import is_plain

_TYPES = {"cpu": "cpu", "gpu": "cuda", "cuda": "cuda", "mps": "mps", "xpu": "xpu", "meta": "meta"}


def available() -> list[str]:
    """Names of the devices PyTorch sees, accelerators first."""
    names = [f"gpu:{i}" for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        names.append("mps:0")
    return [*names, "cpu:0"]


@cache
def parse(name: str) -> torch.device:
    """PyTorch's device of a name such as ``"gpu:1"``.

    Raises
    ------
    ValueError
        If the name is not of that form.
    """
    kind, _, index = name.lower().partition(":")
    if kind not in _TYPES or (index and not index.isdecimal()):
        raise ValueError(f"device_name={name!r}: expected one such as {', '.join(map(repr, available()))}")
    return torch.device("cpu" if kind == "cpu" else _TYPES[kind] + (f":{index}" if index else ""))


class _Current(threading.local):
    device: torch.device = parse(available()[0])


_current = _Current()


def current() -> torch.device:
    """Device on which tensors are created in this thread."""
    return _current.device


@contextmanager
def scope(name: str) -> Iterator[None]:
    """Create tensors on the device of that name inside."""
    before = _current.device
    _current.device = parse(name)
    try:
        yield
    finally:
        _current.device = before


def moved(x: torch.Tensor, device: torch.device) -> torch.Tensor:
    """A CPU tensor on a device; CUDA's need not have done what they were told before."""
    if device.type == "cuda" and is_plain():
        # a copy from memory that the system may move would wait for all of it; the pinned copy is given back when done
        return x.pin_memory().to(device, non_blocking=True)
    return x.to(device)
