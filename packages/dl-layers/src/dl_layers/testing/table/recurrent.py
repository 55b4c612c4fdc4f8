"""Cases of recurrent layers."""

from __future__ import annotations

import functools
from typing import Any, Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing.arrays import draw
from dl_ops.typing import Array

Weights = dict[str, Array]


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def _simple_step(weights: Weights, x: Array, states: Any, training: bool = False) -> tuple[Array, list[Array]]:
    before = states[0] if isinstance(states, list) else states
    output = np.tanh(x @ weights["kernel"] + before @ weights["recurrent_kernel"] + weights.get("bias", 0.0))
    return output, [output]


def _gru_step(weights: Weights, x: Array, states: Any, training: bool = False) -> tuple[Array, list[Array]]:
    """One step of a GRU, gates in the order update, reset, candidate, the reset after the product if there are two
    biases.
    """
    before = states[0] if isinstance(states, list) else states
    units = before.shape[-1]
    bias = weights.get("bias", np.zeros((2, 3 * units)))
    of_input, of_state = bias if bias.ndim == 2 else (bias, np.zeros(3 * units))
    kernel, recurrent = weights["kernel"], weights["recurrent_kernel"]
    part = [slice(i * units, (i + 1) * units) for i in range(3)]
    a = [x @ kernel[:, p] + of_input[p] for p in part]
    update, reset = (_sigmoid(a[i] + before @ recurrent[:, part[i]] + of_state[part[i]]) for i in range(2))
    if bias.ndim == 2:
        candidate = np.tanh(a[2] + reset * (before @ recurrent[:, part[2]] + of_state[part[2]]))
    else:
        candidate = np.tanh(a[2] + (reset * before) @ recurrent[:, part[2]])
    output = update * before + (1 - update) * candidate
    return output, [output]


def _lstm_step(weights: Weights, x: Array, states: Any, training: bool = False) -> tuple[Array, list[Array]]:
    """One step of an LSTM, gates in the order input, forget, memory, output."""
    hidden, memory = states
    z = x @ weights["kernel"] + hidden @ weights["recurrent_kernel"] + weights.get("bias", 0.0)
    i, f, c, o = np.split(z, 4, -1)
    memory = _sigmoid(f) * memory + _sigmoid(i) * np.tanh(c)
    hidden = _sigmoid(o) * np.tanh(memory)
    return hidden, [hidden, memory]


_STEPS: Final[dict[str, Any]] = {
    "simple_rnn_cell": _simple_step,
    "gru_cell": _gru_step,
    "lstm_cell": _lstm_step,
}


def _stack(weights: Weights, x: Array, states: Any, training: bool = False) -> tuple[Array, list[Any]]:
    """One step of the cells that the paths of the weights name."""
    cells: dict[str, Weights] = {}
    for path, value in weights.items():
        *_, cell, name = path.split("/")
        cells.setdefault(cell, {})[name] = value
    after = []
    for (cell, own), before in zip(cells.items(), states, strict=True):
        x, new = _STEPS[cell](own, x, before)
        after.append(new)
    return x, after


def _widths(weights: Weights) -> list[int]:
    return [value.shape[0] for path, value in weights.items() if path.endswith("recurrent_kernel")]


def loop(
    cell: str,
    *,
    sequences: bool = False,
    state: bool = False,
    backwards: bool = False,
    zeros: bool = False,
) -> Any:
    """Reference of a layer that runs a cell over the steps."""

    def reference(
        weights: Weights,
        x: Array,
        initial_state: Any = None,
        mask: Array | None = None,
        training: bool = False,
    ) -> Any:
        step = functools.partial(_stack, weights)
        widths = _widths(weights)
        several = {"lstm_cell": 2}
        names = [path.split("/")[-2] for path in weights if path.endswith("recurrent_kernel")]
        states = [[np.zeros((len(x), width))] * several.get(name, 1) for name, width in zip(names, widths, strict=True)]
        if initial_state is not None:
            states = [list(initial_state)] if cell else initial_state
        output: Any = np.zeros((len(x), widths[-1]))
        outputs = []
        for t in range(x.shape[1] - 1, -1, -1) if backwards else range(x.shape[1]):
            new_output, new_states = step(x[:, t], states)
            keep = np.ones((len(x), 1), bool) if mask is None else mask[:, t, None]
            output = np.where(keep, new_output, 0.0 if zeros else output)
            states = [
                [np.where(keep, after, before) for after, before in zip(*pair, strict=True)]
                for pair in zip(new_states, states, strict=True)
            ]
            outputs.append(output)
        result = np.stack(outputs, 1) if sequences else outputs[-1]
        last = states[0] if cell else states
        return (result, *last) if state else result

    return reference


