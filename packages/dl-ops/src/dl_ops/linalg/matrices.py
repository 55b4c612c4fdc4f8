"""Shape checks of linear algebra."""

from __future__ import annotations

from typing import Any

from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import Shape


def matrix(x: Any, name: str = "x") -> Shape:
    """The shape of `x`; a ``ValueError`` if it is no stack of matrices."""
    if len(x.shape) < 2:
        raise ValueError(f"{name} has shape {tuple(x.shape)}: expected at least two dimensions")
    return tuple(x.shape)


def square_matrix(x: Any, *arguments: Any, **options: Any) -> Shape:
    """The shape of `x`; a ``ValueError`` if it is no stack of square matrices."""
    shape = matrix(x)
    if None not in shape[-2:] and shape[-1] != shape[-2]:
        raise ValueError(f"x has shape {shape}: expected square matrices")
    return shape


def square_matrix_scalar(x: Any) -> Shape:
    """The shape of one number for each square matrix in `x`."""
    return square_matrix(x)[:-2]


def spec(shape: Shape, dtype: str) -> KerasTensor:
    """Shape and dtype of one output of several."""
    return KerasTensor(shape, dtype, record_history=False)
