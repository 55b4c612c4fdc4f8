"""Cases of linear algebra."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import definite, draw, symmetric
from dl_ops.testing.case import Case
from dl_ops.typing import Array

_SQUARE = draw(2, 3, 3) + 3 * np.eye(3)
_DEFINITE = definite(2, 3, 3)
_LOWER = np.tril(_SQUARE)


def _t(x: Array) -> Array:
    return np.swapaxes(x, -1, -2)


def _close(x: Array, y: Array) -> None:
    np.testing.assert_allclose(np.float64(x), np.float64(y), rtol=1e-3, atol=1e-4)


def _is_qr(result: Any, x: Array, mode: str = "reduced") -> None:
    q, r = result
    _close(q @ r, x)
    _close(_t(q) @ q, np.broadcast_to(np.eye(q.shape[-1]), (*x.shape[:-2], q.shape[-1], q.shape[-1])))
    _close(r, np.triu(r))


def _is_svd(result: Any, x: Array, full_matrices: bool = True, compute_uv: bool = True) -> None:
    u, s, v_t = result
    k = s.shape[-1]
    _close((u[..., :, :k] * s[..., None, :]) @ v_t[..., :k, :], x)
    _close(s, np.linalg.svd(x, compute_uv=False))
    assert u.shape[-1] == (x.shape[-2] if full_matrices else k)


def _is_eigh(result: Any, x: Array) -> None:
    values, vectors = result
    _close(values, np.linalg.eigvalsh(x))
    _close(x @ vectors, vectors * values[..., None, :])


def _is_lu(result: Any, x: Array) -> None:
    lu, pivots = result
    lower, upper = np.tril(lu, -1) + np.eye(x.shape[-1]), np.triu(lu)
    for i in range(len(x)):
        rows = np.arange(x.shape[-1])
        for j, p in enumerate(pivots[i]):
            rows[[j, p]] = rows[[p, j]]
        _close(lower[i] @ upper[i], x[i][rows])


def _norm(x: Array, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Array:
    return np.asarray(np.linalg.norm(x, ord, axis, keepdims))


CASES: Final = [
    Case("cholesky", (_DEFINITE,), reference=np.linalg.cholesky, gradient=True, direction=symmetric, label="lower"),
    Case(
        "cholesky",
        (_DEFINITE, True),
        reference=lambda x, upper: _t(np.linalg.cholesky(x)),
        gradient=True,
        direction=symmetric,
        label="upper",
    ),
    Case(
        "cholesky_inverse",
        (np.linalg.cholesky(_DEFINITE),),
        reference=lambda x: np.linalg.inv(x @ _t(x)),
        tolerance=4,
    ),
    Case("lu_factor", (_SQUARE,), verify=_is_lu),
    Case("qr", (draw(2, 4, 3),), verify=_is_qr, gradient=True, label="tall"),
    Case("qr", (draw(3, 3),), verify=_is_qr, gradient=True, label="square"),
    Case("qr", (draw(4, 3), "complete"), verify=_is_qr, label="complete"),
    Case(
        "eigh",
        (symmetric(draw(2, 3, 3)) + np.diag([0.0, 3.0, 7.0]),),
        verify=_is_eigh,
        gradient=True,
        direction=symmetric,
    ),
    Case("svd", (draw(2, 4, 3), False), verify=_is_svd, gradient=True, label="tall"),
    Case("svd", (draw(3, 5), False), verify=_is_svd, gradient=True, label="wide"),
    Case("svd", (draw(4, 3),), verify=_is_svd, label="full"),
    Case(
        "svd",
        (draw(4, 3), False, False),
        reference=lambda x, full_matrices, compute_uv: np.linalg.svd(x, compute_uv=False),
        gradient=True,
        label="values",
    ),
    Case("solve", (_SQUARE, draw(2, 3, 2)), reference=np.linalg.solve, gradient=True, tolerance=4, label="matrix"),
    Case(
        "solve",
        (_SQUARE[0], draw(3)),
        reference=np.linalg.solve,
        gradient=True,
        tolerance=4,
        label="vector",
    ),
    Case(
        "solve_triangular",
        (_LOWER, draw(2, 3, 2), True),
        reference=lambda a, b, lower: np.linalg.solve(a, b),
        gradient=True,
        tolerance=4,
        label="lower",
    ),
    Case(
        "solve_triangular",
        (_t(_LOWER), draw(2, 3, 2)),
        reference=np.linalg.solve,
        gradient=True,
        tolerance=4,
        label="upper",
    ),
    Case("inv", (_SQUARE,), reference=np.linalg.inv, gradient=True, tolerance=4),
    Case("det", (_SQUARE,), reference=np.linalg.det, gradient=True, tolerance=4),
    Case(
        "logdet",
        (_DEFINITE,),
        reference=lambda x: np.linalg.slogdet(x)[1],
        gradient=True,
        direction=symmetric,
        tolerance=4,
    ),
    Case("pinv", (draw(4, 3),), reference=np.linalg.pinv, tolerance=10),
    Case("matrix_rank", (np.outer([1.0, 2.0, 3.0], [1.0, 0.5]),), reference=np.linalg.matrix_rank),
    Case("norm", (draw(3, 4),), reference=_norm, gradient=True, label="all"),
    Case("norm", (draw(3, 4), 2, 1), reference=_norm, gradient=True, label="euclid"),
    Case("norm", (draw(3, 4), 1, -1, True), reference=_norm, gradient=True, label="sum"),
    Case("norm", (draw(3, 4), np.inf, 0), reference=_norm, gradient=True, label="largest"),
    Case("norm", (draw(3, 4), 3, 0), reference=_norm, gradient=True, label="cubic"),
    Case("norm", (draw(2, 3, 4), "fro", (1, 2)), reference=_norm, gradient=True, label="frobenius"),
    Case("norm", (draw(2, 3, 4), "nuc", (1, 2)), reference=_norm, label="nuclear"),
]
