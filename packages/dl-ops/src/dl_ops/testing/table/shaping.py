"""Cases of reshaping, reordering, joining and splitting."""

from __future__ import annotations

from typing import Final

import numpy as np

from dl_ops.testing.arrays import draw
from dl_ops.testing.case import ALL, NUMBERS, Case

_X = draw(2, 3, 4)
_Y = draw(2, 3, 4)
_MODES = ("edge", "reflect", "symmetric", "wrap")


def _like(case_op: str, *args: object, label: str = "", **kwargs: object) -> Case:
    """Case of an op that NumPy has under the same name."""
    reference = getattr(np, case_op)
    return Case(case_op, args, kwargs, reference=reference, gradient=True, dtypes=ALL, label=label)


CASES: Final = [
    _like("reshape", _X, (6, 4), label="plain"),
    _like("reshape", _X, (-1, 4), label="inferred"),
    _like("reshape", _X, (2, -1, 2), label="inferred-inside"),
    Case("reshape", (np.array(2.0), (1, 1)), reference=np.reshape, gradient=True, label="scalar"),
    _like("transpose", _X, label="reverse"),
    _like("transpose", _X, (1, 2, 0), label="axes"),
    _like("moveaxis", _X, 0, -1, label="one"),
    _like("moveaxis", _X, (0, 1), (2, 0), label="two"),
    _like("swapaxes", _X, 0, 2),
    _like("squeeze", draw(2, 1, 3, 1), label="all"),
    _like("squeeze", draw(2, 1, 3, 1), 1, label="axis"),
    _like("expand_dims", _X, 1, label="one"),
    _like("expand_dims", _X, (0, -1), label="two"),
    _like("ravel", _X),
    _like("broadcast_to", draw(3, 1), (2, 3, 4)),
    _like("tile", _X, (2, 1, 2), label="each"),
    _like("tile", _X, 2, label="last"),
    _like("tile", _X, (2, 1, 1, 3), label="more"),
    _like("repeat", _X, 2, label="flat"),
    _like("repeat", _X, 3, 1, label="axis"),
    _like("repeat", _X, (1, 0, 2), 1, label="counts"),
    _like("flip", _X, label="all"),
    _like("flip", _X, (0, -1), label="axes"),
    _like("roll", _X, 2, label="flat"),
    _like("roll", _X, -1, 1, label="axis"),
    _like("roll", _X, (1, 2), (0, 2), label="axes"),
    _like("pad", _X, ((0, 0), (1, 2), (0, 1)), label="zeros"),
    _like("pad", _X, 1, label="all"),
    Case(
        "pad",
        (_X, 1, "constant", 2.5),
        reference=lambda x, w, m, c: np.pad(x, w, m, constant_values=c),
        gradient=True,
        label="value",
    ),
    _like("pad", _X, ((0, 0), (1, 2), (0, 1)), "reflect", label="reflect"),
    _like("pad", _X, ((0, 0), (1, 2), (0, 1)), "symmetric", label="symmetric"),
    _like("rot90", _X, label="once"),
    _like("rot90", _X, 3, (1, 2), label="axes"),
    _like("concatenate", [_X, _Y[:, :1]], 1, label="axis"),
    _like("concatenate", [_X, _Y], -1, label="last"),
    _like("concatenate", (_X, _Y, _X), label="three"),
    Case(
        "concatenate",
        ([_X, np.ones((2, 3, 4), "int32")],),
        reference=np.concatenate,
        gradient=True,
        dtypes=NUMBERS,
        label="promoted",
    ),
    _like("stack", [_X, _Y], label="first"),
    _like("stack", [_X, _Y], -1, label="last"),
    _like("split", draw(6, 2), 3, label="sections"),
    _like("split", draw(2, 7), (2, 3), 1, label="indices"),
    Case("unstack", (_X,), reference=lambda x: list(x), gradient=True, label="first", unknown=False),
    Case(
        "unstack",
        (_X,),
        {"axis": 1},
        reference=lambda x, axis: [x[:, 0], x[:, 1], x[:, 2]],
        gradient=True,
        label="axis",
    ),
    _like("hstack", [_X, _Y]),
    Case("hstack", ([draw(3), draw(2)],), reference=np.hstack, gradient=True, label="vectors"),
    _like("vstack", [_X, _Y], label="matrices"),
    Case("vstack", ([draw(3), draw(3)],), reference=np.vstack, gradient=True, label="vectors"),
    _like("append", _X, _Y, 1, label="axis"),
    _like("append", _X, _Y, label="flat"),
    _like("append", draw(0, 3), draw(2, 3), 0, label="empty"),
    Case("hstack", ([np.array(1.0), draw(2)],), reference=np.hstack, label="scalar"),
    Case("vstack", ([draw(2), draw(3, 2)],), reference=np.vstack, label="mixed"),
    _like("reshape", draw(0, 3), (3, -1), label="empty"),
    _like("expand_dims", np.array(2.0), (0, 1), label="scalar"),
    _like("squeeze", draw(0, 1, 2, 1), (1, -1), label="empty"),
    _like("moveaxis", _X, (-1, 0), (0, -1), label="negative"),
    _like("transpose", _X, (-1, 0, -2), label="negative"),
    _like("broadcast_to", np.array(2.0), (2, 0, 3), label="empty"),
    _like("broadcast_to", np.array(2.0), (), label="scalar"),
    _like("tile", _X, 0, label="nothing"),
    _like("tile", np.array(2.0), (2, 3), label="scalar"),
    _like("repeat", draw(0, 3), 2, -1, label="empty"),
    _like("repeat", np.array(2.0), 3, label="scalar"),
    _like("roll", draw(0, 3), 1, 0, label="empty"),
    _like("roll", _X, (1, -5), (0, 0), label="one axis twice"),
    _like("roll", _X, 7, (0, -1), label="far"),
    _like("rot90", _X, 2, (-1, 0), label="twice"),
    _like("rot90", _X, -1, label="back"),
    _like("flip", np.array(2.0), label="scalar"),
    _like("concatenate", [draw(2, 0), draw(2, 3)], -1, label="empty"),
    _like("stack", [np.array(1.0), np.array(2.0)], label="scalars"),
    Case("split", (draw(4, 2), (1, 1, 9)), reference=np.split, gradient=True, unknown=False, label="beyond"),
    _like("split", draw(4, 2), (), label="whole"),
    _like("split", draw(2, 0), 3, 1, label="empty"),
    *(_like("pad", _X, ((0, 0), (5, 4), (3, 9)), mode, label=f"{mode}-wide") for mode in _MODES),
    *(_like("pad", draw(1, 2), 2, mode, label=f"{mode}-single") for mode in _MODES),
    *(
        Case("pad", (np.array(2.0), 1, m), reference=lambda x, *a: x, label=f"{m}-scalar")
        for m in ("constant", *_MODES)
    ),
    _like("pad", draw(0, 2), ((1, 2), (0, 0)), label="empty"),
    _like("fliplr", _X),
    _like("flipud", _X),
    _like("flipud", draw(3), label="vector"),
    Case("dstack", ([draw(3), draw(3)],), reference=np.dstack, gradient=True, dtypes=ALL, label="vectors"),
    Case("dstack", ([_X[0], _Y[0]],), reference=np.dstack, gradient=True, label="matrices"),
    Case("dstack", ([_X, _Y[..., :1]],), reference=np.dstack, gradient=True, label="mixed"),
    Case("dstack", ([np.array(1.0), np.array(2.0)],), reference=np.dstack, label="scalars"),
    _like("array_split", _X, 3, 2, label="uneven"),
    _like("array_split", _X, 5, -2, label="more parts than elements"),
    _like("array_split", draw(7), 3, label="vector"),
    _like("vsplit", _X, 2, label="sections"),
    _like("vsplit", draw(5, 2), (1, 4), label="indices"),
    _like("hsplit", _X, 3, label="sections"),
    _like("hsplit", draw(6), (2, 3), label="vector"),
    _like("dsplit", _X, 2, label="sections"),
    _like("dsplit", _X, [1], label="indices"),
    Case("rearrange", (_X, "a b c -> c a b"), reference=lambda x, p: np.moveaxis(x, 2, 0), gradient=True, dtypes=ALL),
    Case("rearrange", (_X, "a b c->(c b) a"), reference=lambda x, p: x.T.reshape(12, 2), label="merged"),
    Case(
        "rearrange",
        (_X, "a b (c d) -> (a d) b c"),
        {"d": 2},
        reference=lambda x, p, d: x.reshape(2, 3, 2, 2).transpose(0, 3, 1, 2).reshape(4, 3, 2),
        gradient=True,
        label="split",
    ),
    Case(
        "rearrange",
        (_X, "(a b) c (d e) -> d b 1 (a c e)"),
        {"b": 2, "d": 1},
        reference=lambda x, p, b, d: x.reshape(1, 2, 3, 1, 4).transpose(3, 1, 0, 2, 4).reshape(1, 2, 1, 12),
        label="split-twice",
    ),
    Case("rearrange", (_X, "a ... -> ... a"), reference=lambda x, p: np.moveaxis(x, 0, -1), label="ellipsis"),
    Case("rearrange", (_X, "... c -> c (...)"), reference=lambda x, p: x.reshape(6, 4).T, label="ellipsis-merged"),
    Case("rearrange", (draw(2, 1, 3), "a 1 b -> b () a"), reference=lambda x, p: x.T, label="ones"),
    Case(
        "rearrange",
        (draw(0, 6), "a (b c) -> b a c"),
        {"c": 2},
        reference=lambda x, p, c: np.zeros((3, 0, 2)),
        label="empty",
    ),
]
