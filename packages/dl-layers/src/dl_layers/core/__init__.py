"""Layers that others are made of."""

from dl_layers.core.dense import Dense
from dl_layers.core.einsum_dense import EinsumDense
from dl_layers.core.embedding import Embedding
from dl_layers.core.identity import Identity
from dl_layers.core.input_layer import Input, InputLayer
from dl_layers.core.lambda_layer import Lambda
from dl_layers.core.masking import Masking
from dl_layers.core.reversible_embedding import ReversibleEmbedding

__all__ = [
    "Dense",
    "EinsumDense",
    "Embedding",
    "Identity",
    "Input",
    "InputLayer",
    "Lambda",
    "Masking",
    "ReversibleEmbedding",
]
