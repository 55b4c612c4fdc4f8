"""Fourier transforms, special functions, and reductions that NumPy does not have."""

from dl_ops.math.distances import *
from dl_ops.math.fourier import *
from dl_ops.math.interpolation import *
from dl_ops.math.ranking import *
from dl_ops.math.reductions import *
from dl_ops.math.segments import *
from dl_ops.math.sequences import *
from dl_ops.math.special import *
from dl_ops.math.spectrograms import *
