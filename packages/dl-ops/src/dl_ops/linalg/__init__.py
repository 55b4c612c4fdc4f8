"""Linear algebra on stacks of matrices."""

from dl_ops.autodiff.products import jvp as jvp
from dl_ops.linalg.decompositions import *
from dl_ops.linalg.norms import *
from dl_ops.linalg.solving import *
