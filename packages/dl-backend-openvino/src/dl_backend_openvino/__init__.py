"""dl on OpenVINO: kernels and compiled inference."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dl_backend_openvino.engine import OpenVINOBackend


def backend() -> OpenVINOBackend:
    """Entry point of the group ``dl.backends``; imports OpenVINO."""
    from dl_backend_openvino.engine import OpenVINOBackend

    return OpenVINOBackend()


__all__ = ["backend"]