_CELL: Final = ("kernel", "recurrent_kernel", "bias")
_X: Final = draw(3, 4, 2)
_MASK: Final = np.array([[True, True, False, True], [False, False, True, False], [True, True, True, True]])


def weights_of(cell: str, count: int = 3) -> tuple[str, ...]:
    """Paths of the weights of a layer with this cell."""
    return tuple(f"{cell}/{name}" for name in _CELL[:count])


def _layer(name: str, cell: str, states: int, **common: Any) -> list[LayerCase]:
    """Cases of a layer that makes its own cell."""
    weights = weights_of(cell)
    initial = [draw(3, 3)] * states

    def case(label: str, options: Any, call: Any = (), reference: Any = None, **more: Any) -> LayerCase:
        return LayerCase(
            Recipe(name, units=3, **common, **options),
            (_X,),
            dict(call),
            reference=reference,
            **{"weights": weights, "tolerance": 2, "label": label, **more},
        )

    every = {"return_sequences": True, "return_state": True}
    return [
        case("", {}, reference=loop(cell), unknown=(0, 1)),
        case("all", every, reference=loop(cell, sequences=True, state=True), unknown=(0, 1)),
        case(
            "backwards",
            {"return_sequences": True, "go_backwards": True},
            reference=loop(cell, sequences=True, backwards=True),
        ),
        case("unroll", {"unroll": True, "use_bias": False}, reference=loop(cell), weights=weights[:2]),
        case("mask", every, {"mask": _MASK}, loop(cell, sequences=True, state=True)),
        case(
            "mask-backwards",
            {**every, "go_backwards": True},
            {"mask": _MASK},
            loop(cell, sequences=True, state=True, backwards=True),
        ),
        case(
            "mask-initial_state",
            every,
            {"mask": _MASK, "initial_state": initial},
            loop(cell, sequences=True, state=True),
        ),
        case("mask-last", {}, {"mask": _MASK}, loop(cell)),
        case(
            "zero_output_for_mask",
            {"return_sequences": True, "zero_output_for_mask": True},
            {"mask": _MASK},
            loop(cell, sequences=True, zeros=True),
        ),
        case(
            "zero_output_for_mask-unroll",
            {"return_sequences": True, "zero_output_for_mask": True, "unroll": True},
            {"mask": _MASK},
            loop(cell, sequences=True, zeros=True),
        ),
        case("initial_state", {"use_bias": False}, {"initial_state": initial}, loop(cell), weights=weights[:2]),
        case("stateful", {"stateful": True, "return_state": True}, unknown=()),
        case(
            "options",
            {
                "activation": "relu",
                "bias_initializer": "ones",
                "kernel_regularizer": "l2",
                "activity_regularizer": "l1",
            },
        ),
        case("dropout", {"dropout": 0.4, "seed": 5, "return_sequences": True}, {"training": True}, random=True),
        case(
            "recurrent_dropout",
            {"dropout": 0.4, "recurrent_dropout": 0.3, "seed": 5},
            {"training": True},
            random=True,
        ),
    ]


_STACK: Final = Recipe(
    "StackedRNNCells",
    cells=[Recipe("GRUCell", units=4, name="gru_cell"), Recipe("LSTMCell", units=3, name="lstm_cell")],
    name="stacked_rnn_cells",
)
_STACKED: Final = [f"stacked_rnn_cells/{cell}/{name}" for cell in ("gru_cell", "lstm_cell") for name in _CELL]

