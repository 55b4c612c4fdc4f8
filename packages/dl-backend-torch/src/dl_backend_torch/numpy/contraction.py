"""Products summed over axes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dl_ops.backend import Kernels

kernels = Kernels()

kernels.register("matmul", torch.matmul)


@kernels.add
def einsum(subscripts: str, *operands: Tensor, **kwargs: Any) -> Tensor:
    dtype = operands[0].dtype
    if not (dtype.is_floating_point or dtype.is_complex) and _sums_alone(subscripts):
        # PyTorch sums the axis first, in int64, and then does not multiply it by int32
        operands = tuple(x.long() for x in operands)
    # sums of integers come as int64
    return torch.einsum(subscripts, *operands).to(dtype)


def _sums_alone(subscripts: str) -> bool:
    """Whether an axis that one operand has alone is summed over."""
    inputs, _, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    return any(
        letter not in output and sum(letter in term for term in terms) == 1
        for letter in set(inputs)
        if letter.isalpha()
    )
