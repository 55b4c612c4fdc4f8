"""Inputs and outputs of models trained on ImageNet, ``keras.applications.imagenet_utils``."""

from dl_apps.imagenet_utils import decode_predictions, preprocess_input

__all__ = ["decode_predictions", "preprocess_input"]
