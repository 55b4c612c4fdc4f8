"""Activations as layers."""

from dl_layers.activation.activation import Activation, ReLU, Softmax

__all__ = ["Activation", "ReLU", "Softmax"]
