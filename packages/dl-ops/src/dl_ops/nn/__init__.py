"""Ops of neural networks."""

# not in the namespace, but among the ops
from dl_ops.nn import affine as affine
from dl_ops.nn import recurrence as recurrence
from dl_ops.nn.adaptive_pooling import *
from dl_ops.nn.attention import *
from dl_ops.nn.blocks import *
from dl_ops.nn.complex_numbers import *
from dl_ops.nn.conv import *
from dl_ops.nn.ctc import *
from dl_ops.nn.ctc_decoding import *
from dl_ops.nn.encoding import *
from dl_ops.nn.gates import *
from dl_ops.nn.losses import *
from dl_ops.nn.normalization import *
from dl_ops.nn.patches import *
from dl_ops.nn.pooling import *
from dl_ops.nn.rectifiers import *
from dl_ops.nn.shrinkage import *
from dl_ops.nn.sigmoids import *
from dl_ops.nn.softmax import *
