"""dl on PyTorch: kernels, gradients and compiled steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dl_backend_torch.engine import TorchBackend


def backend() -> TorchBackend:
    """Entry point of the group ``dl.backends``; imports PyTorch."""
    from dl_backend_torch.engine import TorchBackend

    return TorchBackend()


__all__ = ["backend"]
