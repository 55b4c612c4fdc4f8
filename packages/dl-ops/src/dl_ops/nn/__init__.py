"""Ops of neural networks."""

from dl_ops.nn.activations import *
from dl_ops.nn.adaptive_pooling import *
from dl_ops.nn.attention import *
from dl_ops.nn.blocks import *
from dl_ops.nn.conv import *
from dl_ops.nn.ctc import *
from dl_ops.nn.encoding import *
from dl_ops.nn.losses import *
from dl_ops.nn.normalization import *
from dl_ops.nn.patches import *
from dl_ops.nn.pooling import *
from dl_ops.nn.shrinkage import *
from dl_ops.nn.softmax import *
