"""Misuses of products, decompositions and solvers."""

from __future__ import annotations

from typing import Final

import numpy as np

from dl_ops.testing.misuses.misuse import Misuse

_MATRIX: Final = np.ones((2, 3), "float32")
_SQUARE: Final = np.eye(3, dtype="float32")
_VECTOR: Final = np.ones(4, "float32")
_NUMBER: Final = np.ones((), "float32")
_STACK: Final = np.ones((2, 4, 3, 3), "float32")

_SQUARE_ONLY: Final = ("cholesky", "cholesky_inverse", "det", "eig", "eigh", "inv", "logdet", "lu_factor", "slogdet")
_MATRICES: Final = (*_SQUARE_ONLY, "qr", "svd", "pinv", "matrix_rank", "tril", "triu")

MISUSES: Final = (
    *(Misuse(op, [_MATRIX], r"\(2, 3\).*square", label="not-square") for op in _SQUARE_ONLY if op != "lu_factor"),
    *(Misuse(op, [_VECTOR], r"\(4,\)", label="vector") for op in _MATRICES),
    *(Misuse(op, [_NUMBER], r"\(\)", label="number") for op in _MATRICES),
    Misuse("matmul", [_MATRIX, _MATRIX], r"\(2, 3\) and \(2, 3\)", label="sizes"),
    Misuse("matmul", [_MATRIX, _VECTOR], r"\(2, 3\) and \(4,\)", label="vector"),
    Misuse("matmul", [_VECTOR, _MATRIX], r"\(4,\) and \(2, 3\)", label="vector-first"),
    Misuse("matmul", [_MATRIX, _NUMBER], r"\(2, 3\) and \(\)", label="number"),
    Misuse("matmul", [_STACK, _STACK[:, :3]], r"\(2, 4.*\).*\(2, 3.*\)", label="batches"),
    Misuse("dot", [_MATRIX, _MATRIX], r"\(2, 3\)", label="sizes"),
    Misuse("dot", [_VECTOR, _VECTOR[:3]], r"\(4,\).*\(3,\)", label="vectors"),
    Misuse("dot", [_MATRIX, _STACK[:, :, :2]], r"\(2, 3\).*\(2, 4, 2, 3\)", label="stack"),
    Misuse("vdot", [_MATRIX, _VECTOR], r"\(2, 3\).*\(4,\)", label="sizes"),
    Misuse("inner", [_MATRIX, _VECTOR], r"\(2, 3\).*\(4,\)", label="sizes"),
    Misuse("tensordot", [_MATRIX, _MATRIX, 1], r"axes=1.*\(2, 3\)", label="sizes"),
    Misuse("tensordot", [_MATRIX, _MATRIX, 3], "axes=3", label="many"),
    Misuse("tensordot", [_MATRIX, _MATRIX, ([0, 1], [0])], r"axes=.*\(2, 3\)", label="lengths"),
    Misuse("tensordot", [_MATRIX, _MATRIX, ([0], [5])], "axes=5", label="far"),
    Misuse("tensordot", [_MATRIX, _MATRIX, [0, 1, 2]], "axes=", label="three"),
    Misuse("cross", [_VECTOR, _VECTOR], r"\(4,\)", label="sizes"),
    Misuse("einsum", ["ij,jk->ik", _MATRIX, _MATRIX], "j", label="sizes"),
    Misuse("einsum", ["ij,jk->ik", _MATRIX], "2|operand", label="count"),
    Misuse("einsum", ["ijk->i", _MATRIX], "ijk.*2 dimensions", label="rank"),
    Misuse("einsum", ["ij->ik", _MATRIX], "k", label="unknown-letter"),
    Misuse("einsum", ["ij->ii", _MATRIX], "i", label="letter-twice"),
    Misuse("einsum", [5, _MATRIX], "subscripts", TypeError, label="no-text"),
    Misuse("solve", [_SQUARE, _VECTOR], r"\(3, 3\).*\(4,\)", label="vector"),
    Misuse("solve", [_MATRIX, _MATRIX], r"\(2, 3\)", label="not-square"),
    Misuse("solve", [_SQUARE, _MATRIX], r"\(3, 3\).*\(2, 3\)", label="rows"),
    Misuse("solve_triangular", [_SQUARE, _MATRIX], r"\(3, 3\).*\(2, 3\)", label="rows"),
    Misuse("lstsq", [_MATRIX, _VECTOR], r"\(2, 3\).*\(4,\)", label="rows"),
    Misuse("norm", [_MATRIX], "ord='nonesuch'", kwargs={"ord": "nonesuch"}, label="order"),
    Misuse("norm", [_STACK], "ord=.*axes", kwargs={"ord": "fro"}, label="matrix-of-four-axes"),
    Misuse("qr", [_MATRIX], "mode='full'", kwargs={"mode": "full"}, label="mode"),
    Misuse("trace", [_VECTOR], r"\(4,\)", label="vector"),
    Misuse("trace", [_STACK, 0, 1, 1], "axis1=1 and axis2=1", label="same-axis"),
    Misuse("diagonal", [_VECTOR], r"\(4,\)", label="vector"),
    Misuse("diagonal", [_STACK, 0, 1, -3], "axis1=1 and axis2=-3", label="same-axis"),
    Misuse("diag", [_STACK], r"\(2, 4, 3, 3\)", label="stack"),
    Misuse("corrcoef", [_STACK], r"\(2, 4, 3, 3\)", label="stack"),
    Misuse("correlate", [_MATRIX, _VECTOR], r"x1.*\(2, 3\)", label="matrix"),
    Misuse("vander", [_MATRIX], r"\(2, 3\)", label="matrix"),
    Misuse("vander", [_VECTOR, -1], "N=-1", label="negative"),
)
