"""Stretches of a signal as views."""

from __future__ import annotations

from torch import Tensor

from dl_ops.backend import Kernels
from dl_ops.math.sequences import check_positive

kernels = Kernels()


@kernels.add
def extract_sequences(x: Tensor, sequence_length: int, sequence_stride: int) -> Tensor:
    check_positive(sequence_length=sequence_length, sequence_stride=sequence_stride)
    if x.ndim and x.shape[-1] < sequence_length:
        return x.new_zeros((*x.shape[:-1], 0, sequence_length))
    return x.unfold(-1, sequence_length, sequence_stride)
