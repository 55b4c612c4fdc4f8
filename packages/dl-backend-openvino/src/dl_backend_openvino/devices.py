"""OpenVINO's runtime, and the device that programs are compiled for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import openvino as ov

# so that results agree with other backends; the default is the fastest precision the device has
_OPTIONS: Final = {"INFERENCE_PRECISION_HINT": "f32"}
# fusing attention into snippets crashes the process where a query is used elsewhere too: (attention(q, k, v) * tanh(q))
_OPTIONS_OF_CPU: Final = {**_OPTIONS, "SNIPPETS_MODE": "DISABLE"}


@cache
def core() -> Any:
    """The runtime, started when it is first used."""
    return ov.Core()


def available() -> list[str]:
    """Names of the devices that OpenVINO sees, such as ``["cpu:0"]``."""
    names = []
    for device in core().available_devices:
        kind, _, index = device.lower().partition(".")
        names.append(f"{kind}:{index or 0}")
    return names


class _Current(threading.local):
    device: str = "CPU"


_current = _Current()


@contextmanager
def scope(name: str) -> Iterator[None]:
    """Compile for the device of that name inside; a ``ValueError`` if there is none."""
    kind, _, index = name.lower().partition(":")
    if f"{kind}:{index or 0}" not in available():
        raise ValueError(f"device_name={name!r}: expected one of {', '.join(map(repr, available()))}")
    several = sum(device.startswith(kind) for device in available()) > 1
    before, _current.device = _current.device, kind.upper() + (f".{index}" if several else "")
    try:
        yield
    finally:
        _current.device = before


def compiled(parameters: list[Any], outputs: list[Any]) -> Any:
    """Compiled model from nodes of parameters to outputs, for the current device."""
    options = _OPTIONS_OF_CPU if _current.device.startswith("CPU") else _OPTIONS
    return core().compile_model(ov.Model(outputs, parameters), _current.device, options)
