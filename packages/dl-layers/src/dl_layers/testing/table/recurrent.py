"""Cases of recurrent layers."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing.arrays import draw, flags
from dl_ops.typing import Array

Weights = dict[str, Array]


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def _step(weights: Weights, x: Array, states: Any, training: bool = False) -> tuple[Array, list[Array]]:
    """One step of an LSTM, gates in the order input, forget, memory, output."""
    hidden, memory = states
    z = x @ weights["kernel"] + hidden @ weights["recurrent_kernel"] + weights.get("bias", 0.0)
    i, f, c, o = np.split(z, 4, -1)
    memory = _sigmoid(f) * memory + _sigmoid(i) * np.tanh(c)
    hidden = _sigmoid(o) * np.tanh(memory)
    return hidden, [hidden, memory]


def _lstm(
    *,
    sequences: bool = False,
    state: bool = False,
    backwards: bool = False,
    zeros: bool = False,
    stateful: bool = False,
) -> Any:
    def reference(
        weights: Weights,
        x: Array,
        initial_state: Any = None,
        mask: Array | None = None,
        training: bool = False,
    ) -> Any:
        cell = {path.rpartition("/")[2]: value for path, value in weights.items()}
        units = cell["recurrent_kernel"].shape[0]
        states = initial_state or [np.zeros((len(x), units))] * 2
        output, outputs = np.zeros((len(x), units)), []
        for t in range(x.shape[1] - 1, -1, -1) if backwards else range(x.shape[1]):
            new_output, new_states = _step(cell, x[:, t], states)
            keep = np.ones((len(x), 1), bool) if mask is None else mask[:, t, None]
            output = np.where(keep, new_output, output)
            states = [np.where(keep, after, before) for after, before in zip(new_states, states, strict=True)]
            outputs.append(np.where(keep, output, 0.0) if zeros else output)
        result = np.stack(outputs, 1) if sequences else outputs[-1]
        return (result, *states) if state else result

    return reference


_CELL = ("kernel", "recurrent_kernel", "bias")
_LSTM = tuple(f"lstm_cell/{name}" for name in _CELL)
_X = draw(3, 4, 2)

CASES: Final = [
    LayerCase(Recipe("LSTMCell", units=3), (draw(4, 2), [draw(4, 3), draw(4, 3)]), reference=_step, weights=_CELL),
    LayerCase(
        Recipe("LSTMCell", units=3, use_bias=False, dropout=0.3, recurrent_dropout=0.2, seed=1),
        (draw(4, 2), [draw(4, 3), draw(4, 3)]),
        {"training": True},
        weights=_CELL[:2],
        random=True,
        label="dropout",
    ),
    LayerCase(Recipe("LSTM", units=3), (_X,), reference=_lstm(), weights=_LSTM, unknown=(0, 1), tolerance=2),
    LayerCase(
        Recipe("LSTM", units=3, return_sequences=True, return_state=True),
        (_X,),
        reference=_lstm(sequences=True, state=True),
        weights=_LSTM,
        unknown=(0, 1),
        tolerance=2,
    ),
    LayerCase(
        Recipe("LSTM", units=3, return_sequences=True, go_backwards=True, unit_forget_bias=False),
        (_X,),
        reference=_lstm(sequences=True, backwards=True),
        weights=_LSTM,
        tolerance=2,
        label="backwards",
    ),
    LayerCase(
        Recipe("LSTM", units=3, unroll=True, use_bias=False),
        (_X,),
        reference=_lstm(),
        weights=_LSTM[:2],
        tolerance=2,
        label="unroll",
    ),
    LayerCase(
        Recipe("LSTM", units=3, return_sequences=True, return_state=True),
        (_X,),
        {"mask": flags(3, 4)},
        reference=_lstm(sequences=True, state=True),
        weights=_LSTM,
        tolerance=2,
        label="mask",
    ),
    LayerCase(
        Recipe("LSTM", units=3, return_sequences=True, zero_output_for_mask=True, unroll=True),
        (_X,),
        {"mask": flags(3, 4)},
        reference=_lstm(sequences=True, zeros=True),
        weights=_LSTM,
        tolerance=2,
        label="zero_output_for_mask",
    ),
    LayerCase(
        Recipe("LSTM", units=3),
        (_X,),
        {"initial_state": [draw(3, 3), draw(3, 3)]},
        reference=_lstm(),
        weights=_LSTM,
        tolerance=2,
        label="initial_state",
    ),
    LayerCase(
        Recipe("LSTM", units=3, stateful=True, return_state=True),
        (_X,),
        weights=_LSTM,
        unknown=(),
        tolerance=2,
        label="stateful",
    ),
    LayerCase(
        Recipe("LSTM", units=3, dropout=0.4, recurrent_dropout=0.3, seed=5, return_sequences=True),
        (_X,),
        {"training": True},
        weights=_LSTM,
        random=True,
        label="dropout",
    ),
    LayerCase(
        Recipe("RNN", cell=Recipe("LSTMCell", units=3, name="lstm_cell"), return_sequences=True),
        (_X,),
        reference=_lstm(sequences=True),
        weights=_LSTM,
        unknown=(0, 1),
        tolerance=2,
        label="",
    ),
]
