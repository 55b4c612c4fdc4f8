"""Activations as layers."""

from dl_layers.activation.activation import Activation
from dl_layers.activation.rectifiers import ELU, LeakyReLU, PReLU, ReLU
from dl_layers.activation.softmax import Softmax

__all__ = ["ELU", "Activation", "LeakyReLU", "PReLU", "ReLU", "Softmax"]
