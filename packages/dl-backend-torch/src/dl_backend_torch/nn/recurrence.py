"""Recurrent networks by PyTorch's fused kernels, cuDNN's and oneDNN's among them, which have no masks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dl_backend_torch import gradients
from dl_backend_torch.default import default
from dl_backend_torch.tracing import is_transforming
from dl_ops.backend import Kernels

kernels = Kernels()

_ON_CPU = (torch.float32, torch.float64)


def _fits(x: Tensor, mask: Tensor | None) -> bool:
    """Whether the fused kernels cover these arguments: they have no second derivative either."""
    if mask is not None or 0 in x.shape or gradients.is_nested() or is_transforming():
        return False
    return x.is_cuda or x.dtype in _ON_CPU


def _weights(kernel: Tensor, recurrent_kernel: Tensor, biases: tuple[Tensor, Tensor] | None) -> list[Tensor]:
    return [kernel.t(), recurrent_kernel.t(), *(biases or ())]


def _run(function: Any, x: Tensor, states: Any, weights: list[Tensor]) -> Any:
    # oneDNN computes something from shapes that do not fit
    features, units = weights[0].shape[1], weights[1].shape[1]
    if x.dim() != 3 or x.shape[2] != features:
        raise ValueError(f"x has shape {tuple(x.shape)}: expected (batch, steps, {features}), as the kernel has rows")
    for state in states if isinstance(states, tuple) else (states,):
        if tuple(state.shape) != (1, x.shape[0], units):
            raise ValueError(f"a state has shape {tuple(state.shape[1:])}: expected {(x.shape[0], units)}")
    # one layer, no dropout, one direction, batch first; what gradients need is kept in training only
    training = torch.is_grad_enabled()
    return function(x, states, weights, len(weights) == 4, 1, 0.0, training, False, True)


@kernels.add
def simple_rnn(
    x: Tensor,
    hidden: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    if not _fits(x, mask):
        return default("simple_rnn", x, hidden, kernel, recurrent_kernel, bias, mask)  # type: ignore[no-any-return]
    biases = None if bias is None else (bias, torch.zeros_like(bias))
    outputs, last = _run(torch._VF.rnn_tanh, x, hidden[None], _weights(kernel, recurrent_kernel, biases))
    return outputs, last[0]


@kernels.add
def gru(
    x: Tensor,
    hidden: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    reset_after: bool = True,
) -> tuple[Tensor, Tensor]:
    if not reset_after or not _fits(x, mask):
        return default("gru", x, hidden, kernel, recurrent_kernel, bias, mask, reset_after)  # type: ignore[no-any-return]

    def reordered(weights: Tensor) -> Tensor:
        # PyTorch has the reset gate first
        update, reset, candidate = weights.chunk(3, -1)
        return torch.cat([reset, update, candidate], -1)

    biases = None if bias is None else reordered(bias).unbind()
    weights = _weights(reordered(kernel), reordered(recurrent_kernel), biases)  # type: ignore[arg-type]  # of two
    outputs, last = _run(torch._VF.gru, x, hidden[None], weights)
    return outputs, last[0]


@kernels.add
def lstm(
    x: Tensor,
    hidden: Tensor,
    memory: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    if not _fits(x, mask):
        return default("lstm", x, hidden, memory, kernel, recurrent_kernel, bias, mask)  # type: ignore[no-any-return]
    biases = None if bias is None else (bias, torch.zeros_like(bias))
    weights = _weights(kernel, recurrent_kernel, biases)
    outputs, last, kept = _run(torch._VF.lstm, x, (hidden[None], memory[None]), weights)
    return outputs, last[0], kept[0]
