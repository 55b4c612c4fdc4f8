"""Cases of losses and of encodings of classes."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import draw, flags, integers
from dl_ops.testing.case import FLOATS, Case
from dl_ops.testing.table.activations import _log_softmax, _sigmoid, _softmax
from dl_ops.typing import Array

_LOGITS = draw(4, 3)
_PROBABILITIES = _softmax(draw(4, 3))
_TARGET = _softmax(draw(4, 3))
_CLASSES = np.array([0, 2, 1, 2], "int32")


def _binary(target: Array, output: Array, from_logits: bool = False) -> Array:
    p = _sigmoid(output) if from_logits else output
    return np.asarray(-(target * np.log(p) + (1 - target) * np.log(1 - p)))


def _categorical(target: Array, output: Array, from_logits: bool = False, axis: int = -1) -> Array:
    logs = _log_softmax(output, axis) if from_logits else np.log(output / np.sum(output, axis, keepdims=True))
    return np.asarray(-np.sum(target * logs, axis))


def _sparse(target: Array, output: Array, from_logits: bool = False, axis: int = -1) -> Array:
    classes = output.shape[axis]
    one_hot = np.where((target >= 0) & (target < classes), 1.0, np.nan)[..., None] * np.eye(classes)[target % classes]
    return _categorical(np.moveaxis(one_hot, -1, axis), output, from_logits, axis)


def _one_hot(x: Array, num_classes: int, axis: int = -1, dtype: Any = None) -> Array:
    return np.moveaxis((x[..., None] == np.arange(num_classes)).astype(float), -1, axis)


def _multi_hot(x: Array, num_classes: int, axis: int = -1, dtype: Any = None) -> Array:
    return np.asarray(np.max(_one_hot(x, num_classes), axis=-2 if x.ndim > 1 else 0))


def _psnr(x1: Array, x2: Array, max_val: float) -> Array:
    return np.asarray(10 * np.log10(max_val**2 / np.mean((x1 - x2) ** 2)))


CASES: Final = [
    Case("binary_crossentropy", (_TARGET, _PROBABILITIES), reference=_binary, gradient=True, label="probabilities"),
    Case("binary_crossentropy", (_TARGET, _LOGITS, True), reference=_binary, gradient=True, label="logits"),
    Case(
        "binary_crossentropy",
        (np.array([0.0, 1.0]), np.array([-900.0, 900.0]), True),
        reference=lambda *arguments: np.zeros(2),
        gradient=("output",),
        label="large",
    ),
    Case(
        "binary_crossentropy",
        (np.array([1.0, 0.0]), np.array([1.0, 0.0])),
        reference=lambda *arguments: np.zeros(2),
        dtypes=FLOATS,
        label="certain",
    ),
    Case(
        "categorical_crossentropy",
        (_TARGET, _PROBABILITIES),
        reference=_categorical,
        gradient=True,
        label="probabilities",
    ),
    Case(
        "categorical_crossentropy",
        (_TARGET, _PROBABILITIES * 2),
        reference=_categorical,
        gradient=True,
        label="unnormalized",
    ),
    Case("categorical_crossentropy", (_TARGET, _LOGITS, True), reference=_categorical, gradient=True, label="logits"),
    Case("categorical_crossentropy", (_TARGET, _LOGITS, True, 0), reference=_categorical, gradient=True, label="axis"),
    Case(
        "sparse_categorical_crossentropy",
        (_CLASSES, _PROBABILITIES),
        reference=_sparse,
        gradient=True,
        label="probabilities",
    ),
    Case(
        "sparse_categorical_crossentropy", (_CLASSES, _LOGITS, True), reference=_sparse, gradient=True, label="logits"
    ),
    Case(
        "sparse_categorical_crossentropy",
        (integers(0, 3, 2, 4), draw(2, 3, 4), True, 1),
        reference=_sparse,
        gradient=True,
        label="axis",
    ),
    *(
        # by default PyTorch leaves out -100
        Case(
            "sparse_categorical_crossentropy",
            (np.array([3, 0, -1, -100], dtype), output, from_logits),
            reference=_sparse,
            label=f"no such class, {dtype}{', logits' * from_logits}",
        )
        for dtype in ("int32", "int64")
        for output, from_logits in ((_PROBABILITIES, False), (_LOGITS, True))
    ),
    *(
        Case(
            "mean_sparse_categorical_crossentropy",
            args,
            reference=lambda *args: np.mean(_sparse(*args)),
            gradient=gradient,
            label=label,
        )
        for label, gradient, args in (
            ("probabilities", True, (_CLASSES, _PROBABILITIES)),
            ("logits", True, (_CLASSES, _LOGITS, True)),
            ("axis", True, (integers(0, 3, 2, 4), draw(2, 3, 4), True, 1)),
            ("no such class", False, (np.array([3, 0, -1, -100], "int32"), _LOGITS, True)),
        )
    ),
    Case("one_hot", (np.array([[0, 2], [1, 5]], "int32"), 3), reference=_one_hot, label="last"),
    Case("one_hot", (np.array([0, 2, -1], "int32"), 3, 0), reference=_one_hot, label="axis"),
    Case("one_hot", (np.array([0, 2], "int32"), 3), {"dtype": "int32"}, reference=_one_hot, label="dtype"),
    Case("multi_hot", (np.array([[0, 2], [1, 1]], "int32"), 4), reference=_multi_hot, label="batch"),
    Case("multi_hot", (np.array([0, 2], "int32"), 3), reference=_multi_hot, label="vector"),
    Case(
        "in_top_k",
        (np.array([0, 1, 2], "int32"), np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]), 2),
        reference=lambda *arguments: np.array([True, True, False]),
    ),
    Case(
        "where",
        (flags(3, 4), draw(3, 4), draw(4)),
        reference=np.where,
        gradient=True,
        dtypes=("float32", "int32"),
        label="tensors",
    ),
    Case(
        "where",
        (flags(3, 4), draw(3, 4), 0),
        reference=np.where,
        gradient=True,
        dtypes=("float32", "int32"),
        label="number",
    ),
    Case(
        "where",
        (draw(3, 1), draw(3, 4), draw(4)),
        reference=lambda c, a, b: np.where(c != 0, a, b),
        gradient=("x1", "x2"),
        label="floats",
    ),
    Case("psnr", (draw(2, 3), draw(2, 3), 1.5), reference=_psnr, gradient=True, dtypes=FLOATS, label="floats"),
    Case("psnr", (draw(2, 3) * 9, draw(2, 3) * 9, 255), reference=_psnr, dtypes=("int32", "uint8"), label="integers"),
    Case("psnr", (np.ones((2, 3)), np.ones((2, 3)), 1.0), reference=lambda *a: np.array(np.inf), label="equal"),
]
