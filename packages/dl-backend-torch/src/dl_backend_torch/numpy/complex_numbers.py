"""Complex numbers and their parts."""

from __future__ import annotations

import torch
from torch import Tensor

from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def real(x: Tensor) -> Tensor:
    return torch.real(x) if x.is_complex() else x


@kernels.add
def imag(x: Tensor) -> Tensor:
    return torch.imag(x) if x.is_complex() else torch.zeros_like(x)


@kernels.add
def conj(x: Tensor) -> Tensor:
    # not the lazy one, whose memory is that of the opposite imaginary parts
    return torch.conj_physical(x) if x.is_complex() else x


@kernels.add
def view_as_complex(x: Tensor) -> Tensor:
    return torch.view_as_complex(x.contiguous())


def _complex(real: Tensor, imaginary: Tensor) -> Tensor:
    shape = torch.broadcast_shapes(real.shape, imaginary.shape)  # type: ignore[no-untyped-call]  # PyTorch leaves it so
    return torch.complex(real.expand(shape), imaginary.expand(shape))


# a function of that name would hide the built-in one here
kernels.register("complex", _complex)
