"""Layers that act while training alone."""

from dl_layers.regularization.dropout import Dropout

__all__ = ["Dropout"]
