"""Cases of recurrent networks over whole sequences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import draw
from dl_ops.testing.case import FLOATS, Case
from dl_ops.typing import Array


def _sigmoid(x: Array) -> Array:
    y: Array = 1 / (1 + np.exp(-x))
    return y


def _over_steps(step: Callable[..., Any], x: Array, states: Sequence[Array], mask: Array | None) -> Any:
    outputs = np.zeros((*x.shape[:2], states[0].shape[1]))
    last = [state.astype("float64") for state in states]
    for sample in range(len(x)):
        for t in range(x.shape[1]):
            if mask is None or mask[sample, t]:
                for state, new in zip(last, step(x[sample, t], *[state[sample] for state in last]), strict=True):
                    state[sample] = new
            outputs[sample, t] = last[0][sample]
    return outputs, *last


def _simple_rnn(
    x: Array, hidden: Array, kernel: Array, recurrent: Array, bias: Any = None, mask: Array | None = None
) -> Any:
    def step(x: Array, h: Array) -> Any:
        return (np.tanh(x @ kernel + h @ recurrent + (0.0 if bias is None else bias)),)

    return _over_steps(step, x, [hidden], mask)


def _gru(
    x: Array,
    hidden: Array,
    kernel: Array,
    recurrent: Array,
    bias: Any = None,
    mask: Array | None = None,
    reset_after: bool = True,
) -> Any:
    units = hidden.shape[1]
    zero = np.zeros(3 * units)
    of_input, of_state = (zero, zero) if bias is None else bias if reset_after else (bias, zero)

    def step(x: Array, h: Array) -> Any:
        z = x @ kernel + of_input
        update = _sigmoid(z[:units] + h @ recurrent[:, :units] + of_state[:units])
        gate = slice(units, 2 * units)
        reset = _sigmoid(z[gate] + h @ recurrent[:, gate] + of_state[gate])
        if reset_after:
            from_state = reset * (h @ recurrent[:, 2 * units :] + of_state[2 * units :])
        else:
            from_state = (reset * h) @ recurrent[:, 2 * units :]
        return (update * h + (1 - update) * np.tanh(z[2 * units :] + from_state),)

    return _over_steps(step, x, [hidden], mask)


def _lstm(
    x: Array, hidden: Array, memory: Array, kernel: Array, recurrent: Array, bias: Any = None, mask: Any = None
) -> Any:
    def step(x: Array, h: Array, c: Array) -> Any:
        i, f, g, o = np.split(x @ kernel + h @ recurrent + (0.0 if bias is None else bias), 4)
        c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
        return _sigmoid(o) * np.tanh(c), c

    return _over_steps(step, x, [hidden, memory], mask)


_X, _H, _C = draw(2, 4, 3), draw(2, 2), draw(2, 2)
_MASK: Final = np.array([[False, True, True, False], [True, False, True, True]])


def _weights(gates: int) -> tuple[Array, Array]:
    return draw(3, 2 * gates), draw(2, 2 * gates)


def _cases(op: str, gates: int, states: Sequence[Array], reference: Any, bias: Array) -> list[Case]:
    arguments = (_X, *states, *_weights(gates))
    names = ("x", "hidden", "memory")[: 1 + len(states)]

    def case(label: str, *more: Any, **options: Any) -> Case:
        return Case(
            op,
            (*arguments, *more),
            reference=reference,
            gradient=True,
            unknown=names,
            label=label,
            tolerance=4,
            **options,
        )

    return [
        case("", bias, dtypes=FLOATS),
        case("no-bias"),
        case("mask", bias, _MASK),
        case("mask-no-bias", None, _MASK),
    ]


CASES: Final = [
    *_cases("simple_rnn", 1, [_H], _simple_rnn, draw(2)),
    *_cases("gru", 3, [_H], _gru, draw(2, 6)),
    Case(
        "gru",
        (_X, _H, *_weights(3), draw(6)),
        {"reset_after": False},
        reference=_gru,
        gradient=True,
        unknown=("x", "hidden"),
        tolerance=4,
        label="reset-before",
    ),
    *_cases("lstm", 4, [_H, _C], _lstm, draw(8)),
]
