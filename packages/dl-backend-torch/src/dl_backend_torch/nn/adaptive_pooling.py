"""Poolings to a given size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from torch import Tensor
from torch.nn import functional

from dl_backend_torch.default import default
from dl_ops.backend import Kernels
from dl_ops.nn.adaptive_pooling import adaptive_sizes

kernels = Kernels()

_MAXIMA: Final = {
    1: functional.adaptive_max_pool1d,
    2: functional.adaptive_max_pool2d,
    3: functional.adaptive_max_pool3d,
}
_AVERAGES: Final = {
    1: functional.adaptive_avg_pool1d,
    2: functional.adaptive_avg_pool2d,
    3: functional.adaptive_avg_pool3d,
}


@kernels.add
def adaptive_average_pool(inputs: Tensor, output_size: Any, data_format: str | None = None) -> Tensor:
    return _pool(_AVERAGES, inputs, output_size, data_format)


@kernels.add
def adaptive_max_pool(inputs: Tensor, output_size: Any, data_format: str | None = None) -> Tensor:
    if not inputs.is_floating_point():
        return default("adaptive_max_pool", inputs, output_size, data_format)  # type: ignore[no-any-return]
    return _pool(_MAXIMA, inputs, output_size, data_format)


def _pool(
    functions: dict[int, Callable[..., Any]], inputs: Tensor, output_size: Any, data_format: str | None
) -> Tensor:
    first, sizes = adaptive_sizes(inputs, output_size, data_format)
    pool = functions[len(sizes)]
    result: Tensor = pool(inputs, sizes) if first == 2 else pool(inputs.movedim(-1, 1), sizes).movedim(1, -1)
    return result
