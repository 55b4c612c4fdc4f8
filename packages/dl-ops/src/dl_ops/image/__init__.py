"""Ops on images."""

from dl_ops.image.borders import *
from dl_ops.image.color import *
from dl_ops.image.filters import *
from dl_ops.image.patches import *
from dl_ops.image.resizing import *
from dl_ops.image.sampling import *
from dl_ops.image.scaling import *
from dl_ops.image.transforms import *
