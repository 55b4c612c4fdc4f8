"""Layers, ``keras.layers``, those for preprocessing among them."""

from dl_layers import *
from dl_layers import AveragePooling2D, Conv2D, GlobalAveragePooling2D, GlobalMaxPooling2D, MaxPooling2D
from dl_layers.serialization import deserialize as deserialize
from dl_layers.serialization import serialize as serialize
from dl_preprocess.layers import *

# other names of the same layers
AvgPool2D = AveragePooling2D
Convolution2D = Conv2D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalMaxPool2D = GlobalMaxPooling2D
MaxPool2D = MaxPooling2D
