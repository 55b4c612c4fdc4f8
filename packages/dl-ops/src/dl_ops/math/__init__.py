"""Special functions, and reductions that NumPy does not have."""

from dl_ops.math.interpolation import *
from dl_ops.math.ranking import *
from dl_ops.math.reductions import *
from dl_ops.math.segments import *
from dl_ops.math.special import *
