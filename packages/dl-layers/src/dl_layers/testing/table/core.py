"""Cases of dense layers and embeddings."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_layers import activations
from dl_layers.testing.case import LayerCase, Recipe
from dl_ops.testing.arrays import draw, integers, nonzero
from dl_ops.typing import Array

Weights = dict[str, Array]


def _dense(weights: Weights, x: Array) -> Array:
    return np.asarray(x @ weights["kernel"] + weights.get("bias", 0.0))


def _einsum_dense(equation: str) -> Any:
    return lambda weights, x: np.einsum(equation, x, weights["kernel"]) + weights.get("bias", 0.0)


def _embedding(weights: Weights, x: Array) -> Array:
    return np.asarray(weights["embeddings"][x.astype(int)])


def _masking(mask_value: float) -> Any:
    return lambda weights, x: np.where((x != mask_value).any(-1, keepdims=True), x, 0)


_STEPS = draw(3, 4, 2)
_STEPS[0, 1:] = 0.0
_STEPS[1, ::2] = -1.5
_STEPS[2, 0, 0] = -1.5
_BOTH = ("kernel", "bias")
_PENALTY = {"module": "keras.regularizers", "class_name": "L2", "config": {"l2": 0.02}, "registered_name": None}

CASES: Final = [
    LayerCase(Recipe("Dense", units=3), (draw(4, 5),), reference=_dense, weights=_BOTH),
    LayerCase(
        Recipe("Dense", units=3, use_bias=False), (draw(2, 4, 5),), reference=_dense, weights=["kernel"], unknown=(0, 1)
    ),
    LayerCase(
        Recipe(
            "Dense", units=2, activation="tanh", kernel_regularizer=_PENALTY, bias_constraint="non_neg",
            bias_initializer="ones",
        ),
        (draw(4, 5),),
        reference=lambda weights, x: np.tanh(_dense(weights, x)),
        weights=_BOTH,
        label="options",
    ),
    LayerCase(
        Recipe("EinsumDense", equation="ab,bc->ac", output_shape=3),
        (draw(4, 5),),
        reference=_einsum_dense("ab,bc->ac"),
        weights=["kernel"],
        label="matrix",
    ),
    LayerCase(
        Recipe("EinsumDense", equation="abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de", activation="relu"),
        (draw(2, 4, 5),),
        reference=lambda weights, x: np.maximum(_einsum_dense("abc,cde->abde")(weights, x), 0),
        weights=_BOTH,
        unknown=(0, 1),
        label="bias",
    ),
    LayerCase(
        Recipe("EinsumDense", equation="...x,xy->...y", output_shape=3, bias_axes="y"),
        (draw(2, 4, 5),),
        reference=_einsum_dense("...x,xy->...y"),
        weights=_BOTH,
        unknown=(0, 1),
        label="ellipsis",
    ),
    LayerCase(
        Recipe("Embedding", input_dim=6, output_dim=3),
        (integers(0, 6, 2, 4),),
        reference=_embedding,
        weights=["embeddings"],
        unknown=(0, 1),
    ),
    LayerCase(
        Recipe("Embedding", input_dim=6, output_dim=3, mask_zero=True, embeddings_regularizer="l1"),
        (integers(0, 6, 5).astype("float32"),),
        reference=_embedding,
        weights=["embeddings"],
        label="floats",
    ),
    LayerCase(Recipe("Identity"), (draw(3, 4),), reference=lambda w, x: x, unknown=(0, 1)),
    LayerCase(
        Recipe("Identity"), ([draw(3, 4), integers(0, 5, 3)],), reference=lambda w, xs: xs, label="structure"
    ),
    # there is no derivative where a step begins to count
    LayerCase(Recipe("Masking"), (_STEPS,), reference=_masking(0.0), unknown=(0, 1), gradient=False),
    LayerCase(Recipe("Masking", mask_value=-1.5), (_STEPS,), reference=_masking(-1.5), gradient=False),
    LayerCase(Recipe("Masking", mask_value=7.0), (_STEPS,), reference=_masking(7.0)),
    LayerCase(
        Recipe("Masking", mask_value=2),
        (integers(2, 4, 3, 4, 2),),
        reference=_masking(2),
        gradient=False,
        label="integers",
    ),
    LayerCase(
        Recipe("Lambda", function=activations.relu), (nonzero(3, 4),), reference=lambda w, x: np.maximum(x, 0), label=""
    ),
    LayerCase(
        Recipe("Lambda", function=activations.relu, arguments={"negative_slope": 0.5, "max_value": 1.0}),
        (nonzero(3, 4),),
        reference=lambda w, x: np.where(x > 0, np.minimum(x, 1.0), 0.5 * x),
        unknown=(0, 1),
        label="arguments",
    ),
    LayerCase(
        Recipe("Lambda", function=activations.relu, output_shape=(4,)),
        (nonzero(3, 4),),
        reference=lambda w, x: np.maximum(x, 0.0),
        label="output_shape",
    ),
    LayerCase(
        Recipe("ReversibleEmbedding", input_dim=6, output_dim=3),
        (integers(0, 6, 2, 4),),
        reference=_embedding,
        weights=["embeddings"],
        unknown=(0, 1),
    ),
    LayerCase(
        Recipe("ReversibleEmbedding", input_dim=6, output_dim=3, logit_soft_cap=0.05),
        (draw(2, 4, 3),),
        call={"reverse": True},
        reference=lambda weights, x, reverse: 0.05 * np.tanh(x @ weights["embeddings"].T / 0.05),
        weights=["embeddings"],
        unknown=(0, 1),
        label="reverse",
    ),
    LayerCase(
        Recipe("ReversibleEmbedding", input_dim=6, output_dim=3, tie_weights=False),
        (draw(2, 4, 3),),
        call={"reverse": True},
        reference=lambda weights, x, reverse: x @ weights["reverse_embeddings"],
        weights=["embeddings", "reverse_embeddings"],
        unknown=(0, 1),
        gradient=False,
        label="untied",
    ),
]  # fmt: skip
