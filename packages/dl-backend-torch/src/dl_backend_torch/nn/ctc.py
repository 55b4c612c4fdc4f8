"""Connectionist temporal classification, where PyTorch has one kernel for loss and gradient."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from dl_backend_torch.default import default
from dl_ops.backend import Kernels
from dl_ops.nn.ctc import check_class

kernels = Kernels()


@kernels.add
def ctc_loss(
    target: Tensor, output: Tensor, target_length: Tensor, output_length: Tensor, mask_index: int = 0
) -> Tensor:
    check_class(mask_index, output.shape[-1])
    if not output.numel() or not target.numel():
        return default("ctc_loss", target, output, target_length, output_length, mask_index)  # type: ignore[no-any-return]
    if len(target) != len(output):
        raise ValueError("as many rows of labels as of predictions")
    places = torch.arange(target.shape[1], device=target.device)
    used = places < target_length[:, None]
    # what fills the rows up may be no class at all, and the kernel looks at no bounds
    good = (target >= 0) & (target < output.shape[-1]) & (target != mask_index)
    labels = torch.where(used & good, target, mask_index).long()
    repeats = (labels[:, 1:] == labels[:, :-1]) & used[:, 1:]
    possible = output_length >= target_length + repeats.sum(-1)
    losses = functional.ctc_loss(
        output.log_softmax(-1).transpose(0, 1),
        labels,
        output_length.long(),
        target_length.long(),
        mask_index,
        reduction="none",
        zero_infinity=True,
    )
    losses = torch.where(possible, losses, torch.inf)
    return torch.where((good | ~used).all(-1), losses, torch.nan)
