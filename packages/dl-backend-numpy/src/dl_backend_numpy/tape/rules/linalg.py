"""Rules of matrix decompositions and of linear systems, on the last two axes.

References
----------
Giles, "An extended collection of matrix derivative results for forward and reverse mode algorithmic differentiation",
2008; Seeger et al., "Auto-differentiating linear algebra", arXiv:1710.08717.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_backend_numpy.tape.functions import fn
from dl_backend_numpy.tape.kinds import Rules
from dl_backend_numpy.tape.traced import strip


def _t(x: Any) -> Any:
    return fn.swapaxes(x, -1, -2)


def _eye(n: int, like: Any) -> Any:
    return np.eye(n, dtype=like.dtype)


def _lower_half(x: Any) -> Any:
    """Lower triangle with half the diagonal."""
    n = x.shape[-1]
    return x * (np.tri(n, dtype=x.dtype) - _eye(n, x) * x.dtype.type(0.5))


def _cholesky(g: Any, y: Any, x: Any, upper: bool = False) -> Any:
    factor = _t(y) if upper else y
    g = _t(g) if upper else g
    middle = _lower_half(fn.matmul(_t(factor), g))
    middle = (middle + _t(middle)) * 0.5
    # factor^-T middle factor^-1
    inverse = fn.inv(factor)
    return fn.matmul(fn.matmul(_t(inverse), middle), inverse)


def _inv(g: Any, y: Any, x: Any) -> Any:
    return -fn.matmul(fn.matmul(_t(y), g), _t(y))


def _det(g: Any, y: Any, x: Any) -> Any:
    if np.all(strip(y) != 0):
        return _matrices(g * y) * _t(fn.inv(x))
    # the cofactors of a singular matrix, for each singular value the product of the others
    u, s, v_t = fn.svd(x)
    sign = np.sign(np.linalg.det(strip(u)) * np.linalg.det(strip(v_t)))
    others = fn.prod(fn.where(np.eye(x.shape[-1], dtype=bool), fn.ones_like(s[..., :1, None]), s[..., None, :]), -1)
    return _matrices(g * sign) * fn.matmul(u * fn.expand_dims(others, -2), v_t)


def _matrices(x: Any) -> Any:
    """One number for each matrix, as a matrix of one element."""
    return fn.expand_dims(fn.expand_dims(x, -1), -1)


def _pinv(g: Any, y: Any, x: Any, rcond: float | None = None) -> Any:
    # Golub and Pereyra, "The Differentiation of Pseudo-Inverses", SIAM J. Numer. Anal. 10 (1973)
    m, n = x.shape[-2:]
    y_t, g_t = _t(y), _t(g)
    left = _eye(m, x) - fn.matmul(x, y)
    right = _eye(n, x) - fn.matmul(y, x)
    inside = fn.matmul(fn.matmul(y_t, g), y_t)
    return (
        fn.matmul(fn.matmul(fn.matmul(left, g_t), y), y_t)
        + fn.matmul(fn.matmul(fn.matmul(y_t, y), g_t), right)
        - inside
    )


def _slogdet(g: Any, y: Any, x: Any) -> Any:
    return _matrices(g[1]) * _t(fn.inv(x))


def _solve_left(g: Any, y: Any, a: Any, b: Any) -> Any:
    return _outer(-fn.solve(_t(a), g), y, a)


def _outer(u: Any, v: Any, a: Any) -> Any:
    if u.ndim < a.ndim:
        return fn.expand_dims(u, -1) * fn.expand_dims(v, -2)
    return fn.matmul(u, _t(v))


def _solve_right(g: Any, y: Any, a: Any, b: Any) -> Any:
    return fn.solve(_t(a), g)


def _solve_triangular_left(g: Any, y: Any, a: Any, b: Any, lower: bool = False) -> Any:
    full = _outer(-fn.solve_triangular(_t(a), g, not lower), y, a)
    n = a.shape[-1]
    return full * (np.tri(n, dtype=a.dtype) if lower else np.tri(n, dtype=a.dtype).T)


def _solve_triangular_right(g: Any, y: Any, a: Any, b: Any, lower: bool = False) -> Any:
    return fn.solve_triangular(_t(a), g, not lower)


def _lu_factor(g: Any, y: Any, x: Any) -> Any:
    packed, pivots = y
    m, n = x.shape[-2:]
    k = min(m, n)
    size = max(m, n)
    # of a square matrix: the factors are completed by an identity, which nothing depends on
    lower = _completed(packed[..., :, :k] * np.tri(m, k, -1, dtype=x.dtype), size) + _eye(size, x)
    upper = _completed(packed[..., :k, :] * np.tri(n, k, dtype=x.dtype).T, size)
    upper = upper + np.diag((np.arange(size) >= k).astype(x.dtype))
    g_lower = _completed(g[0][..., :, :k] * np.tri(m, k, -1, dtype=x.dtype), size)
    g_upper = _completed(g[0][..., :k, :] * np.tri(n, k, dtype=x.dtype).T, size)
    below = fn.matmul(_t(lower), g_lower) * np.tri(size, k=-1, dtype=x.dtype)
    above = fn.matmul(g_upper, _t(upper)) * np.tri(size, dtype=x.dtype).T
    middle = fn.solve_triangular(_t(lower), below + above, False)
    full = _t(fn.solve_triangular(upper, _t(middle), False))[..., :m, :n]
    # back to the order that the rows had
    return fn.take_along_axis(full, np.argsort(_order(pivots, m), -1)[..., None], -2)


def _completed(x: Any, size: int) -> Any:
    """A matrix with zeros to the right and below."""
    m, n = x.shape[-2:]
    return fn.pad(x, [(0, 0)] * (x.ndim - 2) + [(0, size - m), (0, size - n)])


def _order(pivots: Any, rows: int) -> Any:
    """Which row came to each place by exchanging, one after the other, each row with its pivot."""
    order = np.broadcast_to(np.arange(rows), (*pivots.shape[:-1], rows)).copy()
    for i in range(pivots.shape[-1]):
        pivot = pivots[..., i : i + 1]
        chosen = np.take_along_axis(order, pivot, -1)
        np.put_along_axis(order, pivot, order[..., i : i + 1], -1)
        order[..., i : i + 1] = chosen
    return order


def _eigh(g: Any, y: Any, x: Any) -> Any:
    values, vectors = y
    g_values, g_vectors = g
    # equal eigenvalues have no gradient of their vectors, which is left out
    gaps = fn.expand_dims(values, -2) - fn.expand_dims(values, -1)
    apart = strip(gaps) != 0
    inverse_gaps = fn.where(apart, 1 / fn.where(apart, gaps, fn.ones_like(gaps)), fn.zeros_like(gaps))
    middle = inverse_gaps * fn.matmul(_t(vectors), g_vectors)
    middle = middle + fn.expand_dims(g_values, -2) * _eye(x.shape[-1], x)
    full = fn.matmul(fn.matmul(vectors, middle), _t(vectors))
    return (full + _t(full)) * 0.5


def _eig(g: Any, y: Any, x: Any) -> Any:
    g_values, g_vectors = g
    if np.any(strip(g_vectors)):
        raise NotImplementedError("eig(): only the eigenvalues have gradients, not the eigenvectors")
    _, vectors = y
    full = fn.matmul(_t(fn.inv(vectors)) * fn.expand_dims(g_values, -2), _t(vectors))
    return full if strip(x).dtype.kind == "c" else fn.real(full)


def _qr(g: Any, y: Any, x: Any, mode: str = "reduced") -> Any:
    q, r = y
    g_q, g_r = g
    m, n = x.shape[-2:]
    if q.shape[-1] > n:
        raise NotImplementedError(
            f"qr(): gradients need mode='reduced' for a matrix that is taller than wide, got shape {tuple(x.shape)}"
        )
    if m < n:
        # the columns beyond the first square are q @ r there
        g_square = g_q + fn.matmul(x[..., m:], _t(g_r[..., m:]))
        square = _square_qr(g_square, g_r[..., :m], q, r[..., :m], x)
        return fn.concatenate([square, fn.matmul(q, g_r[..., m:])], -1)
    return _square_qr(g_q, g_r, q, r, x)


def _square_qr(g_q: Any, g_r: Any, q: Any, r: Any, x: Any) -> Any:
    """Gradient of a matrix with a square `r`."""
    m = fn.matmul(r, _t(g_r)) - fn.matmul(_t(g_q), q)
    n = r.shape[-1]
    lower = np.tri(n, k=-1, dtype=x.dtype)
    symmetric = m * np.tri(n, dtype=x.dtype) + _t(m * lower)
    right = g_q + fn.matmul(q, symmetric)
    return fn.matmul(right, _t(fn.inv(r)))


def _svd(g: Any, y: Any, x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    if not compute_uv:
        u, _, v_t = fn.svd(x, False)
        return fn.matmul(u * fn.expand_dims(g, -2), v_t)
    u, s, v_t = y
    g_u, g_s, g_v_t = g
    k = s.shape[-1]
    if full_matrices and x.shape[-1] != x.shape[-2]:
        if np.any(strip(g_u)) or np.any(strip(g_v_t)):
            raise NotImplementedError("svd(): gradients of the singular vectors need full_matrices=False")
        return fn.matmul(u[..., :, :k] * fn.expand_dims(g_s, -2), v_t[..., :k, :])
    v, g_v = _t(v_t), _t(g_v_t)
    squares = s * s
    gaps = fn.expand_dims(squares, -2) - fn.expand_dims(squares, -1)
    apart = strip(gaps) != 0
    f = fn.where(apart, 1 / fn.where(apart, gaps, fn.ones_like(gaps)), fn.zeros_like(gaps))
    row, column = fn.expand_dims(s, -2), fn.expand_dims(s, -1)
    utu, vtv = fn.matmul(_t(u), g_u), fn.matmul(_t(v), g_v)
    middle = f * (utu - _t(utu)) * row + column * (f * (vtv - _t(vtv))) + fn.expand_dims(g_s, -2) * _eye(k, x)
    total = fn.matmul(fn.matmul(u, middle), v_t)
    if x.shape[-2] > k:
        total = total + fn.matmul(g_u / row - fn.matmul(u, utu / row), v_t)
    if x.shape[-1] > k:
        total = total + fn.matmul(u, _t(g_v / row - fn.matmul(v, vtv / row)))
    return total


RULES: Final[dict[str, Rules]] = {
    "cholesky": (_cholesky,),
    "inv": (_inv,),
    "det": (_det,),
    "slogdet": (_slogdet,),
    "pinv": (_pinv, None),
    "eig": (_eig,),
    "solve": (_solve_left, _solve_right),
    "solve_triangular": (_solve_triangular_left, _solve_triangular_right),
    "eigh": (_eigh,),
    "lu_factor": (_lu_factor,),
    "qr": (_qr,),
    "svd": (_svd,),
}
