"""Keras-compatible model and weight files, written atomically and read safely."""

from dl_saving.api import load_model, load_weights, save_model, save_weights
from dl_saving.checkpoint import read_checkpoint, save_checkpoint
from dl_saving.errors import BadFileError

__all__ = [
    "BadFileError",
    "load_model",
    "load_weights",
    "read_checkpoint",
    "save_checkpoint",
    "save_model",
    "save_weights",
]
