"""Learning-rate schedules, ``keras.optimizers.schedules``."""

from dl_train.optimizers.schedules import *
