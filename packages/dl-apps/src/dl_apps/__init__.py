"""Model architectures, their weights and their preprocessing."""

from dl_apps import densenet, imagenet_utils
from dl_apps.densenet import DenseNet121, DenseNet169, DenseNet201

__all__ = ["DenseNet121", "DenseNet169", "DenseNet201", "densenet", "imagenet_utils"]
