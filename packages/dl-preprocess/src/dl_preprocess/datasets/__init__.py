"""Data sets that need no download."""

from dl_preprocess.datasets import digits

__all__ = ["digits"]
