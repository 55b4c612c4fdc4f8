"""Cases of products with a bias."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_ops.testing import references
from dl_ops.testing.arrays import draw
from dl_ops.testing.case import FLOATS, Case
from dl_ops.typing import Array


def _affine(x: Array, kernel: Array, bias: Array, axes: int = 1) -> Any:
    return np.tensordot(x, kernel, axes) + bias


def _biased_conv(x: Array, kernel: Array, bias: Array, *options: Any) -> Any:
    y = references.conv(x, kernel, *options)
    first = len(options) > 2 and options[2] == "channels_first"
    return y + (bias.reshape(-1, *[1] * (x.ndim - 2)) if first else bias)


def _case(label: str, *args: Any, **options: Any) -> Case:
    return Case("affine", args, reference=_affine, gradient=True, unknown=("x",), label=label, tolerance=4, **options)


def _conv(label: str, *args: Any, **options: Any) -> Case:
    return Case(
        "biased_conv",
        args,
        reference=_biased_conv,
        unknown=("inputs",),
        label=label,
        tolerance=4,
        **options,
    )


CASES: Final = [
    _case("", draw(3, 4), draw(4, 2), draw(2), dtypes=FLOATS),
    _case("row", draw(4), draw(4, 2), draw(2)),
    _case("sequence", draw(3, 5, 4), draw(4, 2), draw(2)),
    _case("columns", draw(3, 5, 4), draw(4, 2, 3), draw(2, 3)),
    _case("rows", draw(3, 5, 2, 4), draw(2, 4, 3), draw(3), 2),
    _case("rows-and-columns", draw(3, 2, 4), draw(2, 4, 3, 2), draw(3, 2), 2),
    _case("no-samples", draw(0, 4), draw(4, 2), draw(2)),
    Case("affine", (draw(3, 4), draw(4, 2), draw(2)), reference=_affine, dtypes=("int32",), label="integers"),
    _conv("1d", draw(2, 8, 3), draw(3, 3, 5), draw(5), gradient=True),
    _conv("2d", draw(2, 6, 7, 4), draw(3, 2, 4, 3), draw(3), gradient=True),
    _conv("same-strides", draw(2, 6, 7, 4), draw(3, 2, 4, 3), draw(3), 2, "same", gradient=True),
    _conv("groups", draw(2, 5, 6, 4), draw(2, 2, 2, 6), draw(6), gradient=True),
    _conv("channels-first", draw(2, 4, 6, 7), draw(3, 2, 4, 3), draw(3), 1, "valid", "channels_first", gradient=True),
    _conv("integers", draw(1, 4, 5, 2), draw(2, 2, 2, 3), draw(3), dtypes=("int32",)),
]