CASES: Final = [
    LayerCase(
        Recipe("SimpleRNNCell", units=3), (draw(4, 2), [draw(4, 3)]), reference=_simple_step, weights=_CELL, label=""
    ),
    LayerCase(
        Recipe("SimpleRNNCell", units=3, use_bias=False, dropout=0.3, recurrent_dropout=0.2, seed=1),
        (draw(4, 2), [draw(4, 3)]),
        {"training": True},
        weights=_CELL[:2],
        random=True,
        label="dropout",
    ),
    LayerCase(Recipe("GRUCell", units=3), (draw(4, 2), [draw(4, 3)]), reference=_gru_step, weights=_CELL, label=""),
    LayerCase(
        Recipe("GRUCell", units=3, reset_after=False),
        (draw(4, 2), [draw(4, 3)]),
        reference=_gru_step,
        weights=_CELL,
        label="reset-before",
    ),
    LayerCase(
        Recipe("GRUCell", units=3, dropout=0.3, recurrent_dropout=0.2, seed=1),
        (draw(4, 2), [draw(4, 3)]),
        {"training": True},
        weights=_CELL,
        random=True,
        label="dropout",
    ),
    LayerCase(
        Recipe("LSTMCell", units=3), (draw(4, 2), [draw(4, 3), draw(4, 3)]), reference=_lstm_step, weights=_CELL
    ),
    LayerCase(
        Recipe("LSTMCell", units=3, use_bias=False, dropout=0.3, recurrent_dropout=0.2, seed=1),
        (draw(4, 2), [draw(4, 3), draw(4, 3)]),
        {"training": True},
        weights=_CELL[:2],
        random=True,
        label="dropout",
    ),
    *_layer("SimpleRNN", "simple_rnn_cell", 1),
    *_layer("GRU", "gru_cell", 1),
    *_layer("LSTM", "lstm_cell", 2),
    LayerCase(
        Recipe("GRU", units=3, reset_after=False, return_sequences=True, return_state=True),
        (_X,),
        {"mask": _MASK},
        reference=loop("gru_cell", sequences=True, state=True),
        weights=weights_of("gru_cell"),
        tolerance=2,
        label="reset-before",
    ),
    LayerCase(
        Recipe("GRU", units=3, reset_after=False, use_cudnn=False),
        (_X,),
        reference=loop("gru_cell"),
        weights=weights_of("gru_cell"),
        tolerance=2,
        label="reset-before-unfused",
    ),
    LayerCase(
        Recipe("LSTM", units=3, unit_forget_bias=False, return_sequences=True, use_cudnn=False),
        (_X,),
        {"mask": _MASK},
        reference=loop("lstm_cell", sequences=True),
        weights=weights_of("lstm_cell"),
        tolerance=2,
        label="unfused",
    ),
    LayerCase(
        Recipe("RNN", cell=Recipe("LSTMCell", units=3, name="lstm_cell"), return_sequences=True),
        (_X,),
        reference=loop("lstm_cell", sequences=True),
        weights=weights_of("lstm_cell"),
        unknown=(0, 1),
        tolerance=2,
        label="",
    ),
    LayerCase(
        Recipe("RNN", cell=_STACK, return_sequences=True, return_state=True),
        (_X,),
        {"mask": _MASK},
        reference=loop("", sequences=True, state=True),
        weights=_STACKED,
        tolerance=2,
        label="stack",
    ),
    LayerCase(
        Recipe("RNN", cell=_STACK, stateful=True), (_X,), weights=_STACKED, unknown=(), tolerance=2,
        label="stack-stateful",
    ),
    LayerCase(
        Recipe(
            "RNN",
            cell=Recipe(
                "StackedRNNCells",
                cells=[
                    Recipe("GRUCell", units=4, dropout=0.3, seed=1, name="gru_cell"),
                    Recipe("LSTMCell", units=3, dropout=0.5, recurrent_dropout=0.2, seed=2, name="lstm_cell"),
                ],
                name="stacked_rnn_cells",
            ),
        ),
        (_X,),
        {"training": True},
        weights=_STACKED,
        random=True,
        label="stack-dropout",
    ),
    LayerCase(
        Recipe(
            "StackedRNNCells",
            cells=[Recipe("GRUCell", units=4, name="gru_cell"), Recipe("LSTMCell", units=3, name="lstm_cell")],
        ),
        (draw(3, 2), [[draw(3, 4)], [draw(3, 3), draw(3, 3)]]),
        reference=_stack,
        weights=[f"{cell}/{name}" for cell in ("gru_cell", "lstm_cell") for name in _CELL],
        label="",
    ),
]  # fmt: skip
