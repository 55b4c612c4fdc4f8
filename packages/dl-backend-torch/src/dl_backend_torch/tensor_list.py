"""Many tensors as one operand, so that an optimizer updates all variables with a few multi-tensor kernels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import torch

from dl_backend_torch.tracing import is_plain
from dl_ops.op import registry
from dl_ops.operators import TensorOperators


class TensorList(TensorOperators):
    """Tensors of one dtype on which ops act one by one; another operand may be one tensor for all.

    Parameters
    ----------
    tensors : iterable of torch.Tensor
        None of them records a graph.
    """

    __slots__ = ("tensors",)

    def __init__(self, tensors: Iterable[torch.Tensor]) -> None:
        self.tensors = list(tensors)

    @property
    def dtype(self) -> torch.dtype:
        """The tensors' common dtype."""
        return self.tensors[0].dtype

    def __len__(self) -> int:
        return len(self.tensors)

    def __repr__(self) -> str:
        return f"<TensorList of {len(self.tensors)} tensors, {self.dtype}>"


Kernel = Callable[..., Any]


def _direct(kernel: Kernel, dispatched: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Operator that skips dispatch where operands need no cast: lists of one dtype, floats and numbers."""

    def operator(self: TensorList, other: Any) -> Any:
        kind = type(other)
        if kind is TensorList and other.dtype is self.dtype:
            return kernel(self, other)
        if kind is float and self.dtype.is_floating_point:
            # PyTorch takes twice as long for a number as for a tensor of it
            return kernel(self, torch.scalar_tensor(other, dtype=self.dtype))
        return dispatched(self, other)

    return operator


def _unary(function: Kernel) -> Kernel:
    return lambda x: TensorList(function(x.tensors))


def _binary(of_lists: Kernel, of_list_and_scalar: Kernel | None = None, *, commutative: bool = False) -> Kernel:
    """Kernel of two operands, one of which may be a tensor for all; for a scalar there may be a kernel of its own."""

    def run(x1: Any, x2: Any) -> TensorList:
        if type(x1) is not TensorList:
            if commutative:
                return run(x2, x1)
            return TensorList(of_lists([x1] * len(x2), x2.tensors))
        if type(x2) is TensorList:
            return TensorList(of_lists(x1.tensors, x2.tensors))
        if of_list_and_scalar is not None and x2.ndim == 0:
            return TensorList(of_list_and_scalar(x1.tensors, x2))
        return TensorList(of_lists(x1.tensors, [x2] * len(x1)))

    return run


def _lerp(start: Any, end: Any, weight: float) -> TensorList:
    if type(start) is not TensorList or type(end) is not TensorList:
        return _loop("lerp")(start, end, weight)  # type: ignore[no-any-return]  # a list, as its arguments
    return TensorList(torch._foreach_lerp(start.tensors, end.tensors, weight))


def _power(x: list[torch.Tensor], y: torch.Tensor) -> list[torch.Tensor] | tuple[torch.Tensor, ...]:
    # a number costs less, where there is one to look at
    return torch._foreach_pow(x, y.item() if y.is_cpu and is_plain() else [y] * len(x))


_UNARY: Final = {
    "absolute": "abs",
    "ceil": "ceil",
    "cos": "cos",
    "erf": "erf",
    "exp": "exp",
    "expm1": "expm1",
    "floor": "floor",
    "log": "log",
    "log1p": "log1p",
    "negative": "neg",
    "reciprocal": "reciprocal",
    "rsqrt": "rsqrt",
    "sigmoid": "sigmoid",
    "sign": "sign",
    "sin": "sin",
    "sqrt": "sqrt",
    "tanh": "tanh",
}

_KERNELS: Final[dict[str, Kernel]] = {
    **{name: _unary(getattr(torch, f"_foreach_{function}")) for name, function in _UNARY.items()},
    "square": _unary(lambda x: torch._foreach_mul(x, x)),
    # on the CPU the addition of a scalar tensor to a list is twice as slow as that of a list of it
    "add": _binary(torch._foreach_add, commutative=True),
    "subtract": _binary(torch._foreach_sub),
    "multiply": _binary(torch._foreach_mul, torch._foreach_mul, commutative=True),
    "divide": _binary(torch._foreach_div, torch._foreach_div),
    "true_divide": _binary(torch._foreach_div, torch._foreach_div),
    "power": _binary(torch._foreach_pow, _power),
    "lerp": _lerp,
    "maximum": _binary(torch._foreach_maximum, commutative=True),
    "minimum": _binary(torch._foreach_minimum, commutative=True),
}


def list_kernel(name: str) -> Kernel:
    """Kernel of an op for arguments some of which are `TensorList`; any op has one, if only a loop over the tensors."""
    return _KERNELS.get(name) or _loop(name)


def _loop(name: str) -> Kernel:
    op = registry[name].public

    def run(*args: Any) -> Any:
        count = len(next(x for x in args if type(x) is TensorList))
        results = [op(*[x.tensors[i] if type(x) is TensorList else x for x in args]) for i in range(count)]
        if isinstance(results[0], tuple):
            return tuple(map(TensorList, zip(*results, strict=True)))
        return TensorList(results)

    return run


for _operator, _name in {
    "__add__": "add",
    "__radd__": "add",
    "__sub__": "subtract",
    "__mul__": "multiply",
    "__rmul__": "multiply",
    "__truediv__": "divide",
}.items():
    setattr(TensorList, _operator, _direct(_KERNELS[_name], getattr(TensorOperators, _operator)))
