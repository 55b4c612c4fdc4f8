"""Misuses of ops that read and write at positions."""

from __future__ import annotations

from typing import Final

import numpy as np

from dl_ops.testing.misuses.misuse import Misuse

_X: Final = np.ones((2, 3), "float32")
_POINTS: Final = np.zeros((4, 2), "int32")
_NUMBERS: Final = np.ones(4, "float32")
_SEGMENTS: Final = ("segment_sum", "segment_max", "segment_min", "segment_prod")
_LINE: Final = np.zeros(2, "int32")

MISUSES: Final = (
    Misuse("take", [_X, np.ones(2, "float32"), 0], "indices|integers", TypeError, label="floats"),
    Misuse("take_along_axis", [_X, np.ones((2, 1), "float32"), 1], "indices|integers", TypeError, label="floats"),
    Misuse("take_along_axis", [_X, np.zeros(2, "int32"), 0], r"\(2,\).*\(2, 3\)", label="rank"),
    Misuse("take_along_axis", [_X, np.zeros((5, 1), "int32"), 1], r"\(2,\).*\(5,\)", label="sizes"),
    Misuse("scatter", [_POINTS, _NUMBERS, (2,)], r"\(4, 2\).*\(2,\)", label="shape"),
    Misuse("scatter", [_POINTS, _NUMBERS[:3], (2, 3)], r"\(4,\).*\(3,\)", label="values"),
    Misuse("scatter", [_POINTS, _NUMBERS, (-1, 3)], "shape=", label="negative"),
    Misuse("scatter_update", [_X, _POINTS, _NUMBERS[:3]], r"\(3,\)", label="values"),
    Misuse("scatter_update", [_X, np.zeros((4, 3), "int32"), _NUMBERS], r"\(4, 3\)", label="indices"),
    Misuse("scatter_update", [_X, _POINTS, _NUMBERS, "nonesuch"], "reduction='nonesuch'", label="reduction"),
    Misuse("slice", [_X, _LINE, (2, 3, 1)], r"\(2, 3\).*3 sizes", label="shape"),
    Misuse("slice", [_X, np.zeros(3, "int32"), (2, 3)], r"start_indices", label="start"),
    Misuse("slice", [_X, _LINE, (2, 4)], r"shape=.*\(2, 3\)", label="large"),
    Misuse("slice", [_X, _LINE, (2, -2)], r"shape=", label="negative"),
    Misuse("slice_update", [_X, _LINE, _NUMBERS], r"\(2, 3\).*1 sizes", label="rank"),
    Misuse("slice_update", [_X, _LINE, np.ones((2, 4), "float32")], r"updates.*\(2, 4\)", label="large"),
    Misuse("slice_update", [_X, np.zeros(3, "int32"), _X], r"start_indices", label="start"),
    Misuse("one_hot", [_LINE, 0], "num_classes=0", label="no-classes"),
    Misuse("one_hot", [_LINE, -1], "num_classes=-1", label="negative"),
    Misuse("one_hot", [_LINE, 2.5], "num_classes=2.5", label="fraction"),
    Misuse("multi_hot", [_LINE, -1], "num_classes=-1", label="negative"),
    *(Misuse(op, [_X, np.zeros(3, "int32"), 2], r"\(2, 3\)", label="length") for op in _SEGMENTS),
    *(Misuse(op, [_X, _POINTS[:2], 2], r"segment_ids.*\(2, 2\)", label="matrix") for op in _SEGMENTS),
    *(Misuse(op, [_X, _LINE, -1], "num_segments=-1", label="negative") for op in _SEGMENTS),
)
