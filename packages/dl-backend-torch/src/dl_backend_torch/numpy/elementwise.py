"""Element-wise arithmetic that PyTorch has natively."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from dl_ops.backend import Kernels

kernels = Kernels()

# same signature and semantics, for the most part the same name
_NATIVE: Final = {
    "absolute": torch.abs,
    "add": torch.add,
    "arccos": torch.arccos,
    "arccosh": torch.arccosh,
    "arcsin": torch.arcsin,
    "arcsinh": torch.arcsinh,
    "arctan": torch.arctan,
    "arctan2": torch.arctan2,
    "arctanh": torch.arctanh,
    "ceil": torch.ceil,
    "clip": torch.clamp,
    "cos": torch.cos,
    "cosh": torch.cosh,
    "divide": torch.div,
    "exp": torch.exp,
    "expm1": torch.expm1,
    "floor": torch.floor,
    "floor_divide": torch.floor_divide,
    "log": torch.log,
    "log10": torch.log10,
    "log1p": torch.log1p,
    "log2": torch.log2,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "mod": torch.remainder,
    "multiply": torch.mul,
    "negative": torch.neg,
    "power": torch.pow,
    "reciprocal": torch.reciprocal,
    "rsqrt": torch.rsqrt,
    "sign": torch.sign,
    "sin": torch.sin,
    "sinh": torch.sinh,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "subtract": torch.sub,
    "tan": torch.tan,
    "tanh": torch.tanh,
}
for _name, _function in _NATIVE.items():
    kernels.register(_name, _function)


@kernels.add
def round(x: Tensor, decimals: int = 0) -> Tensor:
    if x.is_floating_point():
        return torch.round(x, decimals=decimals)
    # torch.round takes no decimals for integers
    return x if decimals >= 0 else torch.round(x.double(), decimals=decimals).to(x.dtype)


@kernels.add
def nan_to_num(x: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    return torch.nan_to_num(x, nan, posinf, neginf)
