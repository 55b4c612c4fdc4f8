"""Cases of products of matrices and tensors."""

from __future__ import annotations

from typing import Final

import numpy as np

from dl_ops.testing.arrays import draw
from dl_ops.testing.case import FLOATS, NUMBERS, Case
from dl_ops.typing import Array


def _distances(x: Array, y: Array) -> Array:
    return np.asarray(np.sqrt(((x[..., :, None, :] - y[..., None, :, :]) ** 2).sum(-1)))


def _case(op: str, *args: object, label: str = "", **kwargs: object) -> Case:
    return Case(
        op,
        args,
        kwargs,
        reference=getattr(np, op),
        gradient=True,
        dtypes=NUMBERS,
        tolerance=4,
        label=label,
    )


CASES: Final = [
    _case("matmul", draw(3, 4), draw(4, 2), label="matrices"),
    _case("matmul", draw(4), draw(4), label="vectors"),
    _case("matmul", draw(3, 4), draw(4), label="matrix-vector"),
    _case("matmul", draw(4), draw(4, 2), label="vector-matrix"),
    _case("matmul", draw(5, 3, 4), draw(4, 2), label="batch-matrix"),
    _case("matmul", draw(3, 4), draw(5, 4, 2), label="matrix-batch"),
    _case("matmul", draw(5, 3, 4), draw(5, 4, 2), label="batches"),
    _case("matmul", draw(2, 1, 3, 4), draw(5, 4, 2), label="batches-broadcast"),
    _case("matmul", draw(5, 3, 4), draw(4), label="batch-vector"),
    _case("matmul", draw(4), draw(5, 4, 2), label="vector-batch"),
    _case("einsum", "ij,jk->ik", draw(3, 4), draw(4, 2), label="matmul"),
    _case("einsum", "bij,bkj->bik", draw(2, 3, 4), draw(2, 5, 4), label="batch"),
    _case("einsum", "...ij,jk->...ik", draw(2, 3, 4), draw(4, 5), label="ellipsis"),
    _case("einsum", "ij,jk", draw(3, 4), draw(4, 2), label="implicit"),
    _case("einsum", "ijk,kl->il", draw(2, 3, 4), draw(4, 5), label="sum-alone"),
    _case("einsum", "ij->ji", draw(3, 4), label="transpose"),
    _case("einsum", "ij->", draw(3, 4), label="sum"),
    _case("einsum", "ijk->j", draw(2, 3, 4), label="sum-others"),
    _case("einsum", "ii->i", draw(3, 3), label="diagonal"),
    _case("einsum", "ii,i->", draw(3, 3), draw(3), label="trace"),
    _case("einsum", "i,j->ij", draw(3), draw(4), label="outer"),
    _case("einsum", "ab,bc,cd->ad", draw(2, 3), draw(3, 4), draw(4, 2), label="three"),
    _case("einsum", "bqhd,bkhd->bhqk", draw(2, 3, 2, 4), draw(2, 5, 2, 4), label="attention"),
    _case("dot", draw(3, 4), draw(4, 2), label="matrices"),
    _case("dot", draw(4), draw(4), label="vectors"),
    _case("dot", draw(2, 3, 4), draw(5, 4, 2), label="tensors"),
    _case("dot", draw(3, 4), 2.0, label="number"),
    _case("tensordot", draw(2, 3, 4), draw(3, 4, 5), label="default"),
    _case("tensordot", draw(2, 3, 4), draw(4, 3, 5), axes=[[1, 2], [1, 0]], label="axes"),
    _case("tensordot", draw(3), draw(4), 0, label="outer"),
    _case("outer", draw(3), draw(4), label="vectors"),
    _case("outer", draw(2, 3), draw(4), label="flattened"),
    _case("inner", draw(2, 4), draw(3, 4)),
    _case("vdot", draw(2, 3), draw(2, 3)),
    Case(
        "vdot",
        ((draw(3) + 1j * draw(3)).astype("complex64"), (draw(3) - 2j * draw(3)).astype("complex64")),
        reference=np.vdot,
        label="complex",
    ),
    *(
        Case(name, (draw(3, 3), draw(3, 3)), reference=getattr(np, name), dtypes=("int8", "uint8"), label="narrow")
        for name in ("dot", "inner", "outer", "vdot", "matmul")
    ),
    Case("tensordot", (draw(3, 3), draw(3, 3), 1), reference=np.tensordot, dtypes=("int8",), label="narrow"),
    *(_case(name, draw(2, 0), draw(0, 4), label="nothing to sum") for name in ("matmul", "dot")),
    _case("inner", draw(0, 3), draw(2, 3), label="empty"),
    _case("tensordot", draw(2, 3), draw(4, 2), axes=[[0], [-1]], label="negative axis"),
    _case("tensordot", draw(2, 0, 3), draw(0, 4), axes=[[1], [0]], label="empty"),
    _case("inner", draw(2, 3), 2.0, label="number"),
    _case("vdot", np.array(2.0), np.array(3.0), label="numbers"),
    _case("einsum", "...ij->...ji", draw(0, 2, 3), label="empty"),
    _case("einsum", ",i->i", np.array(2.0), draw(3), label="scalar"),
    _case("einsum", "iij->ij", draw(2, 2, 3), label="diagonal-of-three"),
    _case("kron", draw(2, 3), draw(4, 2), label="matrices"),
    _case("kron", draw(3), draw(2, 2), label="ranks"),
    _case("kron", draw(2, 2, 2), 3.0, label="number"),
    _case("kron", draw(0, 2), draw(3, 2), label="empty"),
    Case("cdist", (draw(4, 3), draw(5, 3)), reference=_distances, gradient=True, dtypes=FLOATS, label="points"),
    Case("cdist", (draw(2, 1, 4, 3), draw(3, 5, 3)), reference=_distances, gradient=True, label="batches"),
    Case("cdist", (draw(4, 3), draw(5, 3)), reference=_distances, dtypes=("int32",), label="int"),
    Case(
        "cdist",
        (np.array([[0.0, 0.0], [3.0, 4.0], [np.nan, 0.0]]), np.zeros((1, 2))),
        reference=lambda x, y: np.array([[0.0], [5.0], [np.nan]]),
        label="same",
    ),
]
