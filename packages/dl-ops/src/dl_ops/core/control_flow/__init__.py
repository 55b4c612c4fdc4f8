"""Branches and loops whose course may depend on tensors.

The defaults run in Python and look at values; frameworks that trace have kernels.
"""

from dl_ops.core.control_flow.branches import *
from dl_ops.core.control_flow.loops import *
from dl_ops.core.control_flow.scans import *
