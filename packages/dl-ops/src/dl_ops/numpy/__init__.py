"""Ops named after NumPy's functions."""

from dl_ops.numpy.arithmetic import *
from dl_ops.numpy.comparison import *
from dl_ops.numpy.contraction import *
from dl_ops.numpy.counting import *
from dl_ops.numpy.creation import *
from dl_ops.numpy.cumulative import *
from dl_ops.numpy.exponents import *
from dl_ops.numpy.indexing import *
from dl_ops.numpy.joining import *
from dl_ops.numpy.limits import *
from dl_ops.numpy.logic import *
from dl_ops.numpy.matrices import *
from dl_ops.numpy.ranges import *
from dl_ops.numpy.reductions import *
from dl_ops.numpy.reordering import *
from dl_ops.numpy.rounding import *
from dl_ops.numpy.selection import *
from dl_ops.numpy.shaping import *
from dl_ops.numpy.sorting import *
from dl_ops.numpy.statistics import *
from dl_ops.numpy.trigonometry import *
