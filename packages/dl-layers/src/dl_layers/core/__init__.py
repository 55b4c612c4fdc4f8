"""Layers that others are made of."""

from dl_layers.core.dense import Dense
from dl_layers.core.einsum_dense import EinsumDense
from dl_layers.core.embedding import Embedding
from dl_layers.core.input_layer import Input, InputLayer

__all__ = ["Dense", "EinsumDense", "Embedding", "Input", "InputLayer"]
