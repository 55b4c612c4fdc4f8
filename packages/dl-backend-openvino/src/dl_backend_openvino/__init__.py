"""dl on OpenVINO: kernels and compiled inference."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dl_backend_openvino.engine import OpenVINOBackend


def backend() -> OpenVINOBackend:
    """Entry point of the group ``dl.backends``; imports OpenVINO."""
    with _without_telemetry():
        from dl_backend_openvino.engine import OpenVINOBackend

    return OpenVINOBackend()


@contextmanager
def _without_telemetry() -> Iterator[None]:
    """Let an import find no ``openvino_telemetry``.

    OpenVINO reports each import of it over the network, from a process that it forks, which JAX warns may deadlock.
    """
    name = "openvino_telemetry"
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # makes importing it fail
    try:
        yield
    finally:
        del sys.modules[name]


__all__ = ["backend"]
