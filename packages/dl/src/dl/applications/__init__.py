"""Model architectures, ``keras.applications``."""

from dl.applications import densenet, imagenet_utils
from dl_apps import DenseNet121, DenseNet169, DenseNet201

__all__ = ["DenseNet121", "DenseNet169", "DenseNet201", "densenet", "imagenet_utils"]
