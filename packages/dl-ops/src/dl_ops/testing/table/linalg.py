"""Cases of linear algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import definite, draw, nonzero, symmetric
from dl_ops.testing.case import FLOATS, Case
from dl_ops.typing import Array

_SQUARE = draw(2, 3, 3) + 3 * np.eye(3)
_DEFINITE = definite(2, 3, 3)
_LOWER = np.tril(_SQUARE)
_SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])
_LOW_RANK = draw(2, 4, 2) @ draw(2, 2, 3)


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
    m, n = x.shape[-2:]
    k = min(m, n)
    lower, upper = (np.tril(lu, -1) + np.eye(m, n))[..., :k], np.triu(lu)[..., :k, :]
    assert np.all(np.abs(lower) <= 1 + 1e-6)
    for index in np.ndindex(x.shape[:-2]):
        rows = np.arange(m)
        for j, p in enumerate(pivots[index]):
            rows[[j, p]] = rows[[p, j]]
        _close(lower[index] @ upper[index], x[index][rows])


def _is_eig(result: Any, x: Array) -> None:
    values, vectors = result
    assert np.allclose(np.sort_complex(values), np.sort_complex(np.linalg.eigvals(x)), 1e-3, 1e-3)
    assert np.allclose(x @ vectors, vectors * values[..., None, :], 1e-3, 1e-3)
    assert np.allclose(np.sum(np.abs(vectors) ** 2, -2), 1.0, 1e-3)


def _is_inverse_of_moore_and_penrose(result: Any, x: Array, rcond: float | None = None) -> None:
    _close(x @ result @ x, x)
    _close(result @ x @ result, result)
    _close(_t(x @ result), x @ result)
    _close(_t(result @ x), result @ x)


def _lstsq_of_low_rank(a: Array, b: Array) -> Array:
    return np.linalg.lstsq(a, b, rcond=1e-5)[0]  # a was rounded


def _lstsq(a: Array, b: Array, rcond: float | None = None) -> Array:
    return np.linalg.lstsq(a, b, rcond=rcond)[0]


def _has_dtypes(*dtypes: str) -> Callable[..., None]:
    """Check for decompositions whose values are checked in wider dtypes: an empty name stands for 16-bit floats."""

    def check(result: Any, x: Array) -> None:
        found = result if isinstance(result, (list, tuple)) else [result]
        for y, dtype in zip(found, dtypes, strict=True):
            assert y.dtype.name == dtype if dtype else y.dtype.itemsize == 2

    return check


def _norm(x: Array, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Array:
    return np.asarray(np.linalg.norm(x, ord, axis, keepdims))


_REFERENCES: Final[dict[str, Callable[..., Any]]] = {
    "cholesky": np.linalg.cholesky,
    "inv": np.linalg.inv,
    "det": np.linalg.det,
    "slogdet": np.linalg.slogdet,
    "logdet": lambda x: np.linalg.slogdet(x)[1],
}

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
    Case("cholesky", (np.zeros((0, 3, 3)),), reference=np.linalg.cholesky, label="nothing"),
    Case("lu_factor", (_SQUARE,), verify=_is_lu, gradient=True, label="square"),
    Case("lu_factor", (draw(4, 3),), verify=_is_lu, gradient=True, label="tall"),
    Case("lu_factor", (draw(2, 2, 4),), verify=_is_lu, gradient=True, label="wide"),
    Case("eig", (draw(2, 3, 3),), verify=_is_eig, label="stack"),
    Case("eig", (_DEFINITE[0],), verify=_is_eig, dtypes=("float32", "int32"), label="real"),
    Case("qr", (draw(2, 4, 3),), verify=_is_qr, gradient=True, label="tall"),
    Case("qr", (draw(3, 3),), verify=_is_qr, gradient=True, label="square"),
    Case("qr", (draw(2, 3, 5),), verify=_is_qr, gradient=True, label="wide"),
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
    Case("det", (_SQUARE,), reference=np.linalg.det, gradient=True, tolerance=4, label="stack"),
    Case("det", (_SINGULAR,), reference=lambda x: np.zeros(()), gradient=True, second=False, label="singular"),
    Case("det", (np.zeros((2, 0, 0)),), reference=np.linalg.det, label="empty"),
    Case("slogdet", (_SQUARE,), reference=np.linalg.slogdet, gradient=True, tolerance=4, label="stack"),
    Case("slogdet", (-_SQUARE[0],), reference=np.linalg.slogdet, gradient=True, tolerance=4, label="negative"),
    Case(
        "slogdet",
        (np.stack([_SINGULAR, np.zeros((3, 3)), 1e-20 * np.eye(3)]),),
        reference=lambda x: (np.array([0.0, 0.0, 1.0]), np.array([-np.inf, -np.inf, -60 * np.log(10)])),
        label="singular",
    ),
    Case(
        "logdet",
        (_DEFINITE,),
        reference=lambda x: np.linalg.slogdet(x)[1],
        gradient=True,
        direction=symmetric,
        tolerance=4,
    ),
    Case("pinv", (draw(4, 3),), reference=np.linalg.pinv, gradient=True, tolerance=10, label="tall"),
    Case("pinv", (draw(2, 2, 5),), reference=np.linalg.pinv, gradient=True, tolerance=10, label="wide"),
    Case("pinv", (4 * np.eye(3) + 0.3 * draw(3, 3),), reference=np.linalg.pinv, dtypes=FLOATS, label="narrow"),
    Case("pinv", (_LOW_RANK,), verify=_is_inverse_of_moore_and_penrose, label="low rank"),
    Case("pinv", (np.diag([2.0, 1.0, 0.01]), 0.1), reference=lambda x, r: np.diag([0.5, 1.0, 0.0]), label="cut off"),
    Case("lstsq", (draw(5, 3), draw(5, 2)), reference=_lstsq, gradient=True, tolerance=10, label="tall"),
    Case("lstsq", (draw(5, 3), draw(5)), reference=_lstsq, gradient=True, tolerance=10, label="vector"),
    Case("lstsq", (draw(2, 4), draw(2, 1)), reference=_lstsq, gradient=True, tolerance=10, label="wide"),
    Case("lstsq", (_LOW_RANK[0], draw(4)), reference=_lstsq_of_low_rank, tolerance=10, label="low rank"),
    Case("lstsq", (np.diag([2.0, 1e-3]), np.ones(2), 0.1), reference=_lstsq, label="cut off"),
    Case("matrix_rank", (np.outer([1.0, 2.0, 3.0], [1.0, 0.5]),), reference=np.linalg.matrix_rank, label="one"),
    Case("matrix_rank", (_LOW_RANK,), reference=lambda x: np.array([2, 2]), label="stack"),
    Case("matrix_rank", (np.diag([3.0, 0.5, 0.1]), 0.2), reference=lambda x, tol: np.array(2), label="cut off"),
    Case("norm", (draw(3, 4),), reference=_norm, gradient=True, label="all"),
    Case("norm", (draw(3, 4), 2, 1), reference=_norm, gradient=True, label="euclid"),
    Case("norm", (draw(3, 4), 1, -1, True), reference=_norm, gradient=True, label="sum"),
    Case("norm", (draw(3, 4), np.inf, 0), reference=_norm, gradient=True, label="largest"),
    Case("norm", (draw(3, 4), 3, 0), reference=_norm, gradient=True, label="cubic"),
    Case("norm", (draw(2, 3, 4), "fro", (1, 2)), reference=_norm, gradient=True, label="frobenius"),
    Case("norm", (draw(2, 3, 4), "nuc", (1, 2)), reference=_norm, gradient=True, label="nuclear"),
    *[
        Case("norm", (draw(2, 3, 4), order, (2, 0), order < 0), reference=_norm, gradient=True, label=f"matrix {order}")
        for order in (1, -1, 2, -2, np.inf, -np.inf)
    ],
    *[
        Case(
            "norm", (nonzero(3, 4), order, -1, order == 0), reference=_norm, gradient=order != 0, label=f"order {order}"
        )
        for order in (0, -1, 0.5, -np.inf)
    ],
    Case("norm", (draw(3, 0),), reference=_norm, label="nothing"),
    *[
        Case(name, (_DEFINITE,), reference=reference, dtypes=("float16", "bfloat16"), tolerance=4, label="narrow")
        for name, reference in _REFERENCES.items()
    ],
    *[
        Case(name, (_DEFINITE,), verify=_has_dtypes(*dtypes), dtypes=("float16", "bfloat16"), label="narrow")
        for name, dtypes in {
            "qr": ("", ""),
            "svd": ("", "", ""),
            "eigh": ("", ""),
            "lu_factor": ("", "int32"),
            "eig": ("complex64", "complex64"),
            "matrix_rank": ("int32",),
        }.items()
    ],
    Case(
        "solve",
        (_DEFINITE, draw(2, 3)),
        reference=lambda a, b: np.linalg.solve(a, b[..., None])[..., 0],
        dtypes=("float16", "bfloat16"),
        tolerance=4,
        label="narrow",
    ),
]
