"""Data sets, ``keras.datasets``: those that need no download."""

from dl.datasets import digits

__all__ = ["digits"]
