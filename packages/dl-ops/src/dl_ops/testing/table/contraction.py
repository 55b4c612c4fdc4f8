"""Cases of products of matrices and tensors."""

from __future__ import annotations

from typing import Final

import numpy as np

from dl_ops.testing.arrays import draw
from dl_ops.testing.case import NUMBERS, Case


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
]
