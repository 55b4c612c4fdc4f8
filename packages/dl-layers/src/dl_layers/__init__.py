"""Layers, and what they take by name: initializers, regularizers, constraints, activations, dtype policies."""

from dl_layers.activation import Activation, ReLU, Softmax
from dl_layers.attention import MultiHeadAttention
from dl_layers.convolution import Conv2D
from dl_layers.core import Dense, EinsumDense, Embedding, Input, InputLayer
from dl_layers.layer import InputSpec, Layer
from dl_layers.merging import Add, Concatenate, Multiply, add, concatenate
from dl_layers.normalization import BatchNormalization, LayerNormalization
from dl_layers.pooling import AveragePooling2D, GlobalAveragePooling2D, GlobalMaxPooling2D, MaxPooling2D
from dl_layers.recurrent import LSTM, RNN, LSTMCell
from dl_layers.regularization import Dropout
from dl_layers.reshaping import Flatten, Reshape, ZeroPadding2D

__all__ = [
    "LSTM",
    "RNN",
    "Activation",
    "Add",
    "AveragePooling2D",
    "BatchNormalization",
    "Concatenate",
    "Conv2D",
    "Dense",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling2D",
    "Input",
    "InputLayer",
    "InputSpec",
    "LSTMCell",
    "Layer",
    "LayerNormalization",
    "MaxPooling2D",
    "MultiHeadAttention",
    "Multiply",
    "ReLU",
    "Reshape",
    "Softmax",
    "ZeroPadding2D",
    "add",
    "concatenate",
]
