"""New tensors of a value that the graph computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dl_backend_openvino.building import converted
from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels
from dl_ops.dtypes import standardize_dtype

kernels = Kernels()


@kernels.add
def full(shape: int | Sequence[int], fill_value: GraphTensor, dtype: Any = None) -> Any:
    value = converted(fill_value, standardize_dtype(dtype))
    return ops.broadcast_to(value, (shape,) if isinstance(shape, int) else tuple(shape))
