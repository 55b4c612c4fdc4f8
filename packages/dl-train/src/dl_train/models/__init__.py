"""Models: layers that are trained, ``keras.models``."""

from dl_train.models.functional import Functional
from dl_train.models.model import Model
from dl_train.models.sequential import Sequential

__all__ = ["Functional", "Model", "Sequential"]
