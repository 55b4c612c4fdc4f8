"""Kernels in fewer bits, and updates of low rank.

A mode is a class of `StoredKernel`, in the table `STORED`: it says in which variables a kernel is kept, how they are
made from floating point, and how a product is computed with them. A layer, which is `Quantizable`, says what its kernel
is: its `Layout`, and its product.
"""

from dl_layers.quantization.layout import Layout
from dl_layers.quantization.low_rank import LowRankUpdates
from dl_layers.quantization.quantizable import STORED, Quantizable
from dl_layers.quantization.stored import StoredKernel

__all__ = ["STORED", "Layout", "LowRankUpdates", "Quantizable", "StoredKernel"]
