"""Every op in one flat namespace."""

from dl_ops.core import *
from dl_ops.interchange import convert_to_numpy, convert_to_tensor
from dl_ops.numpy import *
