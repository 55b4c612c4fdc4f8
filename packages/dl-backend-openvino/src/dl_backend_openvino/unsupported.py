"""Ops that have no place in a graph, and why; values are computed by the host all the same."""

from __future__ import annotations

from typing import Final

_BITS: Final = "OpenVINO does not look at the bits of a number"
_COMPLEX: Final = "OpenVINO has no complex numbers"
_MATRICES: Final = "OpenVINO has no decompositions of matrices"
_RANDOM: Final = "random numbers of OpenVINO do not follow from a key"

UNSUPPORTED: Final[dict[str, str]] = {
    **dict.fromkeys(("nextafter", "view"), _BITS),
    **dict.fromkeys(("complex", "polar", "view_as_complex"), _COMPLEX),
    **dict.fromkeys(("cholesky", "eig", "eigh", "qr", "svd"), _MATRICES),
    **dict.fromkeys(("logdet", "lstsq", "matrix_rank", "pinv"), _MATRICES),
    **dict.fromkeys(("random_binomial", "random_gamma", "random_randint", "random_uniform"), _RANDOM),
    **dict.fromkeys(("random_categorical", "random_dropout", "random_normal", "random_shuffle"), _RANDOM),
    **dict.fromkeys(
        ("categorical", "dropout", "random_elastic_transform", "random_truncated_normal", "shuffle"), _RANDOM
    ),
    "unique": "how many elements there are depends on values",
}
"""Reasons by name of op; those of ops that are composed of others are the others'."""
