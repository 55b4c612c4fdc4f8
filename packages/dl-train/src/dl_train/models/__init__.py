"""Models: layers that are trained, ``keras.models``."""

from dl_train.models.cloning import clone_model
from dl_train.models.functional import Functional
from dl_train.models.model import Model, model_from_json
from dl_train.models.sequential import Sequential

__all__ = ["Functional", "Model", "Sequential", "clone_model", "model_from_json"]
