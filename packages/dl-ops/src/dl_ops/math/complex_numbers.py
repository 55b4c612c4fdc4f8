"""Complex numbers as pairs of real ones."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.core.tensors import shape as shape_of
from dl_ops.numpy.complex_numbers import from_parts, imag, real
from dl_ops.op import op
from dl_ops.rules import composed, part
from dl_ops.typing import Shape, Tensor, TensorLike

__all__ = ["view_as_complex", "view_as_real"]


def _unpaired(x: Any) -> Shape:
    shape = shape_of(x)
    if not shape or shape[-1] not in (2, None):
        raise ValueError(
            f"view_as_complex(): x has shape {shape}: expected a last axis of size 2, of real and imaginary parts"
        )
    return shape[:-1]


@op(shape=_unpaired, dtype=composed)
def view_as_complex(x: TensorLike) -> Tensor:
    """Complex numbers from pairs of real ones.

    Parameters
    ----------
    x : tensor_like, shape (..., 2)
        Real and imaginary parts.

    Returns
    -------
    tensor, shape (...)
        complex128 if `x` is float64, else complex64.

    Raises
    ------
    ValueError
        If the last axis does not have size 2.

    Examples
    --------
    >>> view_as_complex([[1.0, 2.0], [3.0, 4.0]]).tolist()
    [(1+2j), (3+4j)]
    """
    _unpaired(x)
    return from_parts(ops.get_item(x, (..., 0)), ops.get_item(x, (..., 1)))


@op(shape=lambda x: (*x.shape, 2), dtype=part)
def view_as_real(x: TensorLike) -> Tensor:
    """Pairs of real and imaginary parts of complex numbers.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (..., 2)
        float32 for complex64, float64 for complex128; real `x` keep their dtype.

    Examples
    --------
    >>> view_as_real([1 + 2j, 3 + 4j]).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    return ops.stack([real(x), imag(x)], axis=-1)
