"""Complex numbers and their parts, element-wise.

The gradient with respect to a real tensor does not depend on what is complex between it and the result. That with
respect to a complex one follows the framework: for a real function of ``x + iy``, JAX and the NumPy backend give
``df/dx - i df/dy``, PyTorch and TensorFlow the conjugate of it.
"""

from __future__ import annotations

import math

from dl_ops import ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.dtypes import is_complex
from dl_ops.op import op, primitive
from dl_ops.rules import broadcast, composed, floating_part, kept, part, same, tested
from dl_ops.typing import Tensor, TensorLike

__all__ = ["angle", "conj", "conjugate", "imag", "isreal", "real"]


@op(shape=broadcast, dtype=composed, name="complex")
def from_parts(real: TensorLike, imaginary: TensorLike) -> Tensor:
    """Complex numbers from their real and imaginary parts.

    Parameters
    ----------
    real, imaginary : tensor_like
        Real, of shapes that broadcast.

    Returns
    -------
    tensor
        complex128 if one of them is float64, else complex64.

    Examples
    --------
    >>> from_parts([1.0, 2.0], -1.0).tolist()
    [(1-1j), (2-1j)]
    """
    raise primitive()


@op(shape=same, dtype=part)
def real(x: TensorLike) -> Tensor:
    """Real part, element-wise.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        float32 for complex64, float64 for complex128; real `x` itself.

    Examples
    --------
    >>> real([1 + 2j, 3 - 4j]).tolist()
    [1.0, 3.0]
    """
    raise primitive()


@op(shape=same, dtype=part)
def imag(x: TensorLike) -> Tensor:
    """Imaginary part, element-wise.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        float32 for complex64, float64 for complex128; for real `x` zeros of its dtype.

    Examples
    --------
    >>> imag([1 + 2j, 3 - 4j]).tolist()
    [2.0, -4.0]
    """
    raise primitive()


@op(shape=same, dtype=kept)
def conj(x: TensorLike) -> Tensor:
    """Complex conjugate, element-wise.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        Real `x` itself.

    Examples
    --------
    >>> conj([1 + 2j, 3 - 4j]).tolist()
    [(1-2j), (3+4j)]
    """
    if not is_complex(dtype_of(x)):
        return x  # type: ignore[return-value]  # dispatch has made it a tensor
    return from_parts(real(x), ops.negative(imag(x)))


@op(shape=same, dtype=kept)
def conjugate(x: TensorLike) -> Tensor:
    """Complex conjugate, element-wise; another name for `conj`.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        Real `x` itself.

    Examples
    --------
    >>> conjugate([1 + 2j]).tolist()
    [(1-2j)]
    """
    return conj(x)


@op(shape=same, dtype=floating_part)
def angle(x: TensorLike) -> Tensor:
    """Angle of complex numbers with the positive real axis, element-wise.

    Parameters
    ----------
    x : tensor_like, shape (...)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (...)
        In radians, from -pi to pi: for real numbers 0 or, where the sign is negative, pi.

    Examples
    --------
    >>> angle([1.0, 1j]).tolist()
    [0.0, 1.5707...]
    """
    if is_complex(dtype_of(x)):
        return ops.arctan2(imag(x), real(x))
    angles = ops.where(ops.signbit(x), ops.full_like(x, math.pi), ops.zeros_like(x))
    return ops.where(ops.isnan(x), x, angles)  # type: ignore[no-any-return]


@op(shape=same, dtype=tested)
def isreal(x: TensorLike) -> Tensor:
    """Element-wise test for an imaginary part of zero.

    Parameters
    ----------
    x : tensor_like, shape (...)

    Returns
    -------
    tensor, shape (...)
        Boolean.

    Examples
    --------
    >>> isreal([1 + 0j, 1j]).tolist()
    [True, False]
    """
    if not is_complex(dtype_of(x)):
        return ops.ones_like(x, dtype="bool")
    return ops.equal(imag(x), 0)
