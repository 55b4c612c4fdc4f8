"""Images as columns of patches, and back."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn import functional

from dl_backend_torch.default import default
from dl_ops.backend import Kernels
from dl_ops.nn.patches import patches
from dl_ops.nn.windows import per_axis

kernels = Kernels()


@kernels.add
def unfold(x: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    if not x.is_floating_point():
        return default("unfold", x, kernel_size, dilation, padding, stride)  # type: ignore[no-any-return]
    if x.ndim != 4:
        raise ValueError("PyTorch takes a single image, too")
    return functional.unfold(x, *patches(kernel_size, dilation, padding, stride))


@kernels.add
def fold(x: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    if not x.is_floating_point():
        return default("fold", x, output_size, kernel_size, dilation, padding, stride)  # type: ignore[no-any-return]
    if x.ndim != 3:
        raise ValueError("PyTorch takes the patches of a single image, too")
    size = per_axis(output_size, 2, "output_size")
    return functional.fold(x, size, *patches(kernel_size, dilation, padding, stride))
