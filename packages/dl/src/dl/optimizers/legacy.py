"""Names of Keras 2's optimizers, ``keras.optimizers.legacy``."""

from dl_train.optimizers.legacy import *
