"""Random numbers: public distributions, the seeds they draw from, and the primitives that backends supply."""

from dl_ops.random.distributions import *
from dl_ops.random.host import *
from dl_ops.random.primitives import *
from dl_ops.random.seeding import *
from dl_ops.random.snapshot import *
