"""Models as estimators of scikit-learn, ``keras.wrappers``."""

from dl_train.wrappers import *
