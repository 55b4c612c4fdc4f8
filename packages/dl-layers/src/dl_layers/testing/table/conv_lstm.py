"""Cases of long short-term memories whose maps are convolutions."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing import references
from dl_ops.testing.arrays import draw
from dl_ops.typing import Array

_OF_THE_INPUT: Final = ("strides", "padding", "dilation_rate", "data_format")


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def _case(
    rank: int,
    *shape: int,
    label: str,
    unknown: tuple[int, ...] = (0, 1),
    call: dict[str, Any] | None = None,
    **options: Any,
) -> LayerCase:
    """Case of a layer on an input of this shape, with what the options say in plain NumPy as reference."""
    of_input = {name: options[name] for name in _OF_THE_INPUT if name in options}
    data_format = options.get("data_format")
    axis = 1 if data_format == "channels_first" else -1

    def reference(
        weights: dict[str, Array], x: Array, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        kernel, recurrent = (weights[f"conv_lstm_cell/{name}"] for name in ("kernel", "recurrent_kernel"))
        bias = weights.get("conv_lstm_cell/bias", np.zeros(kernel.shape[-1]))
        bias = bias.reshape(-1, *(1,) * rank) if axis == 1 else bias
        from_inputs = [references.conv(x[:, t], kernel, **of_input) + bias for t in range(x.shape[1])]
        zeros = np.zeros_like(np.split(from_inputs[0], 4, axis)[0])
        hidden, memory = initial_state or (zeros, zeros)
        output, outputs = zeros, []
        for t in range(x.shape[1] - 1, -1, -1) if options.get("go_backwards") else range(x.shape[1]):
            z = from_inputs[t] + references.conv(hidden, recurrent, padding="same", data_format=data_format)
            i, f, c, o = np.split(z, 4, axis)
            new_memory = _sigmoid(f) * memory + _sigmoid(i) * np.tanh(c)
            new_hidden = _sigmoid(o) * np.tanh(new_memory)
            keep = np.ones(len(x), bool) if mask is None else mask[:, t]
            keep = keep.reshape(-1, *(1,) * (rank + 1))
            hidden, memory = np.where(keep, new_hidden, hidden), np.where(keep, new_memory, memory)
            output = np.where(keep, new_hidden, output)
            outputs.append(output)
        result = np.stack(outputs, 1) if options.get("return_sequences") else output
        return (result, hidden, memory) if options.get("return_state") else result

    random = "dropout" in options
    names = ("kernel", "recurrent_kernel", "bias")[: 2 if options.get("use_bias") is False else 3]
    return LayerCase(
        Recipe(f"ConvLSTM{rank}D", **options),
        (draw(*shape),),
        call=call or {},
        reference=None if random or "stateful" in options else reference,
        weights=[f"conv_lstm_cell/{name}" for name in names],
        unknown=unknown,
        random=random,
        tolerance=4,
        label=label,
    )


_FIRST: Final[dict[str, Any]] = {"data_format": "channels_first"}
_SMALL: Final[dict[str, Any]] = {"filters": 2, "kernel_size": 2}
_TRAINING: Final[dict[str, Any]] = {"training": True}
_ALL: Final[dict[str, Any]] = {"return_sequences": True, "return_state": True}

CASES: Final = [
    _case(1, 2, 3, 5, 2, filters=3, kernel_size=3, padding="same", label=""),
    _case(1, 2, 3, 2, 6, **_SMALL, **_ALL, **_FIRST, strides=2, label="channels_first"),
    _case(1, 2, 3, 5, 2, **_SMALL, **_ALL, call={"mask": np.array([[1, 0, 1], [0, 1, 0]], bool)}, label="mask"),
    _case(1, 2, 3, 5, 2, **_SMALL, call={"initial_state": [draw(2, 4, 2), draw(2, 4, 2)]}, label="initial_state"),
    _case(1, 2, 3, 5, 2, **_SMALL, stateful=True, return_state=True, unknown=(), label="stateful"),
    _case(1, 2, 3, 5, 2, **_SMALL, dropout=0.4, recurrent_dropout=0.3, seed=5, call=_TRAINING, label="dropout"),
    _case(2, 2, 3, 4, 5, 2, **_SMALL, **_ALL, unknown=(0, 1, 2, 3), label=""),
    _case(2, 2, 3, 4, 5, 2, **_SMALL, use_bias=False, dilation_rate=(2, 1), go_backwards=True, label="dilated"),
    _case(2, 2, 3, 4, 5, 2, filters=2, kernel_size=(3, 2), strides=(1, 2), padding="same", unroll=True, label="unroll"),
    _case(2, 2, 3, 2, 4, 5, **_SMALL, **_FIRST, unit_forget_bias=False, return_sequences=True, label="channels_first"),
    _case(3, 1, 2, 3, 4, 3, 2, **_SMALL, label=""),
    _case(3, 1, 2, 2, 3, 4, 3, **_SMALL, **_FIRST, **_ALL, padding="same", strides=2, label="channels_first"),
]  # fmt: skip
