"""Training by hand in PyTorch: an eager step with the fused Adam; images in the memory format that suits the CPU."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import torch
from tools.bench.by_hand.loop import BETA_1, BETA_2, EPSILON, LAYER_EPSILON, RATE, Loop
from tools.bench.networks import HEADS
from torch.nn import functional

Weights = Sequence[Any]


def _mlp(weights: Weights, x: Any) -> Any:
    w1, b1, w2, b2 = weights
    return functional.linear(torch.relu(functional.linear(x, w1, b1)), w2, b2)


def _convolutional(weights: Weights, x: Any) -> Any:
    *convolutions, kernel, bias = weights
    x = x.permute(0, 3, 1, 2)  # in channels-last memory, as the filters are
    for filters, b in zip(convolutions[::2], convolutions[1::2], strict=True):
        x = functional.max_pool2d(torch.relu(functional.conv2d(x, filters, b, padding="same")), 2)
    # in the order of the memory, so that nothing is copied
    return functional.linear(x.permute(0, 2, 3, 1).flatten(1), kernel, bias)


def _block(weights: Weights, x: Any) -> Any:
    wq, bq, wk, bk, wv, bv, wo, bo, gamma1, beta1, w1, b1, w2, b2, gamma2, beta2 = weights
    width = x.shape[-1:]
    query, key, value = (
        functional.linear(x, w, b).view(*x.shape[:2], HEADS, -1).transpose(1, 2)
        for w, b in ((wq, bq), (wk, bk), (wv, bv))
    )
    attended = functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
    x = functional.layer_norm(x + functional.linear(attended, wo, bo), width, gamma1, beta1, LAYER_EPSILON)
    mixed = functional.linear(torch.relu(functional.linear(x, w1, b1)), w2, b2)
    return functional.layer_norm(x + mixed, width, gamma2, beta2, LAYER_EPSILON)


def _transformer(weights: Weights, tokens: Any) -> Any:
    table, *blocks, kernel, bias = weights
    x = functional.embedding(tokens, table)
    for start in range(0, len(blocks), 16):
        x = _block(blocks[start : start + 16], x)
    return functional.linear(x.mean(1), kernel, bias)


def _recurrent(weights: Weights, x: Any) -> Any:
    w, u, b, zero_bias, kernel, bias = weights
    states = [x.new_zeros(1, len(x), u.shape[1])] * 2
    _, hidden, _ = torch.lstm(x, states, [w, u, b, zero_bias], True, 1, 0.0, True, False, True)
    return functional.linear(hidden[0], kernel, bias)


_FORWARD: Final[Mapping[str, Callable[[Weights, Any], Any]]] = {
    "mlp": _mlp,
    "convolutional": _convolutional,
    "transformer": _transformer,
    "recurrent": _recurrent,
}


def _parameters(network: str, weights: Sequence[Any]) -> list[Any]:
    """Weights in PyTorch's layouts."""
    tensors = [torch.from_numpy(w) for w in weights]
    if network == "recurrent":
        # PyTorch has two vectors of biases, of which one does nothing
        tensors.insert(3, torch.zeros_like(tensors[2]))
    if network == "transformer":
        for start in range(1, len(tensors) - 2, 16):
            for i in (0, 2, 4):
                tensors[start + i] = tensors[start + i].flatten(1)
                tensors[start + i + 1] = tensors[start + i + 1].flatten()
            tensors[start + 6] = tensors[start + 6].flatten(0, 1)
    parameters = []
    for i, w in enumerate(tensors):
        if w.ndim == 4:
            w = w.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)
        elif w.ndim == 2 and not (network == "transformer" and i == 0):
            w = w.T.contiguous()
        parameters.append(torch.nn.Parameter(w.clone()))
    return parameters


def make(network: str, weights: Sequence[Any]) -> Loop:
    """Loop for a network."""
    forward, parameters = _FORWARD[network], _parameters(network, weights)
    trained = [p for i, p in enumerate(parameters) if not (network == "recurrent" and i == 3)]
    optimizer = torch.optim.Adam(trained, lr=RATE, betas=(BETA_1, BETA_2), eps=EPSILON, fused=True)
    total, correct, count = torch.zeros(()), torch.zeros((), dtype=torch.int64), 0

    def reset() -> None:
        nonlocal count
        total.zero_()
        correct.zero_()
        count = 0

    def step(x: Any, y: Any) -> None:
        nonlocal count
        inputs, labels = torch.as_tensor(x), torch.as_tensor(y).long()
        logits = forward(parameters, inputs)
        loss = functional.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # Torch's own is untyped
        optimizer.step()
        with torch.no_grad():
            total.add_(loss, alpha=len(y))
            correct.add_((logits.argmax(1) == labels).sum())
        count += len(y)

    def numbers() -> tuple[float, float]:
        return float(total) / count, float(correct) / count

    def call(x: Any) -> Any:
        with torch.inference_mode():
            return forward(parameters, x)

    return Loop(
        call=call,
        tensor=torch.from_numpy,
        predict=lambda x: call(torch.from_numpy(x)).numpy(),
        step=step,
        numbers=numbers,
        reset=reset,
    )
