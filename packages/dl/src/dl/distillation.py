"""Training a small model to do what a large one does, ``keras.distillation``."""

from dl_train.distillation import *
