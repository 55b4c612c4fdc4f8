"""stub"""
from __future__ import annotations
from typing import Any

class Trainer:
    optimizer: Any = None
    compiled: bool = False
    def get_compile_config(self) -> dict[str, Any]: return {}
    def _forget_functions(self) -> None: ...
