"""Cases of losses."""

from __future__ import annotations

from itertools import product
from typing import Any, Final

import numpy as np

from dl_ops.typing import Array
from dl_train.testing.loss_references import sigmoid, softmax
from dl_train.testing.losses import LossCase

_RANDOM = np.random.default_rng(11)


def _real(*shape: int) -> Array:
    return _RANDOM.normal(size=shape)


_REAL, _OTHER = _real(6, 4), _real(6, 4)
_BINARY = _RANDOM.integers(0, 2, (6, 4)).astype(float)
_CLASSES = np.array([0, 3, 1, 2, 2, 0], "int32")
_ONE_HOT = np.eye(4)[_CLASSES]
_GRID, _OTHER_GRID = _real(2, 3, 4), _real(2, 3, 4)
_GRID_CLASSES = np.array([[0, 2, 1, 1], [2, 2, 0, 1]], "int32")
_GRID_ONE_HOT = np.moveaxis(np.eye(3)[_GRID_CLASSES], -1, 1)
_MASKS, _PROBABILITIES = (_RANDOM.random((3, 4, 2)) < 0.5).astype(float), sigmoid(_real(3, 4, 2))
_EMBEDDINGS = _real(6, 3) / 2.0
_EMBEDDINGS /= np.linalg.norm(_EMBEDDINGS, axis=-1, keepdims=True)
_OF_EMBEDDINGS = np.array([0, 0, 1, 1, 1, 2], "int32")
_PAIRED = _OF_EMBEDDINGS < 2


def _ignoring(classes: Array, ignored: int) -> Array:
    """Classes of which every other one is replaced by the one that is ignored."""
    return np.where(np.arange(classes.size).reshape(classes.shape) % 2, ignored, classes).astype(classes.dtype)


def _logits(y: Array, options: dict[str, Any], activation: Any) -> Array:
    """Logits or probabilities, whichever the options ask for."""
    return y if options.get("from_logits") else activation(y)


def _combined(**choices: Any) -> list[dict[str, Any]]:
    """Options in all combinations; ``None`` leaves one out."""
    rows = product(*choices.values())
    return [{name: x for name, x in zip(choices, row, strict=True) if x is not None} for row in rows]


_SWITCHES = {"from_logits": (None, True), "label_smoothing": (None, 0.2)}

