"""Models, ``keras.models``."""

from dl_saving import load_model, save_model
from dl_train.models import Model, Sequential, clone_model, model_from_json

__all__ = ["Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model"]
