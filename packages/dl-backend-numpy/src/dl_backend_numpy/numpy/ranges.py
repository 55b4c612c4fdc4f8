"""Numbers in regular steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_ops.backend import Kernels
from dl_ops.dtypes import numpy_dtype
from dl_ops.numpy.ranges import arange_dtype
from dl_ops.typing import Array, DTypeLike

kernels = Kernels()


@kernels.add
def arange(start: Any, stop: Any = None, step: Any = None, dtype: DTypeLike | None = None) -> Array:
    if stop is None:
        start, stop = 0, start
    # stepping in a narrow dtype would change the number of elements
    return np.arange(start, stop, 1 if step is None else step).astype(
        numpy_dtype(arange_dtype(start, stop, step, dtype)), copy=False
    )
