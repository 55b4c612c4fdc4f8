"""Images of other sizes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from dl_backend_torch.default import default
from dl_ops.backend import Kernels
from dl_ops.config import standardize_data_format

kernels = Kernels()


@kernels.add
def resize(
    images: Tensor,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Tensor:
    adjusted = crop_to_aspect_ratio or pad_to_aspect_ratio or fill_mode != "constant"
    # PyTorch's other interpolations have other kernels, or round to other pixels
    exact = interpolation == "bilinear" and images.dtype in (torch.float32, torch.float64) and images.ndim in (3, 4)
    if adjusted or not exact or images.numel() == 0:
        options = (interpolation, antialias, crop_to_aspect_ratio, pad_to_aspect_ratio, fill_mode, fill_value)
        return default("resize", images, size, *options, data_format)  # type: ignore[no-any-return]
    channels_last = standardize_data_format(data_format) == "channels_last"
    x = images if images.ndim == 4 else images[None]
    x = x.permute(0, 3, 1, 2) if channels_last else x
    y = functional.interpolate(x, (int(size[0]), int(size[1])), mode="bilinear", antialias=antialias)
    y = y.permute(0, 2, 3, 1) if channels_last else y
    return y if images.ndim == 4 else y[0]
