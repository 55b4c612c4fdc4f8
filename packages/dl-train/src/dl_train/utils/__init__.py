"""Utilities that serve training, ``keras.utils``."""

from dl_train.utils.config import Config
from dl_train.utils.plotting import model_to_dot, plot_model

__all__ = ["Config", "model_to_dot", "plot_model"]
