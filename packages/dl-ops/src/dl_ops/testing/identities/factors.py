"""Matrices: factors multiply to what they are of, inverses to the identity."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from hypothesis import strategies as st

from dl_ops import ops
from dl_ops.testing.identities.arguments import arrays, matrices, products
from dl_ops.testing.identities.identity import Identity


def _unit(x: Any, size: int) -> Any:
    return ops.broadcast_to(ops.eye(size, dtype=x.dtype), (*x.shape[:-2], size, size))


def _mirrored(x: Any) -> Any:
    return ops.swapaxes(x, -1, -2)


def _definite(x: Any) -> Any:
    return ops.matmul(x, _mirrored(x))


def _cholesky(x: Any, upper: bool) -> tuple[Any, Any]:
    factor = ops.cholesky(_definite(x), upper)
    lower = _mirrored(factor) if upper else factor
    return [ops.matmul(lower, _mirrored(lower)), ops.tril(lower)], [_definite(x), lower]


def _eigh(x: Any) -> tuple[Any, Any]:
    values, vectors = ops.eigh(_definite(x))
    found = ops.matmul(vectors * ops.expand_dims(values, -2), _mirrored(vectors))
    return [found, ops.matmul(_mirrored(vectors), vectors), ops.sort(values)], [
        _definite(x),
        _unit(x, x.shape[-1]),
        values,
    ]


def _svd(x: Any, y: Any) -> tuple[Any, Any]:
    u, s, v = ops.svd(y, full_matrices=False)
    found = [ops.matmul(u * ops.expand_dims(s, -2), v), ops.matmul(_mirrored(u), u), ops.matmul(v, _mirrored(v))]
    return [*found, s], [y, _unit(y, s.shape[-1]), _unit(y, s.shape[-1]), ops.svd(y, compute_uv=False)]


def _qr(x: Any, y: Any) -> tuple[Any, Any]:
    q, r = ops.qr(y)
    return [ops.matmul(q, r), ops.matmul(_mirrored(q), q), ops.triu(r)], [y, _unit(y, q.shape[-1]), r]


def _determinants(x: Any, y: Any) -> tuple[Any, Any]:
    sign, logarithm = ops.slogdet(x)
    det = ops.det(x)
    found = [ops.det(ops.matmul(x, x)), sign * ops.exp(logarithm), ops.det(_mirrored(x)), ops.logdet(_definite(x))]
    return found, [det * det, det, det, 2 * logarithm]


def _triangular(x: Any, y: Any) -> tuple[Any, Any]:
    lower, upper = ops.tril(x), ops.triu(x)
    return [
        ops.matmul(lower, ops.solve_triangular(lower, y, True)),
        ops.matmul(upper, ops.solve_triangular(upper, y)),
    ], [y, y]


def _pseudo(x: Any, y: Any) -> tuple[Any, Any]:
    inverse = ops.pinv(y)
    found = [ops.matmul(ops.matmul(y, inverse), y), ops.matmul(ops.matmul(inverse, y), inverse), ops.pinv(x)]
    return found, [y, inverse, ops.inv(x)]


def _inverses(x: Any, y: Any) -> tuple[Any, Any]:
    unit = _unit(x, x.shape[-1])
    by_cholesky = ops.cholesky_inverse(ops.cholesky(_definite(x)))
    return [
        ops.matmul(ops.inv(x), x),
        ops.matmul(x, ops.inv(x)),
        ops.matmul(x, ops.solve(x, y)),
        ops.matmul(by_cholesky, _definite(x)),
    ], [unit, unit, y, unit]


def _norms(x: Any, y: Any) -> tuple[Any, Any]:
    s = ops.svd(y, compute_uv=False)
    return [ops.norm(y, "fro", (-2, -1)), ops.norm(y, "nuc", (-2, -1)), ops.norm(y, 2, (-2, -1))], [
        ops.sqrt(ops.sum(ops.square(s), -1)),
        ops.sum(s, -1),
        ops.max(s, -1),
    ]


def _cross(x: Any, y: Any) -> tuple[Any, Any]:
    product = ops.cross(x, y)
    nothing = ops.zeros_like(ops.sum(x, -1))
    return [ops.sum(product * x, -1), ops.sum(product * y, -1), ops.cross(x, x), ops.cross(y, x)], [
        nothing,
        nothing,
        ops.zeros_like(x),
        -product,
    ]


_ANY = matrices(1) | matrices(3) | matrices(6)

FACTORS: Final = [
    Identity("cholesky", st.tuples(matrices().map(lambda found: found[0]), st.booleans()), _cholesky),
    Identity("eigh", matrices(), _eigh),
    Identity("svd", _ANY, _svd),
    Identity("qr", _ANY, _qr),
    Identity("det, slogdet and logdet", matrices(1), _determinants, 10.0),
    Identity("solve_triangular", _ANY, _triangular, 100.0),
    Identity("pinv", _ANY, _pseudo, 100.0),
    Identity("inv, solve and cholesky_inverse", _ANY, _inverses, 100.0),
    Identity("norms of matrices", _ANY, _norms),
    Identity(
        "lstsq is solve", _ANY.filter(lambda found: found[0].ndim == 2), lambda x, y: (ops.lstsq(x, y), ops.solve(x, y))
    ),
    Identity(
        "trace of products",
        arrays(2, ranks=(2, 2)),
        lambda x, y: (ops.trace(ops.matmul(x, _mirrored(y))), ops.vdot(x, y)),
    ),
    Identity(
        "transposed products",
        products(),
        lambda x, y: (_mirrored(ops.matmul(x, y)), ops.matmul(_mirrored(y), _mirrored(x))),
    ),
    Identity("einsum is matmul", products(), lambda x, y: (ops.einsum("...ab,...bc->...ac", x, y), ops.matmul(x, y))),
    Identity(
        "tensordot, inner and dot",
        arrays(2, ranks=(1, 3)),
        lambda x, y: (
            [ops.tensordot(x, y, x.ndim), ops.inner(x, y)],
            [ops.vdot(x, y), ops.tensordot(x, y, [[-1], [-1]])],
        ),
    ),
    Identity(
        "outer and kron",
        arrays(2, ranks=(1, 1)),
        lambda x, y: (ops.ravel(ops.outer(x, y)), ops.kron(x, y)),
    ),
    Identity("cross", arrays(2).map(lambda found: tuple(np.stack([x, x**2, np.sin(x)], -1) for x in found)), _cross),
    Identity(
        "cdist",
        arrays(1, ranks=(2, 2)),
        lambda x: (ops.square(ops.cdist(x, 2 * x)), ops.sum(ops.square(x[:, None] - 2 * x[None]), -1)),
    ),
    Identity("diag of diag", arrays(1, ranks=(1, 1)), lambda x: (ops.diag(ops.diag(x, -1), -1), x)),
    Identity("triangles", arrays(1, ranks=(2, 3)), lambda x: (ops.tril(x, -1) + ops.triu(x), x)),
]
