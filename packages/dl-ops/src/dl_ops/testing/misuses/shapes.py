"""Misuses of ops that shape, join, split and order."""

from __future__ import annotations

from typing import Final

import numpy as np

from dl_ops.testing.misuses.misuse import Misuse

_X: Final = np.ones((2, 3), "float32")
_CUBE: Final = np.ones((2, 3, 4), "float32")
_VECTOR: Final = np.ones(4, "float32")
_NUMBER: Final = np.ones((), "float32")

MISUSES: Final = (
    Misuse("reshape", [_X, (4, 2)], r"\(2, 3\).*\(4, 2\)|\(4, 2\).*\(2, 3\)", label="sizes"),
    Misuse("reshape", [_X, (-1, 4)], r"\(-1, 4\)", label="no-multiple"),
    Misuse("reshape", [_X, (-1, -1)], r"\(-1, -1\)", label="two-unknown"),
    Misuse("reshape", [_X, (-2, -3)], r"\(-2, -3\)", label="negative"),
    Misuse("reshape", [_X, "ab"], "newshape|shape", label="text"),
    Misuse("reshape", [_X, (2.5, 3)], "newshape|shape", label="fraction"),
    Misuse("broadcast_to", [_X, (2, 4)], r"\(2, 3\).*\(2, 4\)", label="sizes"),
    Misuse("broadcast_to", [_X, (3,)], r"\(2, 3\).*\(3,\)", label="rank"),
    Misuse("broadcast_to", [_X, (-1, 3)], r"-1", label="negative"),
    Misuse("squeeze", [_X, 0], r"axis=0.*\(2, 3\)", label="size"),
    Misuse("squeeze", [_NUMBER, 0], "axis=0", label="number"),
    Misuse("squeeze", [_NUMBER, -1], "axis=-1", label="number-negative"),
    Misuse("expand_dims", [_X, None], "axis=None", label="None"),
    Misuse("transpose", [_X, (0,)], r"axes=\(0,\)", label="few"),
    Misuse("transpose", [_X, (0, 1, 2)], "axes", label="many"),
    Misuse("transpose", [_X, (0, 0)], r"axes=\(0, 0\)", label="twice"),
    Misuse("transpose", [_X, (1, -1)], r"axes=\(1, -1\)", label="twice-negative"),
    Misuse("moveaxis", [_CUBE, (0, 1), 2], "source.*destination", label="lengths"),
    Misuse("moveaxis", [_CUBE, (0, 0), (1, 2)], "source", label="twice"),
    Misuse("concatenate", [[_X, _VECTOR]], r"\(2, 3\).*\(4,\)", label="ranks"),
    Misuse("concatenate", [[_X, _X[:, :2]]], r"\(2, 3\).*\(2, 2\)", label="sizes"),
    Misuse("concatenate", [[]], "xs|tensor", label="none"),
    Misuse("concatenate", [[_NUMBER, _NUMBER]], "axis=0", label="numbers"),
    Misuse("stack", [[_X, _VECTOR]], r"\(2, 3\).*\(4,\)", label="shapes"),
    Misuse("stack", [[]], "tensor", label="none"),
    Misuse("vstack", [[_X, _VECTOR]], r"\(2, 3\).*\(.*4.*\)", label="shapes"),
    Misuse("hstack", [[_X, _VECTOR]], r"\(2, 3\).*\(4,\)", label="shapes"),
    Misuse("dstack", [[_X, _VECTOR]], r"\(2, 3.*\).*\(.*4.*\)", label="shapes"),
    Misuse("append", [_X, _VECTOR, 0], r"\(2, 3\).*\(4,\)", label="shapes"),
    Misuse("split", [_X, 2, 1], "indices_or_sections=2.*3", label="unequal"),
    Misuse("split", [_X, 0], "indices_or_sections=0", label="zero"),
    Misuse("split", [_X, -1], "indices_or_sections=-1", label="negative"),
    Misuse("split", [_X, "ab"], "indices_or_sections='ab'", TypeError, label="text"),
    Misuse("unstack", [_X, 3], "num=3", label="number"),
    Misuse("unstack", [_NUMBER], r"axis=0", label="no-axis"),
    Misuse("array_split", [_X, 0], "indices_or_sections=0", label="zero"),
    Misuse("tile", [_X, -1], "repeats=-1", label="negative"),
    Misuse("tile", [_X, "a"], "repeats='a'", TypeError, label="text"),
    Misuse("repeat", [_X, -1], "repeats=-1", label="negative"),
    Misuse("repeat", [_X, [1, 2, 3], 0], r"repeats=\[1, 2, 3\]", label="length"),
    Misuse("repeat", [_X, 1.5], "repeats=1.5", label="fraction"),
    Misuse("roll", [_X, (1, 2, 3), (0, 1)], "shift=.*axis=", label="lengths"),
    Misuse("rot90", [_X, 1, (0, 0)], r"axes=\(0, 0\)", label="twice"),
    Misuse("rot90", [_X, 1, (0,)], r"axes=\(0,\)", label="one-axis"),
    Misuse("rot90", [_VECTOR], r"axes", label="vector"),
    Misuse("pad", [_X, ((1, 1),) * 3], "pad_width=", label="length"),
    Misuse("pad", [_X, ((1, 1), (1, -1))], "pad_width=", label="negative"),
    Misuse("pad", [_X, ((1, 1, 1), (1, 1, 1))], "pad_width=", label="triples"),
    Misuse("pad", [_X, 1, "reflect", 3.0], "constant_values", label="value-of-reflection"),
    Misuse("pad", [_X, 1, "nonesuch"], "mode='nonesuch'", label="mode"),
    Misuse("tri", [-1], "N=-1", label="negative"),
    Misuse("eye", [-1], "N=-1", label="negative"),
    Misuse("eye", [2, -1], "M=-1", label="negative-columns"),
    Misuse("eye", [2.5], "N=2.5", label="fraction"),
    Misuse("identity", [-1], "n=-1", label="negative"),
    *(Misuse(op, [(-1, 2)], "shape=", label="negative") for op in ("zeros", "ones", "empty")),
    *(Misuse(op, [(2.5,)], "shape=", label="fraction") for op in ("zeros", "ones", "empty")),
    *(Misuse(op, [(2,), "flaot32"], "dtype='flaot32'", label="dtype") for op in ("zeros", "ones", "empty")),
    Misuse("full", [(-1,), 1.0], "shape=", label="negative"),
    Misuse("full", [(2,), _X], r"\(2, 3\)", label="value"),
    Misuse("full_like", [_X, _VECTOR], r"\(4,\)", label="value"),
    *(
        Misuse(op, [_X], "dtype='flaot32'", kwargs={"dtype": "flaot32"}, label="dtype")
        for op in ("cast", "saturate_cast", "view", "convert_to_tensor", "zeros_like", "ones_like", "empty_like")
    ),
    *(
        Misuse(op, [_X], "dtype='flaot32'", kwargs={"dtype": "flaot32"}, label="dtype")
        for op in ("prod", "cumsum", "cumprod", "nancumsum", "nancumprod")
    ),
    Misuse("view", [_X[:, :1].astype("float16"), "float32"], "float32", label="width"),
    Misuse("arange", [0, 3, 0], "step=0", label="step"),
    Misuse("arange", ["a"], "start", TypeError, label="text"),
    Misuse("arange", [0, "a"], "stop", TypeError, label="text-stop"),
    *(Misuse(op, [1.0, 2.0, -1], "num=-1", label="negative") for op in ("linspace", "logspace", "geomspace")),
    *(Misuse(op, [_X, _VECTOR], r"\(2, 3\).*\(4,\)", label="shapes") for op in ("linspace", "logspace", "geomspace")),
    *(
        Misuse(op, [1.0, 2.0, 2.5], "num=2.5", TypeError, label="fraction")
        for op in ("linspace", "logspace", "geomspace")
    ),
    Misuse("meshgrid", [_VECTOR, _VECTOR], "indexing='nonesuch'", kwargs={"indexing": "nonesuch"}, label="indexing"),
    Misuse("top_k", [_X, -1], "k=-1", label="negative"),
    Misuse("top_k", [_X, 4], r"k=4.*3", label="many"),
    Misuse("top_k", [_NUMBER, 1], r"\(\)", label="number"),
    Misuse("top_k", [_X, 1.5], "k=1.5", label="fraction"),
    Misuse("in_top_k", [np.zeros(3, "int32"), _X, 1], r"\(3,\).*\(2,\)", label="shapes"),
    Misuse("argpartition", [_X, 3], "kth=3", label="far"),
    Misuse("argpartition", [_X, -4], "kth=-4", label="far-negative"),
    Misuse("argmax", [np.ones((2, 0), "float32"), 1], r"\(2, 0\)", label="nothing"),
    Misuse("max", [np.ones((2, 0), "float32"), 1], r"\(2, 0\)", label="nothing"),
    Misuse("searchsorted", [_X, _X], r"\(2, 3\)", label="matrix"),
    Misuse("searchsorted", [_VECTOR, _X, "middle"], "side='middle'", label="side"),
    Misuse("digitize", [_X, _X], r"bins.*\(2, 3\)", label="matrix"),
    Misuse("diff", [_X, -1], "n=-1", label="negative"),
    Misuse("diff", [_NUMBER], "axis=-1|\\(\\)", label="number"),
    Misuse("trapezoid", [_X, _VECTOR], r"\(2, 3\).*\(4,\)|\(4,\).*\(2, 3\)", label="shapes"),
    Misuse("average", [_X, 0, _VECTOR], r"4 weights", label="weights"),
    Misuse("average", [_X, None, _VECTOR], r"weights.*\(4,\)", label="weights-of-all"),
    Misuse("bincount", [np.ones((2, 2, 2), "int32")], r"\(2, 2, 2\)", label="cube"),
    Misuse("bincount", [_VECTOR.astype("int32"), None, -1], "minlength=-1", label="negative"),
    Misuse("bincount", [_VECTOR], "int", TypeError, label="floats"),
    Misuse("bincount", [_VECTOR.astype("int32"), _VECTOR[:3]], r"weights.*\(3,\)", label="weights"),
    Misuse("histogram", [_VECTOR, 0], "bins=0", label="zero"),
    Misuse("histogram", [_VECTOR, 2, (1.0,)], "range=", label="range"),
    Misuse("histogram", [_VECTOR, 2, (1.0, 0.0)], "range=", label="range-reversed"),
    *(
        Misuse(op, [_X, 0.5], "method='nonesuch'", kwargs={"method": "nonesuch"}, label="method")
        for op in ("quantile", "percentile", "nanquantile", "nanpercentile")
    ),
    Misuse("select", [[_X > 0], [_X, _X]], "condlist|choicelist", label="lengths"),
    Misuse("select", [[], []], "condlist|choicelist", label="none"),
    Misuse("clip", [_X, _VECTOR, 3.0], r"\(2, 3\).*\(4,\)", label="shapes"),
    Misuse("unravel_index", [np.zeros(2, "int32"), (-1, 2)], "shape=", label="negative"),
    Misuse("rearrange", [_X, "a b c -> a"], "a b c", label="rank"),
    Misuse("bitwise_and", [_X, _X], "integers", TypeError, label="floats"),
    Misuse("left_shift", [_X, _X], "integers", TypeError, label="floats"),
    Misuse("gcd", [_X, _X], "integers", TypeError, label="floats"),
)