CASES: Final = [
    LossCase("MeanSquaredError", _REAL, _OTHER),
    LossCase("MeanSquaredError", _REAL[:, 0], _OTHER[:, :1], label="targets without a last axis"),
    LossCase("MeanSquaredError", _REAL[:, :1], _OTHER[:, 0], label="predictions without a last axis"),
    LossCase("MeanSquaredError", _GRID, _OTHER_GRID, label="two axes"),
    LossCase("MeanSquaredError", np.arange(24, dtype="int32").reshape(6, 4) % 3, _OTHER, label="integer targets"),
    LossCase("MeanAbsoluteError", _REAL, _OTHER),
    LossCase("MeanAbsoluteError", _GRID, _OTHER_GRID, label="two axes"),
    LossCase("MeanAbsolutePercentageError", _REAL, _OTHER, tolerance=4),
    LossCase("MeanSquaredLogarithmicError", np.abs(_REAL), np.abs(_OTHER)),
    LossCase("MeanSquaredLogarithmicError", _REAL, _OTHER, label="negative"),
    *(LossCase("Huber", _REAL, _OTHER, options) for options in _combined(delta=(None, 0.3, 2.0))),
    LossCase("LogCosh", _REAL, _OTHER),
    LossCase("LogCosh", _REAL, 300 * _OTHER, label="large", tolerance=2),
    *(LossCase("CosineSimilarity", _GRID, _OTHER_GRID, options) for options in _combined(axis=(None, 1))),
    LossCase("CosineSimilarity", _REAL * (np.arange(6) > 0)[:, None], _OTHER, label="zeros"),
    *(
        LossCase(name, targets, 2 * _OTHER, label=label)
        for name in ("Hinge", "SquaredHinge")
        for label, targets in (("signs", 2 * _BINARY - 1), ("zeros and ones", _BINARY))
    ),
    LossCase("CategoricalHinge", _ONE_HOT, _OTHER),
    LossCase("KLDivergence", softmax(_REAL), softmax(_OTHER)),
    LossCase("KLDivergence", _ONE_HOT, softmax(_OTHER), label="one-hot", tolerance=2),
    LossCase("Poisson", np.round(3 * np.abs(_REAL)), np.exp(_OTHER)),
    *(
        LossCase("BinaryCrossentropy", _BINARY, _logits(_OTHER, options, sigmoid), options)
        for options in _combined(**_SWITCHES)
    ),
    *(
        LossCase("BinaryCrossentropy", (_GRID > 0) * 1.0, _logits(_OTHER_GRID, options, sigmoid), options)
        for options in _combined(axis=(1,), **_SWITCHES)
    ),
    *(
        LossCase("BinaryFocalCrossentropy", _BINARY, _logits(_OTHER, options, sigmoid), options)
        for options in [
            *_combined(**_SWITCHES),
            *_combined(apply_class_balancing=(True,), alpha=(None, 0.6), **_SWITCHES),
            *_combined(gamma=(0.0, 0.5, 3.0), from_logits=(None, True)),
        ]
    ),
    LossCase("BinaryFocalCrossentropy", (_GRID > 0) * 1.0, sigmoid(_OTHER_GRID), {"axis": 1}),
    *(
        LossCase(name, _ONE_HOT, _logits(_OTHER, options, softmax), options)
        for name in ("CategoricalCrossentropy", "CategoricalFocalCrossentropy")
        for options in _combined(**_SWITCHES)
    ),
    *(
        LossCase(name, _GRID_ONE_HOT, _logits(_OTHER_GRID, options, lambda y: softmax(y, 1)), options)
        for name in ("CategoricalCrossentropy", "CategoricalFocalCrossentropy")
        for options in _combined(axis=(1,), **_SWITCHES)
    ),
    *(
        LossCase("CategoricalFocalCrossentropy", _ONE_HOT, _logits(_OTHER, options, softmax), options)
        for options in _combined(alpha=(0.7, [0.1, 0.2, 0.3, 0.4]), gamma=(0.0, 0.5, 3.0), from_logits=(None, True))
    ),
    LossCase("CategoricalCrossentropy", _ONE_HOT, 3 * softmax(_OTHER), label="unnormalized"),
    *(
        LossCase("SparseCategoricalCrossentropy", targets, _logits(_OTHER, options, softmax), options, label=label)
        for label, targets in (("", _CLASSES), ("unit axis", _CLASSES[:, None]), ("floats", _CLASSES.astype(float)))
        for options in _combined(from_logits=(None, True))
    ),
    *(
        LossCase(
            "SparseCategoricalCrossentropy",
            _ignoring(_CLASSES, options["ignore_class"]),
            _logits(_OTHER, options, softmax),
            options,
            counts=_ignoring(_CLASSES, options["ignore_class"]) != options["ignore_class"],
        )
        for options in _combined(ignore_class=(-1, 1, 255), from_logits=(None, True))
    ),
    *(
        LossCase(
            "SparseCategoricalCrossentropy",
            _ignoring(_GRID_CLASSES, 255),
            _logits(_OTHER_GRID, options, lambda y: softmax(y, 1)),
            options,
            counts=_ignoring(_GRID_CLASSES, 255) != 255,
        )
        for options in _combined(ignore_class=(255,), axis=(1,), from_logits=(None, True))
    ),
    *(
        LossCase("CategoricalGeneralizedCrossEntropy", _CLASSES, softmax(_OTHER), options)
        for options in _combined(q=(None, 0.1, 0.9))
    ),
    LossCase("CategoricalGeneralizedCrossEntropy", _CLASSES[:, None], softmax(_OTHER), label="unit axis"),
    LossCase("CategoricalGeneralizedCrossEntropy", _GRID_CLASSES[:, :3], softmax(_OTHER_GRID), label="two axes"),
    *(
        LossCase(name, _MASKS, _PROBABILITIES, {**options, **weights}, of_batch="axis" not in options)
        for name, more in (("Dice", [{}]), ("Tversky", [{}, {"alpha": 0.2, "beta": 0.7}, {"beta": 0.9}]))
        for weights in more
        for options in _combined(axis=(None, 1, [1, 2]))
    ),
    *(
        LossCase(
            "Circle",
            _OF_EMBEDDINGS,
            _EMBEDDINGS,
            options,
            counts=None if "remove_diagonal" in options else _PAIRED,
            compares=True,
            tolerance=8,
        )
        for options in _combined(gamma=(None, 5.0), margin=(None, 0.25), remove_diagonal=(None, False))
    ),
    LossCase(
        "Circle", _OF_EMBEDDINGS[:, None], _EMBEDDINGS, counts=_PAIRED, compares=True, tolerance=8, label="unit axis"
    ),
    LossCase("CTC", np.array([[1, 2], [2, 0], [1, 1]], "int32"), _real(3, 4, 3), tolerance=2),
    LossCase("CTC", np.array([[1.0, 2.0], [2.0, 0.0], [0.0, 0.0]]), _real(3, 4, 3), tolerance=2, label="floats"),
]
"""Every loss, with all arguments that only matter together."""
