"""Training a small model to do what a large one does, ``keras.distillation``."""

from dl_train.distillation.distiller import Distiller
from dl_train.distillation.losses import DistillationLoss, FeatureDistillation, LogitsDistillation

__all__ = ["DistillationLoss", "Distiller", "FeatureDistillation", "LogitsDistillation"]
