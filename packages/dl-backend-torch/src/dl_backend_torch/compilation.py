"""Steps under ``torch.compile``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def compiled(step: Callable[..., Any]) -> Callable[..., Any]:
    """`step` compiled on its first call."""
    return torch.compile(step)
