"""Cases of layers that run another layer."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_layers.testing.case import LayerCase, Recipe
from dl_layers.testing.table.recurrent import loop, weights_of
from dl_ops.testing.arrays import draw
from dl_ops.typing import Array

Weights = dict[str, Array]

_X: Final = draw(3, 4, 2)
_MASK: Final = np.array([[True, True, False, True], [False, False, True, False], [True, True, True, True]])
_MERGES: Final[dict[Any, Any]] = {
    "concat": lambda a, b: np.concatenate([a, b], -1),
    "sum": lambda a, b: a + b,
    "ave": lambda a, b: (a + b) / 2,
    "mul": lambda a, b: a * b,
    None: lambda a, b: [a, b],
}


def _both(cell: str, merge: Any = "concat", *, sequences: bool = False, state: bool = False) -> Any:
    """Reference of a layer run both ways, from that of one way."""

    def reference(weights: Weights, x: Array, initial_state: Any = None, mask: Array | None = None) -> Any:
        results = []
        for backwards in (False, True):
            way = "backward_" if backwards else "forward_"
            own = {path.partition("/")[2]: value for path, value in weights.items() if path.startswith(way)}
            half = None if initial_state is None else len(initial_state) // 2
            begin = None if half is None else initial_state[half:] if backwards else initial_state[:half]
            run = loop(cell, sequences=sequences, state=True, backwards=backwards, zeros=sequences)
            results.append(run(own, x, begin, mask))
        (forward, *first), (backward, *second) = results
        outputs = _MERGES[merge](forward, backward[:, ::-1] if sequences else backward)
        if state:
            return [*(outputs if merge is None else [outputs]), *first, *second]
        return outputs

    return reference


def _pair(name: str, cell: str) -> tuple[str, ...]:
    return tuple(f"{way}_{name}/{path}" for way in ("forward", "backward") for path in weights_of(cell))


_LSTM: Final = _pair("lstm", "lstm_cell")
_GRU: Final = _pair("gru", "gru_cell")
_DENSE: Final = ("dense/kernel", "dense/bias")


def _lstm(**options: Any) -> Recipe:
    return Recipe("LSTM", units=3, name="lstm", **options)


def _by_step(weights: Weights, x: Array, mask: Array | None = None) -> Array:
    return np.stack([x[:, t] @ weights["dense/kernel"] + weights["dense/bias"] for t in range(x.shape[1])], 1)


def _normalized_by_step(weights: Weights, x: Array, training: bool = False) -> Array:
    gamma, beta = weights["bn/gamma"], weights["bn/beta"]
    steps = [(s - s.mean(0)) / np.sqrt(s.var(0) + 1e-3) * gamma + beta for s in np.moveaxis(x, 1, 0)]
    return np.stack(steps, 1)


CASES: Final = [
    *(
        LayerCase(
            Recipe("Bidirectional", layer=_lstm(return_sequences=sequences), merge_mode=merge),
            (_X,),
            reference=_both("lstm_cell", merge, sequences=sequences),
            weights=_LSTM,
            unknown=(0, 1),
            tolerance=2,
            label=f"{merge}-{'sequences' if sequences else 'last'}",
        )
        for merge, sequences in (("concat", False), ("concat", True), ("sum", True), ("ave", False), ("mul", True))
    ),
    LayerCase(
        Recipe("Bidirectional", layer=_lstm(return_sequences=True, return_state=True), merge_mode=None),
        (_X,),
        {"mask": _MASK},
        reference=_both("lstm_cell", None, sequences=True, state=True),
        weights=_LSTM,
        tolerance=2,
        label="none-mask-states",
    ),
    LayerCase(
        Recipe("Bidirectional", layer=_lstm(return_state=True)),
        (_X,),
        {"mask": _MASK, "initial_state": [draw(3, 3)] * 4},
        reference=_both("lstm_cell", state=True),
        weights=_LSTM,
        tolerance=2,
        label="mask-initial_state",
    ),
    LayerCase(
        Recipe(
            "Bidirectional",
            layer=Recipe("GRU", units=3, name="gru"),
            backward_layer=Recipe("GRU", units=3, go_backwards=True, name="backward_gru"),
            merge_mode="sum",
        ),
        (_X,),
        reference=_both("gru_cell", "sum"),
        weights=_GRU,
        tolerance=2,
        label="backward_layer",
    ),
    LayerCase(
        Recipe("Bidirectional", layer=_lstm(stateful=True)), (_X,), weights=_LSTM, unknown=(), tolerance=2,
        label="stateful",
    ),
    LayerCase(
        Recipe("TimeDistributed", layer=Recipe("Dense", units=3, name="dense")),
        (draw(3, 4, 5),),
        reference=_by_step,
        weights=_DENSE,
        unknown=(0, 1),
        label="",
    ),
    LayerCase(
        Recipe("TimeDistributed", layer=Recipe("Dense", units=3, name="dense")),
        (draw(3, 4, 5),),
        {"mask": _MASK},
        reference=_by_step,
        weights=_DENSE,
        label="mask",
    ),
    LayerCase(
        Recipe("TimeDistributed", layer=Recipe("Conv2D", filters=2, kernel_size=2, name="conv2d")),
        (draw(2, 3, 4, 4, 2),),
        weights=("conv2d/kernel", "conv2d/bias"),
        unknown=(0, 1),
        label="Conv2D",
    ),
    LayerCase(
        Recipe("TimeDistributed", layer=Recipe("LSTM", units=3, name="lstm", return_sequences=True)),
        (draw(2, 3, 4, 2),),
        weights=[f"lstm/{path}" for path in weights_of("lstm_cell")],
        tolerance=2,
        label="LSTM",
    ),
    LayerCase(
        Recipe("TimeDistributed", layer=Recipe("BatchNormalization", name="bn")),
        (draw(6, 3, 2),),
        {"training": True},
        reference=_normalized_by_step,
        weights=[f"bn/{name}" for name in ("gamma", "beta", "moving_mean", "moving_variance")],
        tolerance=4,
        label="BatchNormalization",
    ),
]  # fmt: skip
